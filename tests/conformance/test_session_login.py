"""Login by session: the page, the cookies and the token that goes with every call that writes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from authspec_conformance.clean_up import delete_all
from authspec_conformance.costs import password_computations
from authspec_conformance.errors import Inconclusive
from authspec_conformance.exchange import Call, Reply
from authspec_conformance.login import schemes
from authspec_conformance.preflight import preflight
from authspec_conformance.session_login import SessionNames, session_credentials, with_login_page
from authspec_conformance.settings import read_settings
from authspec_contract.errors import UsageError
from authspec_contract.profile import DjoserSettings, Profile
from authspec_contract.profile_file import load_profile
from authspec_contract.results import Outcome
from authspec_mock import app
from authspec_mock.asgi import send_response
from authspec_mock.server import MockServer

from .actors import people_of
from .sample import DOCUMENT

FILE = Path(__file__).parents[1] / "fidelity" / "profiles" / "session-first.yaml"
SESSION = load_profile(str(FILE))
BOTH = replace(DOCUMENT, authentication=("token", "session"), session_login="/api-auth/login/")


@pytest.fixture
def target() -> Iterator[MockServer]:
    with MockServer(SESSION) as server:
        yield server


def test_the_page_is_a_way_in_where_the_profile_has_it() -> None:
    assert schemes(SESSION) == ("session",)
    assert schemes(BOTH) == ("token", "session")
    assert schemes(replace(BOTH, session_login=None)) == ("token",)


def test_a_token_login_that_begins_a_session_is_one_too() -> None:
    djoser = DjoserSettings(CREATE_SESSION_ON_LOGIN=True)
    profile = Profile("p", djoser=djoser, authentication=("session",), urls=("users", "token"))
    assert schemes(profile) == ("session",)
    with MockServer(
        replace(SESSION, urls=("users", "token"), session_login=None, djoser=djoser)
    ) as m:
        people = people_of(m.url, profile=m.profile)
        client = people.client(people.active())
        assert client.credentials is not None
        assert client.credentials.scheme == "session"
        assert client("me_patch", {"name": "Ada"}).status == 200


def test_a_session_reads_and_writes(target: MockServer) -> None:
    people = people_of(target.url, profile=SESSION)
    client = people.client(people.active())
    assert client("me_patch", {"name": "Ada"}).json["name"] == "Ada"
    assert client("me").json["name"] == "Ada"


def test_a_refused_login_is_no_session(target: MockServer) -> None:
    people = people_of(target.url, profile=SESSION)
    account = people.active()
    assert people.accepted(people.try_login(account.login, "wrong password")) is None
    assert people.can_log_in(account)


def test_every_account_is_deleted_through_its_session(target: MockServer) -> None:
    people = people_of(target.url, profile=SESSION)
    people.active()
    people.register()
    assert delete_all(people) == []


def test_a_session_ends_with_the_password_and_the_next_login_is_a_new_one(
    target: MockServer,
) -> None:
    people = people_of(target.url, profile=SESSION)
    account = people.active()
    client, new = people.client(account), people.ledger.password()
    change = {"current_password": account.password, "new_password": new}
    assert client("set_password", change).status == 204
    assert client("me").status == 403
    account.password = new
    assert people.fresh_client(account)("me").status == 200


def test_a_caller_follows_its_cookies_and_a_picture_of_it_does_not() -> None:
    djoser = DjoserSettings(CREATE_SESSION_ON_LOGIN=True)
    with MockServer(replace(SESSION, djoser=djoser)) as mock:
        people = people_of(mock.url, profile=mock.profile)
        account = people.active()
        client, new = people.client(account), people.ledger.password()
        assert client.credentials is not None
        before = client.credentials.as_now()
        change = {"current_password": account.password, "new_password": new}
        assert client("set_password", change).status == 204
        assert client("me").status == 200
        assert people.api.with_(before)("me").status == 403


def test_a_target_without_the_page_is_told_of(mock: MockServer) -> None:
    people = people_of(mock.url, profile=BOTH)
    with pytest.raises(Inconclusive, match="there is no login page"):
        people.try_login("a@example.com", "b", scheme="session")
    note = preflight(people.api, BOTH).note
    assert note is not None
    assert "mend 'session_login'" in note


def test_the_fitting_target_gets_no_note(target: MockServer) -> None:
    assert preflight(people_of(target.url, profile=SESSION).api, SESSION).note is None


def test_the_configuration_may_name_the_page() -> None:
    assert with_login_page(SESSION, None) is SESSION
    assert with_login_page(SESSION, "/in/").session_login == "/in/"
    with pytest.raises(UsageError, match="add session to its 'authentication'"):
        with_login_page(DOCUMENT, "/in/")


OTHER = SessionNames(session_cookie="sid", csrf_cookie="xsrf", csrf_header="X-XSRF")


def answer(status: int, cookies: dict[str, str], kind: str = "text/html", sent: str = "") -> Reply:
    call = Call("POST", "http://api.test/in/", {"Cookie": sent} if sent else {})
    headers = CaseInsensitiveDict({"Content-Type": kind})
    return Reply(1, call, status, headers, b"", 0.0, cookies)


def test_a_deployment_may_call_its_cookies_otherwise() -> None:
    reply = answer(302, {"sid": "a" * 32, "xsrf": "b" * 32})
    found = session_credentials(reply, OTHER, "https://api.test")
    assert found is not None
    assert found.headers == {
        "Cookie": f"sid={'a' * 32}; xsrf={'b' * 32}",
        "X-XSRF": "b" * 32,
        "Referer": "https://api.test/",
    }


@pytest.mark.parametrize(
    ("called", "outcome"), [("sid", Outcome.FAIL), ("sessionid", Outcome.PASS)]
)
def test_a_session_that_nobody_asked_for_is_found_by_the_configured_name_of_its_cookie(
    check: Any, place: Path, monkeypatch: pytest.MonkeyPatch, called: str, outcome: Outcome
) -> None:
    cookie = ("Set-Cookie", f"sid={'a' * 32}; Path=/")
    monkeypatch.setattr(
        app,
        "send_response",
        lambda send, reply, extra=(): send_response(send, reply, (*extra, cookie)),
    )
    Path("authspec.toml").write_text(f'[login]\nsession_cookie = "{called}"\n')
    ids = ("REG-034", "ACT-018", "LOG-050")
    done = check(*(word for id_ in ids for word in ("--only", id_)))
    found = {r.requirement: r.outcome for r in done.run.results if r.requirement in ids}
    assert found == dict.fromkeys(ids, outcome)


@pytest.mark.parametrize(
    ("cookies", "sets"),
    [
        ({"sid": "a" * 32}, True),
        ({"sessionid": "a" * 32}, False),
        ({"sid": '""'}, False),
        ({}, False),
    ],
    ids=["by its name", "another cookie", "a deleted one", "none"],
)
def test_an_answer_sets_a_session_by_the_cookie_of_its_name(
    mock: MockServer, cookies: dict[str, str], sets: bool
) -> None:
    people = people_of(mock.url, names=OTHER)
    assert people.sets_session(answer(200, cookies)) is sets


def test_a_token_that_the_login_leaves_as_it_was_goes_on() -> None:
    reply = answer(302, {"sid": "a" * 32}, sent=f"other=1; xsrf={'c' * 32}")
    found = session_credentials(reply, OTHER, "https://api.test")
    assert found is not None
    assert found.headers["X-XSRF"] == "c" * 32


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, {"sid": "a" * 32}),
        answer(403, {"sid": "a" * 32}),
        answer(302, {"xsrf": "b" * 32}),
        answer(302, {"sid": '""'}),
    ],
    ids=["the form again", "refused", "no session", "a deleted one"],
)
def test_what_is_no_login_begins_no_session(reply: Reply) -> None:
    assert session_credentials(reply, OTHER, "http://api.test") is None


def test_data_in_place_of_a_page_is_a_login_too() -> None:
    reply = answer(200, {"sid": "a" * 32}, kind="application/json")
    assert session_credentials(reply, OTHER, "http://api.test") is not None


def test_a_whole_run_by_session_is_green(check: Any) -> None:
    done = check("--profile", str(FILE), "--fast")
    assert done.exit == 0, done.out
    assert done.run.footer.leftovers == ()


def test_a_run_by_a_scheme_of_ones_choice_logs_in_by_it(check: Any, place: Path) -> None:
    Path("authspec.toml").write_text('[login]\nscheme = "session"\nurl = "/api-auth/login/"\n')
    profile = FILE.read_text().replace(
        "authentication: [session]", "authentication: [token, session]"
    )
    profile = profile.replace("urls: [users]", "urls: [users, token]")
    profile = profile.replace("session_login: /api-auth/login/\n", "")
    Path("mine.yaml").write_text(profile)
    done = check("--profile", "mine.yaml", "--only", "LOG-041", "--only", "ME-001")
    assert done.exit == 0, done.out
    exchanges = done.run.exchanges.values()
    assert any(exchange.url.endswith("/api-auth/login/") for exchange in exchanges)
    known = [e for e in exchanges if e.url.endswith("/users/me/") and e.status == 200]
    assert known
    assert all("sessionid=$COOKIE" in e.request.headers["Cookie"] for e in known)


def test_a_scheme_that_the_profile_lacks_is_refused(check: Any, place: Path) -> None:
    Path("authspec.toml").write_text('[login]\nscheme = "session"\n')
    done = check()
    assert done.exit == 2
    assert "has no login by it" in done.err


def test_the_configuration_names_what_the_deployment_calls_otherwise(place: Path) -> None:
    lines = ['[login]\nurl = "/in/"\nusername_field = "login"\nsession_cookie = "sid"']
    Path("authspec.toml").write_text("\n".join(lines))
    settings = read_settings(None, {})
    assert settings.login_url == "/in/"
    assert settings.session == SessionNames(username_field="login", session_cookie="sid")
    Path("authspec.toml").write_text('[login]\nurl = "https://elsewhere.example/in/"\n')
    with pytest.raises(UsageError, match="a path on the target"):
        read_settings(None, {})


def test_a_login_by_any_page_counts_as_a_hash() -> None:
    profile = replace(SESSION, session_login="/in/")
    call = Call("POST", "http://api.test/in/", {}, b'{"username": "a", "password": "b"}')
    tried = [Reply(1, call, status, {}, b"", 0.0, {}) for status in (200, 415, 500)]
    assert [password_computations(reply, profile) for reply in tried] == [1, 0, 0]
