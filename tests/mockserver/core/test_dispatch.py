"""HTTP: paths, methods, media types of answers, and the order of the checks."""

import json
from dataclasses import replace
from typing import Any

import pytest

from authspec_contract.profile_file import load_profile

from .client import PASSWORD, Client

ME_METHODS = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"


def known() -> tuple[Client, str]:
    client = Client()
    client.world.put_user("ada@example.com", password=PASSWORD)
    return client, client.bearer()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/auth/users/me", 301),
        ("/auth/users", 301),
        ("/auth", 301),
        ("/auth/jwt/create", 401),
        ("/auth/jwt/createXYZ", 401),
        ("/auth/token/login", 401),
        ("/auth/token/loginx", 404),
        ("/auth/users/me/x/", 404),
        ("/nothing", 404),
        ("/auth/users/a.b.c/", 404),
        ("/auth/users/me.json", 401),
        ("/auth/users/me/\n", 404),
        ("/auth/.json", 200),
    ],
)
def test_paths(path: str, status: int) -> None:
    answer = Client().get(path)
    assert answer.status in (status, 405 if status == 401 else status)


def test_a_missing_slash_redirects_with_the_query() -> None:
    answer = Client().get("/auth/users/me?a=b c")
    assert answer.header("Location") == "/auth/users/me/?a=b%20c"
    assert answer.response.body == b""


def test_no_redirect_leads_to_another_host() -> None:
    profile = replace(load_profile("document"), prefix="//evil/")
    answer = Client(profile).get("//evil/users")
    assert (answer.header("Location") or "").startswith("/%2Fevil")


def test_no_redirect_where_the_profile_has_none() -> None:
    profile = load_profile("document")
    client = Client(replace(profile, django=replace(profile.django, APPEND_SLASH=False)))
    assert client.get("users/me").status == 404


def test_the_root_lists_the_users() -> None:
    assert Client().get("/auth/").json == {"users": "http://api.test/auth/users/"}


def test_a_wrong_method_is_405_for_users_and_401_for_others() -> None:
    client, header = known()
    anonymous = client.get("users/activation/")
    assert (anonymous.status, anonymous.header("Allow")) == (401, "POST, OPTIONS")
    answer = client.get("users/activation/", auth=header)
    assert (answer.status, answer.json) == (405, {"detail": 'Method "GET" not allowed.'})
    assert client.send("FOO", "jwt/create/").status == 405
    assert client.send("post", "users/").status == 400


def test_head_is_get_without_a_body() -> None:
    client, header = known()
    get, head = (client.send(m, "users/me/", auth=header) for m in ("GET", "HEAD"))
    assert head.status == get.status
    assert head.response.headers == get.response.headers
    assert head.response.body == b""


def test_every_answer_of_a_view_lists_its_methods() -> None:
    client, header = known()
    for answer in (client.get("users/me/"), client.get("users/me/", auth=header)):
        assert answer.header("Allow") == ME_METHODS


@pytest.mark.parametrize(
    ("accept", "status", "content_type"),
    [
        ("*/*", 200, "application/json"),
        ("text/html", 200, "text/html; charset=utf-8"),
        ("text/html, application/json", 200, "application/json"),
        ("text/html, */*", 200, "text/html; charset=utf-8"),
        ("application/json; version=2", 200, "application/json"),
        ("application/xml", 406, "application/json"),
        ("", 406, "application/json"),
        ("a" * 300, 406, "application/json"),
    ],
)
def test_accept(accept: str, status: int, content_type: str) -> None:
    client, header = known()
    answer = client.get("users/me/", auth=header, accept=accept)
    assert (answer.status, answer.header("Content-Type")) == (status, content_type)


def test_a_format_in_path_or_query_chooses_the_renderer() -> None:
    client, header = known()
    assert client.get("users/me/?format=json", auth=header, accept="text/html").status == 406
    assert client.get("users/me/?format=xml", auth=header).json == {"detail": "Not found."}
    page = client.get("users/me.api", auth=header)
    assert page.header("Content-Type") == "text/html; charset=utf-8"


def test_json_has_no_spaces_and_can_be_indented() -> None:
    client, header = known()
    client.send("PATCH", "users/me/", {"name": "Zo\u2028ë"}, auth=header)
    plain = client.get("users/me/", auth=header).response.body.decode()
    assert plain == '{"id":1,"email":"ada@example.com","name":"Zo\\u2028ë"}'
    indented = client.get("users/me/", auth=header, accept="application/json; indent=2")
    assert indented.response.body.startswith(b'{\n  "id": 1,')


def test_a_page_makes_204_a_200() -> None:
    answer = Client().post("users/reset_password/", {"email": "a@b.co"}, accept="text/html")
    assert answer.status == 200
    assert b"HTTP 204" in answer.response.body


@pytest.mark.parametrize("host", ["bad host", "a_b", "", "x:y"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    answer = Client().get("users/me/", host=host)
    assert (answer.status, answer.header("Allow")) == (400, None)


def test_the_checks_come_in_drfs_order() -> None:
    client, header = known()
    bad: dict[str, Any] = {"raw": b"{", "content_type": "text/plain"}
    path = "users/set_password/"
    assert client.post(path, **bad, auth="Token x", accept="a/b").status == 406
    assert client.post(path, **bad, auth="Token x").status == 401
    assert client.send("GET", path, **bad, auth=header).status == 405
    assert client.post(path, **bad, auth=header).status == 415
    missing = client.send("PATCH", "users/9/", raw=b"{", content_type="text/plain", auth=header)
    assert missing.status == 404


def test_a_stale_credential_is_refused_on_public_calls_but_not_by_simplejwt() -> None:
    client, _ = known()
    assert client.post("users/", {}, auth="Token x").status == 401
    assert client.post("token/login/", {}, auth="Token x").status == 401
    assert client.post("jwt/create/", {}, auth="Token x").status == 400


def test_session_first_turns_401_into_403_save_for_web_tokens() -> None:
    client = Client("hypersaas")
    answer = client.get("users/me/")
    assert (answer.status, answer.header("WWW-Authenticate")) == (403, None)
    login = client.login("nobody")
    assert (login.status, login.header("WWW-Authenticate")) == (401, 'JWT realm="api"')


def test_options_describes_the_view() -> None:
    client, header = known()
    found = client.send("OPTIONS", "users/me/", auth=header).json
    assert (found["name"], list(found["actions"])) == ("Me", ["PUT"])
    assert found["actions"]["PUT"]["name"] == {
        "type": "string",
        "required": False,
        "read_only": False,
        "label": "Name of User",
        "max_length": 255,
    }
    assert client.send("OPTIONS", "users/me/").status == 401
    other = client.send("OPTIONS", "users/9/", auth=header).json
    assert "actions" not in other
    login = client.send("OPTIONS", "jwt/create/").json
    assert list(login["actions"]["POST"]) == ["email", "password"]


def test_an_answer_that_cannot_be_encoded_is_still_one() -> None:
    profile = load_profile("document")
    field = replace(profile.user.fields[2], type="choice", choices=("a",), max_length=None)
    fields = (*profile.user.fields[:2], field)
    client = Client(replace(profile, user=replace(profile.user, fields=fields)))
    client.world.put_user("ada@example.com", password=PASSWORD)
    answer = client.send("PATCH", "users/me/", {"name": "\ud800"}, auth=client.bearer())
    assert json.loads(answer.response.body) == {"name": ['"?" is not a valid choice.']}
