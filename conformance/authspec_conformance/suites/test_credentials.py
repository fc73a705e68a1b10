"""What must not count as a login: a name in other letters, a secret in the query or in the body."""

from urllib.parse import urlencode

from authspec_conformance import expect
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.people import People
from authspec_contract.profile import Profile

_NAMES = ("token", "access_token", "auth_token", "access", "jwt", "key", "sessionid")


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
            query = api.raw("GET", f"users/me/?{urlencode(secrets)}")
            expect.status(query, profile.anonymous_status)
            expect.status(api("me_patch", secrets), profile.anonymous_status)
