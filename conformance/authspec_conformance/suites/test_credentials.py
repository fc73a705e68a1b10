"""What must not count as a login: a name in other letters, a secret in the query or in the body."""

from collections.abc import Mapping
from urllib.parse import urlencode

from authspec_conformance import expect
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.people import People
from authspec_contract.profile import Profile

_NAMES = ("token", "access_token", "auth_token", "access", "jwt", "key", "sessionid")


_LONGEST_QUERY = 3000
"""gunicorn reads a request line of 4094 characters, nginx one of 8192."""


def _portions(secrets: Mapping[str, str]) -> list[dict[str, str]]:
    """The secrets in as few queries as servers read."""
    found: list[dict[str, str]] = [{}]
    for name, secret in secrets.items():
        if found[-1] and len(urlencode({**found[-1], name: secret})) > _LONGEST_QUERY:
            found.append({})
        found[-1][name] = secret
    return found


@requirement("LOG-034", "LOG-035")
def test_what_opens_nothing(claim: Claims, api: Client, people: People, profile: Profile) -> None:
    """An account's own login in other letters, and its own secrets where they do not belong."""
    account = people.shared()
    if not people.frugal:
        with claim("LOG-034"):
            local, at, domain = account.login.partition("@")
            other = f"{local.swapcase()}{at}{domain}"
            reply = people.try_login(other, account.password)
            if people.accepted(reply):
                expect.fail(f"{reply} lets {other} in, whose account is {account.login}")
    second = people.shared("second")
    with claim("LOG-035"):
        for scheme in people.tried_schemes:
            credentials = people.client(second, scheme=scheme).credentials
            assert credentials is not None
            secrets = dict.fromkeys(_NAMES, credentials.secret)
            secrets["Authorization"] = credentials.headers.get("Authorization", "")
            for some in _portions(secrets):
                query = api.raw("GET", f"users/me/?{urlencode(some)}")
                expect.status(query, profile.anonymous_status)
            expect.status(api("me_patch", secrets), profile.anonymous_status)
