"""How accounts log in, and what a preflight says of a target before the first test."""

import pytest

from authspec_conformance.accounts import Account
from authspec_conformance.errors import Inconclusive
from authspec_conformance.login import schemes
from authspec_conformance.preflight import is_mock, preflight
from authspec_contract.errors import TargetError
from authspec_contract.profile import Profile
from authspec_mock.server import MockServer

from .actors import people_of
from .sample import DOCUMENT
from .servers import http


def test_an_account_logs_in_by_every_scheme_of_the_profile(mock):
    people = people_of(mock.url)
    account = people.active()
    for scheme in schemes(DOCUMENT):
        client = people.fresh_client(account, scheme=scheme)
        assert client.credentials is not None
        assert client.credentials.scheme == scheme
        assert client("me").status == 200


def test_no_secret_shows_in_the_repr_of_credentials(mock):
    people = people_of(mock.url)
    credentials = people.client(people.active()).credentials
    assert credentials is not None
    assert credentials.secret not in repr(credentials)


def test_a_refused_login_is_inconclusive(mock):
    people = people_of(mock.url)
    nobody = Account("nobody@example.com", "", "no-password-1")
    with pytest.raises(Inconclusive, match="the account can log in"):
        people.client(nobody)


def test_without_a_login_in_the_profile_nobody_can_log_in(mock):
    bare = Profile("p", urls=("users",))
    people = people_of(mock.url, profile=bare)
    with pytest.raises(Inconclusive, match="nobody can log in"):
        people.try_login("a", "b")


def test_a_mock_is_known_by_its_health(mock, serve):
    assert is_mock(people_of(mock.url).api)
    for answer in (http(404, "{}"), http(200, "[]"), http(200, '{"status": "down"}'), b""):
        assert not is_mock(people_of(serve(answer).url, mailbox=False).api)


def test_a_target_that_fits_its_profile_gets_no_note(mock):
    assert preflight(people_of(mock.url).api, DOCUMENT).note is None
    assert mock.users() == []


@pytest.mark.parametrize("name", ["hypersaas", "djoser"])
def test_the_other_shipped_profiles_fit_themselves_too(name):
    with MockServer(name) as server:
        identity = preflight(people_of(server.url, profile=server.profile).api, server.profile)
    assert identity.is_mock
    assert identity.note is None


def test_a_proxy_in_front_that_wants_credentials_of_its_own_is_no_djoser(serve):
    server = serve(
        http(401, "<html>", kind="text/html", more=['WWW-Authenticate: Basic realm="gate"'])
    )
    with pytest.raises(TargetError, match="answers 401 with text/html"):
        preflight(people_of(server.url, mailbox=False).api, DOCUMENT)
