"""Counts what a comparison has met: operations, statuses, error texts, settings."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from authspec_contract.facts import facts
from authspec_contract.profile import Profile

from .step import Answer, Difference, Step


class Coverage:
    """What was met so far, over all profiles."""

    def __init__(self) -> None:
        self.steps = 0
        self.operations: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        self.mails: Counter[str] = Counter()
        self.known: Counter[str] = Counter()
        self.settings: dict[str, set[bool]] = {}
        self.by_profile: Counter[str] = Counter()

    def add_profile(self, profile: Profile) -> None:
        for name, value in facts(profile).items():
            self.settings.setdefault(name, set()).add(value)

    def count(
        self, profile: Profile, step: Step, answer: Answer, difference: Difference | None
    ) -> None:
        self.steps += 1
        self.by_profile[profile.name] += 1
        if step.admin is not None:
            return
        operation = f"{step.method} {_shape(step.path, profile)}"
        self.operations[operation] += 1
        self.statuses[f"{answer.status}"] += 1
        for mail in answer.mails:
            self.mails[mail.subject] += 1
        if answer.status >= 400:
            for text in _texts(answer.body):
                self.texts[text] += 1
        if difference is not None and difference.known:
            self.known[difference.known] += 1

    def report(self) -> str:
        """What was met, as text."""
        one_way = sorted(name for name, values in self.settings.items() if len(values) == 1)
        lines = [
            f"{self.steps} steps: "
            + ", ".join(f"{name} {count}" for name, count in self.by_profile.items()),
            f"{len(self.operations)} operations:",
            *_columns(self.operations),
            "statuses: " + ", ".join(f"{s} {n}" for s, n in sorted(self.statuses.items())),
            f"{len(self.texts)} error texts:",
            *_columns(self.texts),
            *self._messages(),
            f"{len(self.mails)} subjects of mails: " + "; ".join(sorted(self.mails)),
            f"{len(self.settings) - len(one_way)} of {len(self.settings)} conditions were met both "
            "ways; only one way: " + ", ".join(one_way),
            "known differences met: "
            + (", ".join(f"{name} {count}" for name, count in self.known.items()) or "none"),
        ]
        return "\n".join(lines)

    def _messages(self) -> list[str]:
        """Which of Djoser's and simplejwt's own messages were met; why not, or that chance had it so."""
        known = messages()
        lines = [f"{sum(text in self.texts for text in known)} of {len(known)} messages of Djoser "]
        lines[0] += "and simplejwt were met; not met:"
        lines += [
            f"  {text} ({reason or 'not met in this run'})"
            for text, reason in known.items()
            if text not in self.texts
        ]
        return lines


def messages() -> dict[str, str]:
    """Message of Djoser or simplejwt → why it cannot be met; empty where it can."""
    file = Path(__file__).parent / "messages.yaml"
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))["messages"]
    return {row["text"]: row.get("unmet", "") for row in rows}


def _columns(counter: Counter[str]) -> list[str]:
    return [f"  {count:6} {name}" for name, count in sorted(counter.items())]


def _shape(path: str, profile: Profile) -> str:
    """The path with ids taken out."""
    path = path.partition("?")[0]
    rest = path.removeprefix(profile.prefix)
    match = re.fullmatch(r"users/([^/]+)/", rest)
    words = ("me", "activation", "resend_activation", "set_password")
    if match and match[1] not in words and not match[1].startswith("reset_"):
        return "users/{id}/" if not match[1].startswith("set_") else rest
    return rest if rest in _KNOWN or rest.startswith("users/reset_") else "(odd path)"


_KNOWN = {
    "", "users/", "users/me/", "users/activation/", "users/resend_activation/",
    "users/set_password/", "jwt/create/", "jwt/refresh/", "jwt/verify/", "token/login/",
    "token/logout/",
}  # fmt: skip


def _texts(body: bytes) -> Iterator[str]:
    """The sentences in an error's body, their numbers and quotations taken out."""
    try:
        data = json.loads(body)
    except ValueError:
        return
    for text in _strings(data):
        yield re.sub(r"\d+", "0", re.sub(r"[\"“][^\"”]*[\"”]", '"…"', text))[:110]


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)
