"""Fixtures for a team's own tests: `mock_server`, one for the run, and `mock`, a fresh world per test.

Loaded by pytest's entry point in every environment that has authspec, so it imports nothing
before a test asks for it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from authspec_mock.server import MockServer, WorldHandle


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "authspec_mock_profile", "the profile of the fixture mock_server", default="document"
    )
    parser.addini("authspec_mock_frontend", "where its mails' links point", default="")


@pytest.fixture(scope="session")
def mock_server(request: pytest.FixtureRequest) -> "Iterator[MockServer]":
    """A running mock; override this fixture to start it with other arguments."""
    from authspec_mock.server import MockServer

    profile = request.config.getini("authspec_mock_profile")
    frontend = request.config.getini("authspec_mock_frontend")
    with MockServer(profile, frontend=frontend or None) as server:
        yield server


@pytest.fixture
def mock(mock_server: "MockServer") -> "Iterator[WorldHandle]":
    """A world of its own on the running mock: `mock.url`, `mock.outbox.wait(to=…)`."""
    from uuid import uuid4

    name = f"test-{uuid4().hex[:12]}"
    yield mock_server.world(name)
    mock_server.forget(name)
