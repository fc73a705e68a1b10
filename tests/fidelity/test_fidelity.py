"""The mock answers as the real Djoser does: a short walk in every kind of profile, and a state machine."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from authspec_contract.facts import facts
from authspec_contract.profile_file import load_profile, shipped_profiles

from ..deployment.environment import unavailable
from ..deployment.server import RealDjoser
from .__main__ import all_profiles, compare_profile
from .compare import Known, known_differences
from .coverage import Coverage, messages
from .machine import machine_for
from .memory import Memory
from .sides import MockSide, RealSide
from .step import Answer, Step
from .walk import Pair

SEED = random.randrange(10**6)
OTHERS = random.Random(SEED).sample(all_profiles()[len(shipped_profiles()) :], 3)
needs_real = pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))


@pytest.mark.real
@needs_real
@pytest.mark.parametrize("name", [*shipped_profiles(), *OTHERS], ids=lambda name: Path(name).stem)
def test_a_random_walk_finds_no_difference(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = compare_profile(load_profile(name), 240, SEED, Coverage(), most=1)
    assert not found, f"seed {SEED}:\n{capsys.readouterr().out}"


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    profile = load_profile("document")
    with RealDjoser(profile) as real:
        side = RealSide(real)
        yield Pair(profile, side, MockSide(profile), known_differences())
        side.close()


@pytest.mark.real
@needs_real
def test_a_state_machine_finds_no_difference(pair: Pair) -> None:
    run_state_machine_as_test(
        machine_for(pair),
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.real
@needs_real
def test_a_fault_of_the_mock_is_found_and_shrunk(pair: Pair) -> None:
    """A comparison that finds nothing must be able to find something."""
    register = Step(
        "POST",
        "/auth/users/",
        (("Content-Type", "application/json"),),
        '{"email": "a@example.com", "password": "rote-Katze-17", "re_password": "rote-Katze-17"}',
    )
    noise = [Step("GET", "/auth/users/me/"), Step("GET", "/auth/")] * 5
    world_send = pair.mock.send

    def wrong(step: Step) -> Answer:
        answer = world_send(step)
        if answer.status == 201:
            return Answer(201, answer.headers, b"{}", answer.mails)
        return answer

    pair.mock.send = wrong  # type: ignore[method-assign]
    try:
        steps, difference = pair.shrunk([*noise, register], "body: …")
    finally:
        pair.mock.send = world_send  # type: ignore[method-assign]
    assert steps == [register]
    assert difference is not None
    assert difference.points[0].startswith("body")


def test_the_profiles_switch_every_setting_that_the_mock_carries_out() -> None:
    met: dict[str, set[bool]] = {}
    for name in all_profiles():
        for fact, value in facts(load_profile(name)).items():
            met.setdefault(fact, set()).add(value)
    one_way = {name for name, values in met.items() if len(values) == 1}
    # versions are the matrix's business; the others hold in every deployment that can be used
    fixed = {"email_registered", "email_shown", "english", "parses_json", "reset_link"}
    assert {name for name in one_way if ">=" not in name} <= fixed


def test_every_known_difference_says_why() -> None:
    for known in known_differences():
        assert known.why.endswith(".")
        assert known.real == 500 or known.operations == ("FOO *",)


def test_a_known_difference_covers_its_operation_alone() -> None:
    activation = Step("POST", "/auth/users/activation/?x=1")
    assert Known("x", ("POST users/activation/",), 500, (400,), "").covers(activation)
    assert Known("x", ("every call with a body",), 500, (400,), "").covers(activation)
    assert Known("x", ("POST users/{id}/",), 500, (400,), "").covers(activation)
    assert not Known("x", ("GET users/activation/",), 500, (400,), "").covers(activation)
    assert not Known("x", ("POST users/me/",), 500, (400,), "").covers(activation)


def test_every_message_that_cannot_be_met_says_why() -> None:
    assert len(messages()) >= 25


def test_a_secret_keeps_its_name_and_another_one_gets_another() -> None:
    memory = Memory(load_profile("document"))
    for key in ("a" * 40, "b" * 40, "a" * 40):
        memory.learn(Answer(200, body=b'{"auth_token": "%s"}' % key.encode()))
    assert memory.names("auth_token") == ["auth_token#1", "auth_token#2"]
    assert memory.hidden("b" * 40) == "<<auth_token#2>>"
    assert memory.filled("Token <<auth_token#1|cut>>") == "Token " + "a" * 39
