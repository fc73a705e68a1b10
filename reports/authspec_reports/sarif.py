"""SARIF 2.1.0 of a run, for a code host's list of alerts: one result per failed requirement."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from authspec_contract.results import Outcome, RequirementLine, Run
from authspec_contract.verdict import RequirementVerdict
from authspec_reports.shown import shortened, shown, shown_line
from authspec_reports.summary import Summary, exchanges_of, summarize

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"must": "error", "should": "warning", "may": "note"}
_REPORTED = (Outcome.FAIL, Outcome.WAIVED)


@dataclass(frozen=True)
class Place:
    """A line of the checked repository, to which the alerts are pinned."""

    uri: str = "authspec.toml"
    line: int = 1


def render(run: Run, place: Place | None = None) -> str:
    """The document. Without a place, alerts stand at the profile's file, or at `authspec.toml`."""
    summary = summarize(run)
    reported = summary.worst_first(*_REPORTED)
    rules = {verdict.requirement.id: index for index, verdict in enumerate(reported)}
    at = place or _place_of(run)
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(run, reported)},
                "automationDetails": {"id": f"authspec/{shown_line(run.header.profile.get('name', ''))}/"},
                "originalUriBaseIds": {
                    "CONTRACT": {
                        "description": {"text": "The folder of the package authspec_contract."}
                    }
                },
                "invocations": [_invocation(run, summary)],
                "results": [
                    _result(verdict, run, at, rule=rules[verdict.requirement.id])
                    for verdict in reported
                ],
                "columnKind": "unicodeCodePoints",
                "properties": {"verdict": summary.headline, "totals": dict(summary.totals)},
            }
        ],
    }  # fmt: skip
    return json.dumps(log, indent=2) + "\n"


def _place_of(run: Run) -> Place:
    """The profile's own file, where it is one inside the repository that was checked from."""
    source = PurePosixPath(str(run.header.profile.get("source", "")))
    inside = not source.is_absolute() and ".." not in source.parts
    return Place(str(source)) if inside and source.suffix in {".yaml", ".yml"} else Place()


def _driver(run: Run, reported: tuple[RequirementVerdict, ...]) -> dict[str, Any]:
    return {
        "name": "authspec",
        "semanticVersion": run.header.tool.get("version", "0.0.0"),
        "rules": [_rule(verdict.requirement) for verdict in reported],
    }


def _rule(line: RequirementLine) -> dict[str, Any]:
    text = shown(line.text)
    rests = f"Rests on {', '.join(map(shown_line, line.sources)) or 'no source'}."
    about = f"`authspec explain {line.id}` tells more."
    return {
        "id": line.id,
        "shortDescription": {"text": shortened(text, 1000)},
        "fullDescription": {"text": shortened(f"{text} {rests}", 1000)},
        "help": {"text": f"{text}\n\n{rests}\n\n{about}"},
        "defaultConfiguration": {"level": _LEVELS[line.level]},
        "properties": {"tags": [line.origin, shown_line(line.area), line.level]},
    }


def _result(verdict: RequirementVerdict, run: Run, at: Place, *, rule: int) -> dict[str, Any]:
    line = verdict.requirement
    result: dict[str, Any] = {
        "ruleId": line.id,
        "ruleIndex": rule,
        "kind": "fail",
        "level": _LEVELS[line.level],
        "message": {"text": _message(verdict, run)},
        "locations": [{"physicalLocation": _physical(at.uri, at.line)}],
        "partialFingerprints": {"requirement/v1": _fingerprint(line, run)},
    }
    if line.file:
        result["relatedLocations"] = [
            {
                "id": 1,
                "message": {"text": f"{line.id} in the catalogue of requirements"},
                "physicalLocation": _physical(line.file, line.line, base="CONTRACT"),
            }
        ]
    if verdict.outcome is Outcome.WAIVED:
        result["suppressions"] = [
            {"kind": "external", "justification": shown(verdict.message) or "waived"}
        ]
    return result


def _physical(uri: str, line: int, *, base: str | None = None) -> dict[str, Any]:
    artifact = {"uri": shown_line(uri)} | ({"uriBaseId": base} if base else {})
    return {"artifactLocation": artifact, "region": {"startLine": max(line, 1)}}


def _message(verdict: RequirementVerdict, run: Run) -> str:
    again = [
        f"Send it again: {exchange.curl}"
        for result in verdict.results[:1]
        for exchange in exchanges_of(run, result)[-1:]
    ]
    text = "\n".join([verdict.message or verdict.requirement.text, *again])
    return shortened(shown(text), 4000)


def _fingerprint(line: RequirementLine, run: Run) -> str:
    """The same for one requirement and profile from run to run, so that alerts close and reopen."""
    profile = str(run.header.profile.get("name", ""))
    return sha256(f"{line.id}\n{profile}".encode("utf-8", "replace")).hexdigest()[:32]


def _invocation(run: Run, summary: Summary) -> dict[str, Any]:
    ours = summary.worst_first(Outcome.ERROR)
    notes = [(f"{v.requirement.id}: {v.message}", "error") for v in ours]
    if summary.cut_short:
        notes.append((summary.cut_short, "warning"))
    invocation: dict[str, Any] = {
        "executionSuccessful": summary.cut_short is None and not ours,
        "commandLine": shown_line(" ".join(run.header.command)),
        "startTimeUtc": _utc(run.header.started),
        "toolExecutionNotifications": [
            {"level": level, "message": {"text": shortened(shown(text), 4000)}}
            for text, level in notes
        ],
    }
    if run.footer is not None:
        invocation |= {"endTimeUtc": _utc(run.footer.finished), "exitCode": run.footer.exit}
    return invocation


def _utc(time: str) -> str:
    """SARIF 2.1.0 §3.9 spells UTC as Z."""
    return time.removesuffix("+00:00") + "Z" if time.endswith("+00:00") else time
