"""A mock to check, and a place of its own for each test, so that whatever a run writes is seen."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from authspec_conformance.cli import main
from authspec_contract.results import Run, read_run
from authspec_mock.pytest_plugin import mock  # noqa: F401
from authspec_mock.server import MockServer

from .servers import Answer, Server, serving


@pytest.fixture(scope="session")
def mock_server() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the test: empty, with the user's state folder beside it."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return folder


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Server]]:
    """Starts a small server on loopback that answers every request alike, or in turn."""
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(serving(answer))


@dataclass(frozen=True)
class Checked:
    """What one `authspec check` came to."""

    exit: int
    out: str
    err: str
    report: Path

    @property
    def run(self) -> Run:
        return read_run(self.report / "results.jsonl")


@pytest.fixture
def check(place: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Checked]:
    """Runs `authspec check` in this process."""

    def run(*words: str) -> Checked:
        code = main(["check", *words])
        captured = capsys.readouterr()
        return Checked(code, captured.out, captured.err, place / "authspec-report")

    return run
