"""The pages of the mock: the inbox and the contract."""

import pytest
import requests
import yaml

from authspec_mock.server import MockServer, WorldHandle


def test_the_inbox_is_one_self_contained_page(mock: WorldHandle, http: requests.Session) -> None:
    page = http.get(f"{mock.url}/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "{{" not in page.text
    for outside in ("src=", "https://", "@import", "stylesheet"):
        assert outside not in page.text
    assert f'"base": "/_mock/worlds/{mock.name}"' in page.text


@pytest.mark.parametrize("profile", ["document", "djoser", "hypersaas"])
def test_the_contract_is_that_of_the_profile(profile: str, http: requests.Session) -> None:
    with MockServer(profile) as server:
        document = http.get(f"{server.url}/openapi.json").json()
        assert document["openapi"].startswith("3.1")
        as_yaml = yaml.safe_load(http.get(f"{server.url}/openapi.yaml").text)
        assert as_yaml == document
        page = http.get(f"{server.url}/docs")
        assert page.status_code == 200
        assert "{{" not in page.text
        assert "users/me/" in page.text
        assert "<code>x-in-document: false</code>" in page.text


def test_the_contract_follows_a_change_of_the_profile(
    mock: WorldHandle, http: requests.Session
) -> None:
    before = http.get(f"{mock.url}/openapi.json").json()
    mock.change_profile(djoser={"USER_CREATE_PASSWORD_RETYPE": False})
    assert http.get(f"{mock.url}/openapi.json").json() != before
