"""Login by session: its cookie, its CSRF token, and what ends it."""

import re
from urllib.parse import urlencode

import pytest

from authspec_conformance import expect
from authspec_conformance.accounts import Account
from authspec_conformance.bodies import confirm_reset, set_password, tampered
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client, Credentials
from authspec_conformance.exchange import Reply
from authspec_conformance.people import People
from authspec_contract.profile import Profile

MADE_UP = "authspecmadethiskeyupbyitself000"
"""As Django's session keys are: 32 small letters and digits."""


@requirement("LOG-040", "LOG-041", "LOG-042", "LOG-044", "LOG-045", "LOG-048")
def test_login_by_session(claim: Claims, api: Client, people: People, profile: Profile) -> None:
    """Right and wrong logins, and one with a key that the caller brings along."""
    account, other = people.shared(), people.shared("second")
    if claim.wants("LOG-040"):
        with claim("LOG-040"):
            reply = people.try_login(account.login, account.password, scheme="token")
            _is(api, _begun(people, reply), account, profile)
            if not people.frugal:
                theirs = people.try_login(other.login, other.password, scheme="token")
                _is(api, _begun(people, theirs), other, profile)
    reply = people.try_login(account.login, account.password, scheme="session")
    with claim("LOG-041"):
        _is(api, _begun(people, reply), account, profile)
        _is(api, _session_of(people.client(other, scheme="session")), other, profile)
    with expect.given("an account can log in by session"):
        session = _begun(people, reply)
        people.keep(account, session)
    with claim("LOG-042"):
        attempts = [
            (account.login, other.password),
            (account.login, account.password[:-1] + "_"),
            (people.ledger.address(), account.password),
        ]
        for login, password in attempts[: 1 if people.frugal else 3]:
            refused = people.try_login(login, password, scheme="session")
            if people.accepted(refused, scheme="session"):
                expect.fail(f"{refused} begins a session for a wrong login")
    with claim("LOG-044"):
        brought = people.try_login_with_session(account, MADE_UP)
        named = _begun(people, brought)
        if named.secret == session.secret:
            # a signed cookie is its account and its second (sessions/backends/signed_cookies.py)
            people.let_a_second_pass()
            brought = people.try_login_with_session(account, MADE_UP)
            named = _begun(people, brought)
        if named.secret in {MADE_UP, session.secret}:
            expect.fail(f"{brought} begins a session under a key that was there before it")
        planted = _with_key(session, MADE_UP)
        expect.status(api.with_(planted)("me"), profile.anonymous_status)
    with claim("LOG-045"):
        if not re.search(r";\s*httponly\b", _set_cookie(reply, session), re.IGNORECASE):
            expect.fail(f"{reply} sets a session cookie that is not HttpOnly")
    with claim("LOG-048"):
        for forged in (*tampered(session.secret), "0" * 32):
            expect.status(api.with_(_with_key(session, forged))("me"), profile.anonymous_status)


@requirement("LOG-043")
def test_a_session_writes_only_with_its_csrf_token(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """A foreign page has the browser send the cookies, and cannot know the token."""
    account, other = people.active(), people.shared("second")
    client = people.client(account, scheme="session")
    session, theirs = client.credentials, people.client(other, scheme="session").credentials
    assert session is not None
    assert theirs is not None
    before, new = people.me(client), people.ledger.password()
    account.became(password=new)
    token = next((n for n in session.headers if n not in {"Cookie", "Referer"}), None)
    with claim("LOG-043"):
        expect.status(client("me"), 200)
        key = f"{next(iter(session.cookies))}={session.secret}"
        cookies = {"Cookie": session.headers["Cookie"], "Referer": session.headers["Referer"]}
        attempts = [cookies, {"Cookie": key}]
        if token is not None:
            attempts += [{**cookies, token: w} for w in ("a" * 32, theirs.headers.get(token, ""))]
        if token is not None and len(session.cookies) > 1:  # else the session itself has the token
            attempts.append({"Cookie": key, token: session.headers[token]})
        for headers in attempts:
            foreign = api.with_(Credentials("session", headers))
            body = {f.name: "Changed" for f in profile.user.fields if f.free_text}
            expect.detail(foreign("me_patch", body), 403)
        foreign = api.with_(Credentials("session", cookies))
        change = set_password(profile, account.password, new)
        expect.detail(foreign("set_password", change), 403)
        expect.detail(foreign("me_delete", {"current_password": account.password}), 403)
        form = urlencode({"current_password": account.password}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        expect.detail(foreign.raw("DELETE", "users/me/", data=form, headers=kind), 403)
        expect.equal(people.me(client), before, "users/me/ after calls without a CSRF token")
        expect.status(client("me_patch", {}), 200)


@requirement("LOG-046", "LOG-047")
def test_a_session_ends_at_its_logout(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """One account logs out, and the other does not notice."""
    account, other = people.shared(), people.shared("second")
    neighbour = people.client(other, scheme="session")
    log_in = people.client if people.frugal else people.fresh_client
    if claim.wants("LOG-046"):
        client = log_in(account, scheme="session")
        with claim("LOG-046"):
            session = _session_of(client)
            expect.empty(client("token_logout"))
            people.forget(account)
            expect.status(api.with_(session)("me"), profile.anonymous_status)
            expect.status(neighbour("me"), 200)
    pages = people.session_pages
    if pages is not None and claim.wants("LOG-047"):
        session = _session_of(log_in(account, scheme="session"))
        people.forget(account)
        reply = pages.log_out(session)
        if reply.status in {404, 405}:
            claim.skip("LOG-047", f"{reply}: there is no logout page beside the login page")
            return
        with claim("LOG-047"):
            expect.status(api.with_(session)("me"), profile.anonymous_status)
            expect.status(neighbour("me"), 200)


@pytest.mark.default_only
@requirement("PWD-021", "PWD-022", "PWD-023", "PWD-024", "RST-031")
def test_a_new_password_ends_sessions(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Two sessions of one account: one changes the password; later a reset ends what is left."""
    account, other = people.active(), people.shared("second")
    neighbour = people.client(other, scheme="session")
    asking, idle = (people.fresh_client(account, scheme="session") for _ in range(2))
    if claim.wants("PWD-021", "PWD-022", "PWD-023", "PWD-024"):
        new = people.ledger.password()
        reply = asking("set_password", set_password(profile, account.password, new))
        account.became(password=new)
        with expect.given("a session can change the password"):
            expect.status(reply, 204)
        account.password = new
        people.forget(account)
        with claim("PWD-021"):
            expect.status(idle("me"), profile.anonymous_status)
            expect.status(neighbour("me"), 200)
        for id_ in ("PWD-022", "PWD-024"):
            with claim(id_):
                expect.status(asking("me"), 200)
        with claim("PWD-023"):
            expect.status(asking("me"), profile.anonymous_status)
    if claim.wants("RST-031"):
        with claim("RST-031"):
            session = people.fresh_client(account, scheme="session")
            link, new = people.ask_for_reset(account.email), people.ledger.password()
            account.became(password=new)
            reply = api("reset_password_confirm", confirm_reset(profile, link.uid, link.token, new))
            with expect.given("a reset link sets a password"):
                expect.status(reply, 204)
            account.password = new
            people.forget(account)
            expect.status(session("me"), profile.anonymous_status)
            expect.status(neighbour("me"), 200)


def _begun(people: People, reply: Reply) -> Credentials:
    """The session that the answer begins."""
    session = people.accepted(reply, scheme="session")
    if session is None or session.scheme != "session":
        raise expect.Failure(f"{reply} begins no session", reply)
    return session


def _session_of(client: Client) -> Credentials:
    """The caller's session as it is now."""
    assert client.credentials is not None
    return client.credentials.as_now()


def _with_key(session: Credentials, key: str) -> Credentials:
    return Credentials("session", {"Cookie": f"{next(iter(session.cookies))}={key}"}, key)


def _is(api: Client, session: Credentials, account: Account, profile: Profile) -> None:
    """users/me/ shows this account."""
    me = expect.json_object(api.with_(session)("me"))
    if profile.login_field in me:
        expect.equal(me[profile.login_field], account.login, "the login in users/me/")


def _set_cookie(reply: Reply, session: Credentials) -> str:
    """The session's part of the `Set-Cookie` headers, which stand here in one line."""
    lines = reply.headers.get("Set-Cookie", "")
    found = re.search(rf"{next(iter(session.cookies))}=(.*?)(?=,\s*[^=;,\s]+=|$)", lines)
    return found[0] if found else ""
