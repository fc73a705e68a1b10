"""What a real Djoser answers, to good calls and to odd ones, conforms to the effective contract."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from authspec_contract.openapi import operations
from authspec_contract.oracle import Oracle
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile
from tests.deployment.environment import unavailable
from tests.deployment.server import RealDjoser

PASSWORD = "correct-horse-7"
VARIATIONS = Path(__file__).parent.parent / "fidelity" / "profiles"
PROFILES = ("document", "hypersaas", "djoser", "many-fields", "uuids", "sessions")
ODD: tuple[Any, ...] = (None, " ", 5, [], "x" * 300, "nul\x00")
MEDIA = (
    ("text/plain", b"x"),
    ("application/json", b"{"),
    ("application/json", b"\xff"),
    ("application/json", b"[]"),
    ("application/json", b"null"),
    ("application/x-www-form-urlencoded", b"a=b"),
    ("multipart/form-data", b"x"),
)
SAMPLES = {
    "integer": 7, "boolean": True, "uuid": "7d1a6d5e-3b59-4b1c-9d52-1f2f3a4b5c6d",
    "date": "2024-02-29", "datetime": "2024-02-29T12:00:00Z",
}  # fmt: skip


class Caller:
    """Calls a real Djoser and keeps what the contract complains about."""

    def __init__(self, real: RealDjoser) -> None:
        self.real = real
        self.oracle = Oracle(real.profile)
        self.complaints: list[str] = []
        self.calls = 0

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if data is not None else {}
        url = self.real.url + self.real.profile.prefix.rstrip("/") + path
        answer = requests.request(
            method,
            url,
            data=data,
            headers={**kind, **(headers or {})},
            timeout=20,
            allow_redirects=False,
        )
        self.calls += 1
        if answer.status_code != 500:  # stock Djoser has its own; see the findings
            told = self.oracle.complaints(
                method, path, answer.status_code, answer.content, dict(answer.headers)
            )
            self.complaints += [
                f"{method} {path} {data!r}: {answer.status_code}: {t}" for t in told
            ]
        return answer


def registration(profile: Profile, number: int) -> dict[str, Any]:
    values = {
        field.name: field.choices[0] if field.choices else SAMPLES.get(field.type, f"x{number}")
        for field in profile.user.create
        if not field.read_only
    }
    for field in profile.user.create:
        if field.type == "email" and field.name in values:
            values[field.name] = f"u{number}@example.com"
    values |= {"password": PASSWORD, "re_password": PASSWORD}
    return values


def credentials(caller: Caller, body: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The headers of every scheme by which one can log in."""
    profile = caller.real.profile
    known = caller.oracle.document["paths"]
    if "/jwt/create/" in known and "jwt" in profile.authentication:
        login = {profile.user.login_field: body[profile.user.login_field], "password": PASSWORD}
        access = caller.call("POST", "/jwt/create/", login).json()["access"]
        yield {"Authorization": f"{profile.simple_jwt.AUTH_HEADER_TYPES[0]} {access}"}
    if "/token/login/" in known and "token" in profile.authentication:
        login = {profile.login_field: body[profile.login_field], "password": PASSWORD}
        key = caller.call("POST", "/token/login/", login).json()["auth_token"]
        yield {"Authorization": f"Token {key}"}


def odd_bodies(schema: dict[str, Any]) -> Iterator[Any]:
    example = schema["examples"][0]
    yield {}
    for name in example:
        yield {key: value for key, value in example.items() if key != name}
        for value in ODD:
            yield {**example, name: value}


def exercise(caller: Caller, headers: dict[str, str], user: Any) -> None:
    document = caller.oracle.document
    for method, template, operation in list(operations(document)):
        path = template.replace("{id}", str(user))
        reference = operation.get("requestBody", {}).get("$ref")
        if operation["operationId"] == "token_destroy":
            continue
        caller.call(method, path, None, {**headers, "Accept": "application/xml"})
        if reference is None:
            caller.call(method, path, None, headers)
            continue
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
        for body in odd_bodies(schema):
            caller.call(method, path, body, headers)
        for kind, data in MEDIA:
            caller.call(method, path, data, {**headers, "Content-Type": kind})
        if template.startswith("/users/"):
            caller.call(method, path.rstrip("/"), {}, headers)


def wrong_methods(caller: Caller, headers: dict[str, str]) -> None:
    for template in caller.oracle.document["paths"]:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"):
            if (method, template) != ("POST", "/token/logout/"):
                caller.call(method, template.replace("{id}", "12345"), None, headers)


@pytest.mark.real
@pytest.mark.parametrize("name", PROFILES)
def test_every_answer_of_a_real_djoser_conforms(name):
    if reason := unavailable():
        pytest.skip(reason)
    file = VARIATIONS / f"{name}.yaml"
    profile = load_profile(str(file) if file.exists() else name)
    with RealDjoser(profile) as real:
        caller = Caller(real)
        body = registration(profile, 1)
        answer = caller.call("POST", "/users/", body)
        assert answer.status_code == 201, answer.text
        real.execute(f"UPDATE {real.user_table} SET is_active = 1")
        user = real.users()[0]["id"]
        logins = list(credentials(caller, body))
        broken = [{"Authorization": h["Authorization"][:-3]} for h in logins]
        for headers in ({}, *logins[:1]):
            exercise(caller, headers, user)
        for headers in ({}, *logins, *broken):
            wrong_methods(caller, headers)
    assert caller.complaints == []
    assert caller.calls > 300
