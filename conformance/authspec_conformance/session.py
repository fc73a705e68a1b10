"""Runs the tests of the suite by pytest in this process, sealed off from the caller's own pytest."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from tempfile import TemporaryDirectory
from threading import Thread

from authspec_conformance.context import Context
from authspec_conformance.plugin import SuitePlugin


def run_session(plugin: SuitePlugin, seed: int, *others: object) -> str | None:
    """Runs the tests; says why they stopped early, None where they did not.

    `others` are further plugins of the session.
    """
    import hypothesis
    import hypothesis.core
    import pytest
    from hypothesis.configuration import set_hypothesis_home_dir

    hypothesis.core.global_force_seed = seed  # type: ignore[assignment]
    suites = files("authspec_conformance") / "suites"
    arguments = [
        str(suites), "-c", str(suites / "pytest.ini"), "--rootdir", str(suites),
        "--disable-plugin-autoload", "-p", "no:cacheprovider", "-p", "no:terminal",
        "--capture=no", "-p", "no:logging", "-p", "no:doctest", "-p", "no:junitxml",
    ]  # fmt: skip
    with _undisturbed(), TemporaryDirectory(prefix="authspec-") as home:
        set_hypothesis_home_dir(home)
        with _prepared_texts(plugin.context):
            code = pytest.main(arguments, plugins=[plugin, *others])
    if code == pytest.ExitCode.INTERRUPTED and plugin.stopped is None:
        return "interrupted"
    if code in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}:
        plugin.errors.append(f"pytest ended with {code!r}")
        return "error"
    return None


@contextmanager
def _prepared_texts(context: Context) -> Iterator[None]:
    """What texts are made of takes Hypothesis seconds to find out, once: it does while the target computes."""
    from hypothesis import strategies

    letters = strategies.characters(codec="utf-8")
    thread = Thread(target=letters.validate, name="texts", daemon=True)
    settings = context.settings
    if settings.mode != "fast" and settings.workers == 1 and context.selection.wants("NET-001"):
        thread.start()
    try:
        yield
    finally:
        if thread.is_alive():
            thread.join()  # it writes into the folder that goes next


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keeps the caller's pytest options out, and compiled files and warnings of ours away from it."""
    kept = os.environ.pop("PYTEST_ADDOPTS", None)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.dont_write_bytecode = written
        if kept is not None:
            os.environ["PYTEST_ADDOPTS"] = kept
