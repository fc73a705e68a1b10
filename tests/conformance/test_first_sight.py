"""Before the first test a run says where the target does not look as its profile says."""

from pathlib import Path

import pytest

from authspec_conformance.probe.first_sight import first_sight
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile
from authspec_mock.server import MockServer

from .actors import people_of

PROFILES = Path(__file__).parent.parent / "fidelity" / "profiles"
NAMES = (
    "document",
    "hypersaas",
    "djoser",
    *(str(file) for file in sorted(PROFILES.glob("*.yaml"))),
)


def seen(server: MockServer, profile: Profile) -> tuple[str, ...]:
    target = people_of(server.url, profile=profile).api.target
    found = first_sight(target, profile, "authspec+{run}-{n}@example.com")
    assert (server.users(), target.password_computations) == ([], 0)
    return found


@pytest.mark.parametrize("name", NAMES, ids=lambda name: Path(name).stem)
def test_a_deployment_looks_as_its_own_profile_says(name):
    profile = load_profile(name)
    with MockServer(profile) as server:
        assert seen(server, profile) == ()


def test_another_one_is_told_by_its_settings_and_what_was_seen():
    with MockServer("hypersaas") as server:
        found = seen(server, load_profile("document"))
    assert any(line.startswith("djoser.SEND_ACTIVATION_EMAIL (") for line in found)
    with MockServer("document") as server:
        found = seen(server, load_profile("hypersaas"))
    assert "djoser.SEND_ACTIVATION_EMAIL (users/resend_activation/ answers 204)" in found


def test_a_run_warns_in_one_line_and_judges_as_it_would_have(check):
    with MockServer("document") as server:
        result = check(server.url, "--profile", "hypersaas", "--only", "ACT-001,REG-010")
        (line,) = [line for line in result.out.splitlines() if "does not look as" in line]
        assert f"authspec probe {server.url} --profile hypersaas" in line
        assert "does not look as" not in check(server.url, "--only", "REG-010").out
