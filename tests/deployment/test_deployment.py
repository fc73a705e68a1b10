"""The testbed itself: each profile comes up as a real Djoser, registers, mails, and goes away."""

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from authspec_contract.profile_file import load_profile, profile_from_text, shipped_profiles

from .environment import OLDER, pinned_versions, unavailable
from .postgres import Postgres, postgres_programs
from .server import DeploymentError, RealDjoser

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(unavailable()), reason=str(unavailable())),
]
PASSWORD = "correct horse 1"


def call(method: str, url: str, body: Any = None) -> tuple[int, Any]:
    """The status and the JSON of one request."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null")


def registration(real: RealDjoser) -> dict[str, str]:
    login = real.profile.user.login_field
    name = "ann@example.com" if login == "email" else "ann"
    return {
        "email": "ann@example.com",
        login: name,
        "password": PASSWORD,
        "re_password": PASSWORD,
    }


@pytest.mark.parametrize("name", shipped_profiles())
def test_each_shipped_profile_comes_up_registers_and_sends_its_mail(name: str) -> None:
    with RealDjoser(name) as real:
        status, user = call("POST", f"{real.url}/auth/users/", registration(real))
        assert status == 201
        assert list(user) == [field.name for field in real.profile.user.create]
        assert [row["email"] for row in real.users()] == ["ann@example.com"]
        settings = real.profile.djoser
        mails = list(real.mail_dir.iterdir())
        assert len(mails) == (settings.SEND_ACTIVATION_EMAIL or settings.SEND_CONFIRMATION_EMAIL)


def test_the_server_is_gone_after_the_block() -> None:
    with RealDjoser("document", workers=2, threads=2) as real:
        pid, url = real.pid, real.url
    assert pid is not None
    with pytest.raises(OSError):
        os.kill(pid, 0)
    with pytest.raises(OSError):
        urllib.request.urlopen(url, timeout=2)


def test_ids_are_uuids_where_the_profile_says_so() -> None:
    profile = profile_from_text(
        """
        name: uuid
        user:
          login_field: email
          id: uuid
          fields: [{name: id, type: uuid, read_only: true}, {name: email, type: email}]
          create: [id, email]
        """,
        source="a test",
    )
    with RealDjoser(profile) as real:
        status, user = call("POST", f"{real.url}/auth/users/", registration(real))
        assert (status, len(user["id"])) == (201, 36)


def test_a_profile_that_django_refuses_ends_the_start_with_the_tail_of_the_log() -> None:
    profile = profile_from_text(
        """
        name: impossible
        user:
          login_field: email
          fields: [{name: email, type: email}, {name: underscored_, type: string}]
          create: [email]
        """,
        source="a test",
    )
    with (
        pytest.raises(DeploymentError, match="must not end with an underscore"),
        RealDjoser(profile),
    ):
        pass


def test_real_djoser_takes_a_loaded_profile_as_well_as_its_name() -> None:
    assert RealDjoser(load_profile("document")).profile == RealDjoser("document").profile


def test_older_versions_are_pinned_and_say_what_they_are() -> None:
    assert len(OLDER) >= 4
    for requirements in OLDER:
        versions = pinned_versions(requirements)
        assert f"djoser-{versions.djoser}-" in requirements.name
        assert versions.at_least("django", "4.2")


@pytest.mark.skipif(not os.environ.get("OLDER_DJOSER"), reason="set OLDER_DJOSER=1: takes minutes")
@pytest.mark.parametrize("requirements", OLDER, ids=lambda path: path.stem)
def test_an_older_version_comes_up(requirements: Path) -> None:
    with RealDjoser("document", requirements=requirements) as real:
        assert call("POST", f"{real.url}/auth/users/", registration(real))[0] == 201
        assert len(list(real.mail_dir.iterdir())) == 1


@pytest.mark.skipif(postgres_programs() is None, reason="PostgreSQL is not installed")
def test_it_runs_on_postgresql_as_well_as_on_sqlite() -> None:
    with Postgres() as postgres, RealDjoser("document", database=postgres.database()) as real:
        assert call("POST", f"{real.url}/auth/users/", registration(real))[0] == 201
        assert call("POST", f"{real.url}/auth/users/", registration(real))[0] == 400
        assert [row["email"] for row in real.users()] == ["ann@example.com"]
