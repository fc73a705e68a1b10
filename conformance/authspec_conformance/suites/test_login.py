"""Login by JWT and by token."""

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from functools import partial
from typing import Any

import pytest

from authspec_conformance import expect
from authspec_conformance.bodies import tampered
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.exchange import Reply
from authspec_conformance.login import jwt_credentials, token_credentials
from authspec_conformance.people import People
from authspec_conformance.suites.test_me import HASHES
from authspec_contract.profile import Profile


@requirement(
    "LOG-001", "LOG-002", "LOG-003", "LOG-004", "LOG-005", "LOG-006", "LOG-007", "LOG-008", "LOG-009",
    "LOG-010", "LOG-011", "LOG-012", "LOG-013", "LOG-014", "LOG-030", "LOG-032", "LOG-036", "LOG-038",
)  # fmt: skip
def test_login_by_jwt(claim: Claims, api: Client, people: People, profile: Profile) -> None:
    """An account logs in by JWT; its tokens are used, refreshed, verified, changed and mixed up."""
    account = people.shared("second")  # not the oldest one, whose tokens a mix-up would give
    key, word = profile.user.login_field, profile.simple_jwt.AUTH_HEADER_TYPES[0]
    reply = people.try_login(account.login, account.password, scheme="jwt")
    with claim("LOG-001"):
        expect.status(reply, 200)
        more = profile.simple_jwt.login_may_say_more
        if not (more and {"refresh", "access"} <= set(expect.json_object(reply))):
            expect.exactly(reply, ["refresh", "access"])
    with claim("LOG-032"):
        expect.header(reply, "Cache-Control", lambda v: "no-store" in v, "no-store")
    with expect.given("an account can log in by JWT"):
        expect.status(reply, 200)
        if not {"refresh", "access"} <= set(expect.json_object(reply)):
            expect.exactly(reply, ["refresh", "access"])
    access, refresh = reply.json["access"], reply.json["refresh"]
    if claim.wants("LOG-002"):
        with claim("LOG-002"):
            _is(api.with_(jwt_credentials(word, access))("me"), account.login, profile)
    with claim("LOG-036"):
        for token, setting in (
            (access, "ACCESS_TOKEN_LIFETIME"),
            (refresh, "REFRESH_TOKEN_LIFETIME"),
        ):
            _lives_as_long_as_it_should(token, setting, profile)
    with claim("LOG-038"):
        for token in (access, refresh):
            told = json.dumps(_claims_of(token))
            if account.password in told or any(sign in told for sign in HASHES):
                expect.fail("a token tells its reader the password or its hash")
    wrong = people.try_login(account.login, account.password[:-1] + "_", scheme="jwt")
    with claim("LOG-003"):
        expect.detail(wrong, 401)
    with claim("LOG-004"):
        expect.field_errors(api("jwt_create", {key: account.login}), "password")
        expect.field_errors(api("jwt_create", {"password": account.password}), key)
        expect.field_errors(api("jwt_create", {key: account.login, "password": ""}), "password")
    if not people.frugal:
        with claim("LOG-005"):
            nobody = people.login_of_nobody("jwt")
            expect.indistinguishable(wrong, nobody, "a wrong password and an unknown login")
    refused = profile.anonymous_status
    if claim.wants("LOG-008", "LOG-010", "LOG-030"):
        with claim("LOG-008"):
            expect.status(api.with_(jwt_credentials(word, refresh))("me"), refused)
        with claim("LOG-010"):
            for forged in _forged(access):
                expect.status(api.with_(jwt_credentials(word, forged))("me"), refused)
        with claim("LOG-030"):
            for other in ("Bearer", "JWT", "Token", "Basic", word.swapcase()):
                if other not in profile.simple_jwt.AUTH_HEADER_TYPES:
                    expect.status(api.with_(jwt_credentials(other, access))("me"), refused)
            expect.status(api.with_(jwt_credentials(word, f"{access} x"))("me"), refused)
    with claim("LOG-009"):
        for good in (access, refresh):
            verified = expect.status(api("jwt_verify", {"token": good}), 200)
            expect.equal(verified.json, {}, "the answer to a good token")
        expect.field_errors(api("jwt_verify", {}), "token")
        broken = api("jwt_verify", {"token": _with_signature(access, "A")})
        expect.detail(broken, 401)
        expect.equal(broken.json.get("code"), "token_not_valid", "the code of a changed token")
    with claim("LOG-007"):
        expect.status(api("jwt_refresh", {"refresh": access}), 401)
    with claim("LOG-011"):
        expect.field_errors(api("jwt_refresh", {}), "refresh")
        for forged in _forged(refresh):
            expect.detail(api("jwt_refresh", {"refresh": forged}), 401)
    _refresh(claim, api, people, profile, refresh, account.login)
    with claim("LOG-006"):
        _is(api.with_(jwt_credentials(word, access))("me"), account.login, profile)


def _refresh(
    claim: Claims, api: Client, people: People, profile: Profile, refresh: str, login: str
) -> None:
    word = profile.simple_jwt.AUTH_HEADER_TYPES[0]
    reply = api("jwt_refresh", {"refresh": refresh})
    with claim("LOG-006"):
        expect.status(reply, 200)
        access = str(expect.json_object(reply).get("access"))
        _lives_as_long_as_it_should(access, "ACCESS_TOKEN_LIFETIME", profile)
        _is(api.with_(jwt_credentials(word, access))("me"), login, profile)
    if profile.simple_jwt.ROTATE_REFRESH_TOKENS:
        with claim("LOG-012"):
            expect.exactly(reply, ["access", "refresh"])
            following = api("jwt_refresh", {"refresh": reply.json["refresh"]})
            expect.status(following, 200)
        with claim("LOG-013"):
            expect.detail(api("jwt_refresh", {"refresh": refresh}), 401)
    else:
        with claim("LOG-014"):
            expect.exactly(reply, ["access"])
            expect.exactly(api("jwt_refresh", {"refresh": refresh}), ["access"])


def _forged(token: str) -> list[str]:
    """JWTs that nobody signed: other signature, other claims, no algorithm, no signature, cut short."""
    header, payload, signature = token.split(".")
    claims = _claims_of(token)
    claims["exp"] += 10_000
    longer = _encoded(claims)
    none = _encoded({"alg": "none", "typ": "JWT"})
    return [
        _with_signature(token, "A"),
        f"{header}.{longer}.{signature}",
        f"{none}.{payload}.",
        f"{none}.{payload}.{signature}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        token[: len(token) // 2],
    ]


def _claims_of(token: str) -> dict[str, Any]:
    """What the token says; nobody has to be able to check its signature for that."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _lives_as_long_as_it_should(token: str, setting: str, profile: Profile) -> None:
    claims, lifetime = _claims_of(token), getattr(profile.simple_jwt, setting)
    if "iat" not in claims:
        return  # RFC 7519 §4.1.6 leaves it to the issuer
    seconds = claims["exp"] - claims["iat"]
    # the two moments are taken one after the other, around a write to the database
    if abs(seconds - lifetime) > 60:
        expect.fail(
            f"a token says that it lives {seconds} seconds, and the profile has {setting} {lifetime:g}"
        )


def _with_signature(token: str, character: str) -> str:
    """The token with the first character of its signature changed (the last one has unused bits)."""
    body, _, signature = token.rpartition(".")
    first = character if signature[0] != character else "B"
    return f"{body}.{first}{signature[1:]}"


def _encoded(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _is(reply: Reply, login: str, profile: Profile) -> None:
    """users/me/ shows this account."""
    expect.status(reply, 200)
    me, key = expect.json_object(reply), profile.login_field
    if key in me:
        expect.equal(me[key], login, f"{key!r} in users/me/")


@requirement(
    "LOG-020", "LOG-021", "LOG-022", "LOG-023", "LOG-024", "LOG-025", "LOG-026", "LOG-027", "LOG-028", "LOG-029",
    "LOG-050",
)  # fmt: skip
def test_login_by_token(claim: Claims, api: Client, people: People, profile: Profile) -> None:
    """Two accounts log in by token; one logs out, and the other does not notice."""
    account, other = people.shared(), people.shared("second")
    tried = "token" in people.tried_schemes
    kept = people.client(account, scheme="token") if tried else None
    reply = people.try_login(account.login, account.password, scheme="token")
    with claim("LOG-020"):
        expect.status(reply, 200)
        expect.exactly(reply, ["auth_token"])
    with claim("LOG-050"):
        if people.sets_session(reply):
            expect.fail(f"{reply} sets a session cookie")
    with expect.given("an account can log in by token"):
        expect.exactly(reply, ["auth_token"])
    wrong = people.try_login(account.login, account.password[:-1] + "_", scheme="token")
    with claim("LOG-022"):
        expect.field_errors(wrong, profile.non_field_errors_key)
    with claim("LOG-029"):
        # without both of them nothing is hashed (django/contrib/auth/backends.py)
        for body in ({}, {profile.login_field: account.login}, {"password": account.password}):
            expect.field_errors(api("token_login", body), profile.non_field_errors_key)
        blank = api("token_login", {profile.login_field: account.login, "password": ""})
        expect.field_errors(blank, "password")
    if not people.frugal:
        with claim("LOG-023"):
            nobody = people.login_of_nobody("token")
            expect.indistinguishable(wrong, nobody, "a wrong password and an unknown login")
    if "token" not in people.schemes:
        return
    key = str(reply.json["auth_token"])
    client = api.with_(token_credentials(profile, key))
    neighbour = people.client(other, scheme=None if people.frugal else "token")
    refused = profile.anonymous_status
    with claim("LOG-021"):
        if kept is not None:
            _is(kept("me"), account.login, profile)
        _is(client("me"), account.login, profile)
        word = profile.token_keyword.lower()
        small = api.raw("GET", "users/me/", headers={"Authorization": f"{word} {key}"})
        _is(small, account.login, profile)  # RFC 9110 §11.1: a scheme has no letter case
        _is(neighbour("me"), other.login, profile)
    with claim("LOG-028"):
        for forged in (*tampered(key), key.swapcase(), "0" * 40, f"{key} x"):
            expect.status(api.with_(token_credentials(profile, forged))("me"), refused)
    with claim("LOG-026"):
        expect.status(api("token_logout"), refused)
    with claim("LOG-024"):
        expect.empty(client("token_logout"))
        expect.status(client("me"), refused)
        expect.status(client("token_logout"), refused)
    if people.frugal:
        people.forget(account, scheme="token")
        return
    with claim("LOG-025"):
        expect.status(neighbour("me"), 200)
    with claim("LOG-027"):
        again = people.try_login(account.login, account.password, scheme="token")
        expect.exactly(again, ["auth_token"])
        if again.json["auth_token"] == key:
            expect.fail("a login after the logout gives the dead token again")
        second = api.with_(token_credentials(profile, str(again.json["auth_token"])))
        expect.status(second("me"), 200)
        expect.empty(second("token_logout"))
        expect.status(second("me"), refused)
    people.forget(account, scheme="token")


@pytest.mark.default_only
@requirement("LOG-049")
def test_login_by_name_and_password_in_every_call(
    api: Client, people: People, profile: Profile
) -> None:
    """An account sends its login and password by HTTP Basic, once right and once wrong."""
    account = people.shared("second")
    _is(people.fresh_client(account, scheme="basic")("me"), account.login, profile)
    wrong = b64encode(f"{account.login}:{account.password[:-1]}_".encode()).decode()
    reply = api.raw("GET", "users/me/", headers={"Authorization": f"Basic {wrong}"})
    expect.detail(reply, profile.anonymous_status)


@pytest.mark.default_only
@requirement("LOG-031", "LOG-033")
def test_two_accounts_log_in_by_turns(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Each login opens its own account; the passwords cannot be swapped."""
    first, second = people.shared(), people.shared("second")
    with claim("LOG-031"):
        for scheme in people.schemes:
            callers = (partial(people.client, a, scheme=scheme) for a in (first, second))
            clients = people.at_once(*callers)
            for account, client in zip((first, second, first), (*clients, clients[0]), strict=True):
                _is(client("me"), account.login, profile)
    with claim("LOG-033"):
        swapped = [(first, second.password), (second, first.password)]
        if first.password == second.password:
            swapped = []  # given accounts may have been given the same
        if any(people.at_once(*(partial(people.can_log_in, *pair) for pair in swapped))):
            expect.fail("an account logs in with the password of another")
