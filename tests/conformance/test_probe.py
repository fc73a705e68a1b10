"""A probe tells a deployment's settings from outside, guesses none, and leaves nothing behind."""

import re
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from secrets import token_hex

import pytest

from authspec_conformance.cli import main
from authspec_conformance.probe.output import as_profile, differences, settled
from authspec_conformance.probe.visitor import Visitor
from authspec_conformance.probe_command import probe_deployment
from authspec_conformance.settings import Limits, Settings
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile, profile_from_text
from authspec_mock import MockServer
from tests.deployment.environment import OLDER, pinned_versions, unavailable
from tests.deployment.server import RealDjoser

PROFILES = Path(__file__).parent.parent / "fidelity" / "profiles"
DEPLOYMENTS = (
    "document", "djoser", "hypersaas", "email-at-login", "hidden-staff", "json-only", "many-fields",
    "pasted", "revoking", "sessions", "sessions-kept", "usernames", "uuids",
)  # fmt: skip
FEW = {"hidden-staff"}
"""Where nobody can register: what is told is told without an account."""
real = [
    pytest.mark.real,
    pytest.mark.skipif(bool(unavailable()), reason=str(unavailable())),
]


def profile_of(name: str) -> Profile:
    file = PROFILES / f"{name}.yaml"
    return load_profile(str(file) if file.exists() else name)


def settings(url: str, mailbox: str | None = None) -> Settings:
    return Settings(url=url, mailbox=mailbox, limits=Limits(mail_wait=5))


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_it_tells_the_settings_of_a_deployment_right_and_leaves_nothing(name: str) -> None:
    profile = profile_of(name)
    with MockServer(profile) as mock:
        probed = probe_deployment(settings(mock.url + profile.prefix))
        told = [finding for finding in settled(probed.findings).values() if finding.told]
        assert list(differences(probed.findings, profile)) == []
        assert len(told) >= (12 if name in FEW else 30)
        assert (probed.left, mock.users()) == ((), [])


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=real) for name in ("document", "djoser", "uuids", "sessions")]
)
def test_it_tells_the_settings_of_a_real_djoser_right_and_leaves_nothing(name: str) -> None:
    profile = profile_of(name)
    with RealDjoser(profile) as deployment:
        mailbox = f"file://{deployment.mail_dir}"
        probed = probe_deployment(settings(deployment.url, mailbox))
        told = [finding for finding in settled(probed.findings).values() if finding.told]
        assert list(differences(probed.findings, profile)) == []
        assert len(told) >= 30
        assert (probed.left, deployment.users()) == ((), [])


@pytest.mark.real
@pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
def test_an_old_djoser_is_told_by_its_ways() -> None:
    (pins,) = (file for file in OLDER if file.name.startswith("djoser-2.1.0"))
    profile = profile_of("document")
    old = replace(profile, versions=pinned_versions(pins))
    with RealDjoser(profile, requirements=pins) as deployment:
        probed = probe_deployment(settings(deployment.url, f"file://{deployment.mail_dir}"))
        assert deployment.users() == []
    assert list(differences(probed.findings, old)) == []
    wrong = {difference.setting for difference in differences(probed.findings, profile)}
    assert wrong == {"versions.djoser", "versions.simplejwt"}


@pytest.mark.parametrize("name", ["document", "hypersaas", "many-fields", "usernames", "uuids"])
def test_what_it_prints_is_a_profile_of_the_same_deployment(name: str) -> None:
    profile = profile_of(name)
    with MockServer(profile) as mock:
        text = as_profile(probe_deployment(settings(mock.url + profile.prefix)).findings, ["Head."])
    printed = profile_from_text(text, source="the probe")
    assert text.startswith("# Head.\nname: probed\n")
    with MockServer(printed) as mock:
        again = probe_deployment(settings(mock.url + profile.prefix))
    assert [d.setting for d in differences(again.findings, profile)] == []


def test_no_password_of_the_probe_resembles_an_address_of_its_own() -> None:
    """A strict UserAttributeSimilarityValidator compares bags of letters, part by part."""
    for number in range(500):
        address = f"authspec+{token_hex(4)}-{number}@example.com"
        password = Visitor.password().lower()
        for part in (*re.split(r"\W+", address), address):
            assert SequenceMatcher(a=password, b=part).quick_ratio() < 0.2, (password, address)


def test_without_a_mailbox_it_makes_no_account_that_it_could_not_delete() -> None:
    with MockServer() as mock:
        probed = probe_deployment(settings(mock.url, "none"))
        assert (probed.accounts, mock.users()) == (0, [])
    found = settled(probed.findings)
    assert found["djoser.SEND_ACTIVATION_EMAIL"].value is True
    assert not found["password_validators"].told
    assert "mailbox" in found["password_validators"].evidence


def test_without_a_mailbox_it_says_so_of_what_only_mails_show() -> None:
    with MockServer("djoser") as mock:
        probed = probe_deployment(settings(mock.url, "none"))
        assert mock.users() == []
    found = settled(probed.findings)
    assert found["djoser.SEND_ACTIVATION_EMAIL"].value is False
    for setting in ("djoser.SEND_CONFIRMATION_EMAIL", "djoser.PASSWORD_CHANGED_EMAIL_CONFIRMATION"):
        assert (found[setting].told, found[setting].evidence) == (False, "it needs a mailbox")
    assert list(differences(probed.findings, load_profile("djoser"))) == []


@pytest.mark.parametrize("prefix", ["/api/auth/", "/api/v1/auth/", "/"])
def test_the_usual_prefixes_are_found(prefix: str) -> None:
    text = f"""
        name: elsewhere
        djoser: {{PASSWORD_RESET_CONFIRM_URL: "reset/{{uid}}/{{token}}"}}
        prefix: {prefix}
        user: {{login_field: email, fields: [{{name: email, type: email}}], create: [email]}}
    """
    with MockServer(profile_from_text(text, source="a test")) as mock:
        probed = probe_deployment(settings(mock.url))
    assert probed.findings.get("prefix") == prefix


def test_a_throttled_deployment_is_left_alone_with_what_was_told_until_then() -> None:
    with MockServer(profile_of("throttled")) as mock:
        probed = probe_deployment(settings(mock.url))
    assert list(differences(probed.findings, profile_of("throttled"))) == []
    assert "limits the rate" in settled(probed.findings)["password_validators"].evidence


def test_the_command_prints_a_profile_and_compares_with_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with MockServer() as mock:
        assert main(["probe", mock.url]) == 0
        assert "SEND_ACTIVATION_EMAIL: true" in capsys.readouterr().out
        assert main(["probe", mock.url, "--profile", "document"]) == 0
        assert main(["probe", mock.url, "--profile", "hypersaas"]) == 1
    printed = capsys.readouterr().out
    assert "djoser.SEND_ACTIVATION_EMAIL: the profile says false, found true" in printed


def test_a_server_that_is_no_djoser_is_said_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with MockServer() as mock:
        assert main(["probe", f"{mock.url}/_mock/outbox"]) == 3
    assert main(["probe", "http://127.0.0.1:9"]) == 3
    for line in capsys.readouterr().err.splitlines():
        assert line.startswith("authspec: ")


def test_a_deployment_that_logs_in_by_session_alone_is_told_and_left_as_it_was() -> None:
    profile = profile_of("session-first")
    with MockServer(profile) as mock:
        probed = probe_deployment(settings(mock.url))
        assert mock.users() == []
    assert probed.findings.get("session_login") == "/api-auth/login/"
    assert probed.findings.get("authentication") == ["session"]
    assert list(differences(probed.findings, profile)) == []


def test_without_a_login_page_where_one_would_be_it_says_so() -> None:
    with MockServer() as mock:
        found = settled(probe_deployment(settings(mock.url)).findings)["session_login"]
    assert not found.told
    assert "no login page under /api-auth/login/" in found.evidence
