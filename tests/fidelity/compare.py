"""Tells where the answers of the two sides differ, and which differences are known."""

import json
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from .memory import Memory
from .step import Answer, Difference, Step

HEADERS = ("Allow", "WWW-Authenticate", "Content-Type", "Location", "Retry-After")


@dataclass(frozen=True)
class Known:
    """One known difference: where it is met, and the statuses on both sides."""

    id: str
    operations: tuple[str, ...]
    """`POST users/activation/`, `users/{id}/` for every method, `every call`, `FOO *`."""
    real: int | None
    """None: whatever the real one answers."""
    mock: tuple[int, ...]
    why: str

    def covers(self, step: Step) -> bool:
        """Whether one of the operations is that of this step."""
        return any(_is_operation(operation, step) for operation in self.operations)


def known_differences() -> tuple[Known, ...]:
    """Those of the list that ships with the mock that a status shows."""
    text = (files("authspec_mock") / "known_differences.yaml").read_text(encoding="utf-8")
    return tuple(
        Known(
            row["id"],
            tuple(row["operation"]),
            row["real"] if isinstance(row["real"], int) else None,
            # the browsable API turns 204 into 200
            (row["mock"], 200) if row["mock"] == 204 else (row["mock"],),
            row["why"],
        )
        for row in yaml.safe_load(text)
        if isinstance(row["mock"], int)
    )


def _is_operation(operation: str, step: Step) -> bool:
    if operation.startswith("every call"):
        return True
    method, _, path = operation.rpartition(" ")
    if method and method != step.method:
        return False
    pattern = re.escape(path).replace(r"\*", ".*")
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", pattern.removesuffix("/")) + r"(\.\w+)?/?"
    return re.search(f"(^|/){pattern}$", step.path.partition("?")[0]) is not None


def differences(
    step: Step, real: Answer, mock: Answer, real_memory: Memory, mock_memory: Memory
) -> Difference | None:
    """Where two answers differ; None where they are alike."""
    found = Difference(step, real, mock)
    say = found.points.append
    if real.status != mock.status:
        say(f"status: {real.status} by the real one, {mock.status} by the mock")
    for name in HEADERS:
        theirs, ours = real.header(name), mock.header(name)
        if theirs != ours and not (name == "Retry-After" and _about_equal(theirs, ours)):
            say(f"{name}: {theirs!r} by the real one, {ours!r} by the mock")
    theirs_c, ours_c = _cookies(real), _cookies(mock)
    if theirs_c != ours_c:
        say(f"cookies: {theirs_c} by the real one, {ours_c} by the mock")
    body, ours_b = _body(real, real_memory), _body(mock, mock_memory)
    if body != ours_b:
        say(f"body: {body[:600]} by the real one, {ours_b[:600]} by the mock")
    mails, ours_m = _mails(real, real_memory), _mails(mock, mock_memory)
    if mails != ours_m:
        say(f"mails: {mails} by the real one, {ours_m} by the mock")
    if real_memory.claims != mock_memory.claims:
        theirs_j, ours_j = real_memory.claims[-2:], mock_memory.claims[-2:]
        say(f"claims: {theirs_j} by the real one, {ours_j} by the mock")
    return found if found.points else None


def explain(difference: Difference, known: tuple[Known, ...]) -> None:
    """Notes the known difference that this one is, if any."""
    for entry in known:
        if (
            entry.real in (None, difference.real.status)
            and difference.mock.status in entry.mock
            and entry.covers(difference.step)
        ):
            difference.known = entry.id
            return


def _cookies(answer: Answer) -> list[str]:
    return sorted(
        {name if value.strip('"') else f"{name} deleted" for name, value in answer.cookies()}
    )


def _body(answer: Answer, memory: Memory) -> str:
    if "html" in (answer.header("Content-Type") or ""):
        return "a page"
    text = answer.body.decode("utf-8", "backslashreplace")
    # how long a throttle lasts is compared in Retry-After
    return memory.hidden(re.sub(r"available in \d+ second", "available in … second", text))


def _about_equal(theirs: str | None, ours: str | None) -> bool:
    """Whole seconds that were counted by clocks with other fractions."""
    return bool(theirs and ours) and abs(int(theirs or 0) - int(ours or 0)) <= 2


def _mails(answer: Answer, memory: Memory) -> list[Any]:
    return [
        json.loads(memory.hidden(json.dumps([m.to, m.from_, m.subject, m.text, m.html])))
        for m in answer.mails
    ]
