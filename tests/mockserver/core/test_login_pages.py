"""The pages that begin and end a session."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile

from .client import PASSWORD, Answer, Client

PAGE, LOGOUT = "/api-auth/login/", "/api-auth/logout/"
FORM = "application/x-www-form-urlencoded"


def session_profile() -> Profile:
    """A deployment whose callers log in by the page alone."""
    return replace(
        load_profile("document"), authentication=("session",), urls=("users",), session_login=PAGE
    )


def posted(client: Client, token: str | None = None, page: str = PAGE, **form: str) -> Answer:
    """A posted form, with the CSRF token of a page that was looked at first."""
    token = token or client.get(PAGE).cookies()["csrftoken"]
    body = urlencode({**form, "csrfmiddlewaretoken": token}).encode()
    return client.post(page, raw=body, content_type=FORM, cookie=f"csrftoken={token}")


def log_in(client: Client, name: str, password: str = PASSWORD) -> dict[str, str]:
    """The headers of a caller that logs in by the page."""
    cookies = posted(client, username=f"{name}@example.com", password=password).cookies()
    jar = f"sessionid={cookies.get('sessionid', 'none')}; csrftoken={cookies['csrftoken']}"
    return {"cookie": jar, "x_csrftoken": cookies["csrftoken"]}


@pytest.fixture
def client() -> Client:
    made = Client(session_profile())
    made.world.put_user("ada@example.com", password=PASSWORD)
    return made


def test_the_page_is_a_form_and_sets_a_csrf_token(client: Client) -> None:
    page = client.get(PAGE)
    assert (page.status, list(page.cookies())) == (200, ["csrftoken"])
    assert page.cookies()["csrftoken"] in page.response.body.decode()


def test_a_login_goes_on_to_another_page_and_begins_a_session(client: Client) -> None:
    answer = posted(client, username=" ada@example.com ", password=PASSWORD)
    assert (answer.status, answer.header("Location")) == (302, "/accounts/profile/")
    assert set(answer.cookies()) == {"sessionid", "csrftoken"}
    me = client.get("users/me/", cookie=f"sessionid={answer.cookies()['sessionid']}")
    assert me.json["email"] == "ada@example.com"


@pytest.mark.parametrize(
    "form",
    [
        {"username": "ada@example.com", "password": "wrong"},
        {"username": "ada@example.com", "password": f"{PASSWORD} "},
        {"username": "ada@example.com"},
        {"username": "nobody@example.com", "password": PASSWORD},
        {"username": "ada@example.com\0", "password": PASSWORD},
    ],
    ids=["wrong", "with a blank", "none", "nobody", "with a null"],
)
def test_a_refused_login_shows_the_form_again(client: Client, form: dict[str, str]) -> None:
    answer = posted(client, **form)
    assert (answer.status, list(answer.cookies())) == (200, ["csrftoken"])


def test_an_inactive_account_gets_no_session(client: Client) -> None:
    client.world.put_user("ada@example.com", is_active=False)
    assert posted(client, username="ada@example.com", password=PASSWORD).status == 200


def test_a_form_without_its_token_is_refused(client: Client) -> None:
    body = urlencode({"username": "ada@example.com", "password": PASSWORD}).encode()
    assert client.post(PAGE, raw=body, content_type=FORM).status == 403


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/x/?a=b", "/x/?a=b"),
        ("http://api.test/x", "http://api.test/x"),
        ("//evil.test/", "/accounts/profile/"),
        ("https://evil.test/", "/accounts/profile/"),
        ("javascript:alert(1)", "/accounts/profile/"),
        ("/\\evil.test", "/accounts/profile/"),
    ],
)
def test_a_login_goes_on_to_this_server_only(client: Client, wanted: str, location: str) -> None:
    form = {"username": "ada@example.com", "password": PASSWORD, "next": wanted}
    assert posted(client, **form).header("Location") == location


def test_a_key_that_the_caller_made_up_is_not_taken_over(client: Client) -> None:
    token = client.get(PAGE).cookies()["csrftoken"]
    form = {
        "username": "ada@example.com",
        "password": PASSWORD,
        "csrfmiddlewaretoken": token,
    }
    cookie = f"csrftoken={token}; sessionid={'a' * 32}"
    raw = urlencode(form).encode()
    answer = client.post(PAGE, raw=raw, content_type=FORM, cookie=cookie)
    assert answer.cookies()["sessionid"] != "a" * 32


def test_a_logout_ends_the_session(client: Client) -> None:
    session = log_in(client, "ada")
    answer = client.post(LOGOUT, raw=b"next=/x/", content_type=FORM, **session)
    assert (answer.status, answer.header("Location")) == (302, "/x/")
    assert answer.cookies()["sessionid"] == '""'
    assert client.get("users/me/", **session).status == 403


def test_a_logout_is_posted(client: Client) -> None:
    answer = client.get(LOGOUT)
    assert (answer.status, answer.header("Allow")) == (405, "POST, OPTIONS")


def test_without_the_setting_there_is_no_page() -> None:
    assert Client().get(PAGE).status == 404


def test_another_path_has_its_logout_beside() -> None:
    other = replace(session_profile(), session_login="/accounts/login/")
    client = Client(other)
    assert client.get("/accounts/login/").status == 200
    assert client.get("/accounts/logout/").status == 405
    assert client.get("/accounts/login").status == 301
