"""Everything that can be run on this project, by one word: `nox -l`, `nox -s tests`."""

import nox

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["lint", "tests"]
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ["3.11", "3.12", "3.13"]


def install(session: nox.Session) -> None:
    """The pins that the tests run with, and this project."""
    session.install("--quiet", "--no-deps", "-r", "tests/requirements.txt")
    session.install("--quiet", "--no-deps", "--no-build-isolation", "-e", ".")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests of the project itself, on every Python that is here."""
    install(session)
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, format and types."""
    install(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")


@nox.session
def conformance(session: nox.Session) -> None:
    """The suite against the embedded mock."""
    install(session)
    session.run("authspec", "check", *session.posargs)


@nox.session
def real(session: nox.Session) -> None:
    """The suite and the mock against a real Djoser."""
    install(session)
    session.run("python", "-m", "pytest", "-m", "real", *session.posargs)


@nox.session
def soundness(session: nox.Session) -> None:
    """The suite against correct deployments of many kinds: does it cry wolf?"""
    install(session)
    session.run("python", "-m", "tests.soundness", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """The suite against faulty servers: prints requirement x fault."""
    install(session)
    session.run("python", "-m", "tests.mutants", *session.posargs)


@nox.session
def fidelity(session: nox.Session) -> None:
    """The mock compared with a real Djoser, step by step."""
    install(session)
    session.run("python", "-m", "tests.fidelity", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Arbitrary bytes, headers and bodies against the mock: no 5xx, no growth."""
    install(session)
    session.run("python", "-m", "tests.fuzz", *session.posargs)


@nox.session
def matrix(session: nox.Session) -> None:
    """The suite against several versions of Djoser and Django, compared."""
    install(session)
    session.run("python", "-m", "tests.matrix", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Speed and size, measured beside a bare Starlette."""
    install(session)
    for script in ("benchmarks/start.py", "benchmarks/mock.py", "benchmarks/check.py"):
        session.run("python", script, *session.posargs)
