"""The types of a run, and its file `results.jsonl`: a header, what happened line by line, a footer.

A line is one JSON object with a `type`. No footer means that the run was cut short; every reader
says so. `results.schema.json` beside this file is the format's definition.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, TextIO, TypeVar, get_args, get_origin, get_type_hints

from authspec_contract.errors import ResultsError

FORMAT = 1
_LEVELS = ("must", "should", "may")
_T = TypeVar("_T")


class Outcome(StrEnum):
    """What a test, and taken together a requirement, came to."""

    PASS = "pass"
    FAIL = "fail"
    """The target's fault."""
    ERROR = "error"
    """Our fault."""
    INCONCLUSIVE = "inconclusive"
    """It could not be tried; the message says why."""
    WAIVED = "waived"
    NOT_APPLICABLE = "not-applicable"
    """The profile says that it does not concern this deployment."""
    NOT_RUN = "not-run"
    """Not selected, or the run was cut short."""
    UNTESTED = "untested"
    """No test covers it; the catalogue says why."""


@dataclass(frozen=True)
class RequirementLine:
    """A requirement as the run knew it: results stay readable when the catalogue has moved on."""

    id: str
    text: str
    level: str
    origin: str
    area: str
    sources: tuple[str, ...] = ()
    operation: str | None = None
    when: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    untested: str | None = None
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Header:
    """The first line."""

    run: str
    started: str
    """ISO 8601, UTC."""
    seed: int
    command: tuple[str, ...]
    """The command line, redacted."""
    tool: Mapping[str, str]
    """`name`, `version`."""
    contract: str
    """The catalogue's hash."""
    target: Mapping[str, str]
    """`url`, and `server` where it names itself."""
    profile: Mapping[str, Any]
    """`name`, `source`, and the settings as facts."""
    mailbox: str
    level: str
    mode: str
    """`default`, `fast` or `thorough`."""
    requirements: tuple[RequirementLine, ...]
    format: int = FORMAT
    shard: str | None = None
    """Such as `2/5`; None for a run that took all tests."""


@dataclass(frozen=True)
class Message:
    """One half of an exchange; redacted and bounded."""

    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Exchange:
    """One request and its response."""

    id: int
    method: str
    url: str
    request: Message
    status: int | None
    """None where no response came; `error` says why."""
    response: Message | None
    seconds: float
    curl: str
    error: str | None = None


@dataclass(frozen=True)
class Result:
    """What one test found out about one requirement."""

    requirement: str
    test: str
    outcome: Outcome
    message: str = ""
    """One sentence: what was expected and what was found."""
    exchanges: tuple[int, ...] = ()
    """Ids of exchanges, in the order in which they happened."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Against:
    """What changed since an earlier run, the baseline; requirements by their ids."""

    file: str
    run: str
    started: str
    new: tuple[str, ...] = ()
    """Fail now, and did not fail there."""
    known: tuple[str, ...] = ()
    """Fail in both; the gate lets them be."""
    fixed: tuple[str, ...] = ()
    """Failed there, and pass now."""
    remarks: tuple[str, ...] = ()
    """What makes the two hard to compare."""


@dataclass(frozen=True)
class Footer:
    """The last line; without it the run was cut short."""

    finished: str
    seconds: float
    totals: Mapping[str, int]
    """Outcome → number of requirements."""
    exit: int
    verdict: str
    """One sentence."""
    leftovers: tuple[str, ...] = ()
    """Accounts that could not be deleted."""
    coverage: Mapping[str, Any] = field(default_factory=dict)
    accounts: int = 0
    mails: int = 0
    requests: int = 0
    password_computations: int = 0
    """How many times the target's password hasher ran for us, as planned from the calls made."""
    stopped: str | None = None
    """Why the run ended before its time: `interrupted`, `max-seconds`, `exitfirst`, or an error."""
    baseline: Against | None = None


@dataclass(frozen=True)
class Run:
    """A results file that has been read."""

    header: Header
    results: tuple[Result, ...]
    exchanges: Mapping[int, Exchange]
    footer: Footer | None

    @property
    def complete(self) -> bool:
        return self.footer is not None


class ResultsWriter:
    """Writes a results file line by line, so that a killed run leaves what it knew."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def header(self, header: Header) -> None:
        self._line("header", asdict(header))

    def exchange(self, exchange: Exchange) -> None:
        self._stream.write(exchange_line(exchange))
        self._stream.flush()

    def result(self, result: Result) -> None:
        self._line("result", asdict(result))

    def footer(self, footer: Footer) -> None:
        self._line("footer", asdict(footer))

    def _line(self, type_: str, value: Mapping[str, Any]) -> None:
        self._stream.write(_line_of(type_, value))
        self._stream.flush()


def exchange_line(exchange: Exchange) -> str:
    """An exchange as its line in the file, for a process that appends to a file of another."""
    return _line_of("exchange", asdict(exchange))


def _line_of(type_: str, value: Mapping[str, Any]) -> str:
    line = json.dumps(
        {"type": type_, **value}, ensure_ascii=False, separators=(",", ":"), default=str
    )
    # a lone surrogate from a target's body must not break the file
    return line.encode("utf-8", "backslashreplace").decode() + "\n"


def read_run(path: Path) -> Run:
    """The run in a results file.

    A last line that was cut off in the middle is dropped, as a killed run leaves it.
    Raises ResultsError, in one sentence, where the file is missing, is not a results file, or is
    of a format that this version does not read.
    """
    try:
        *lines, tail = path.read_bytes().split(b"\n")
        whole = [line.decode() for line in lines]
    except FileNotFoundError:
        raise ResultsError(f"{path} does not exist; expected a results.jsonl.") from None
    except OSError as error:
        raise ResultsError(f"{path} cannot be read as a results file: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ResultsError(f"{path} cannot be read as a results file: it is not UTF-8.") from None
    # the tail may end in the middle of a character
    return parse_run([*whole, tail.decode(errors="replace")], name=str(path))


def parse_run(lines: Iterable[str], *, name: str) -> Run:
    """The run in these lines. Raises ResultsError."""
    header: Header | None = None
    footer: Footer | None = None
    results: list[Result] = []
    exchanges: dict[int, Exchange] = {}
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    for position, (number, line) in enumerate(numbered):
        try:
            raw = json.loads(line)
            if not isinstance(raw, dict):
                raise TypeError("it is no JSON object")
            if "type" not in raw:
                raise ValueError("it has no type")
            kind = raw.pop("type")
            if kind == "header":
                if raw.get("format") != FORMAT:
                    raise ResultsError(
                        f"{name} is of format {raw.get('format')!r}; this version reads format {FORMAT}. "
                        "Read it with the version that wrote it."
                    )
                header = _typed(_header(raw))
            elif kind == "exchange":
                exchange = _typed(_exchange(raw))
                exchanges[exchange.id] = exchange
            elif kind == "result":
                results.append(_typed(_result(raw)))
            elif kind == "footer":
                footer = _typed(_footer(raw))
            else:
                raise ValueError(f"unknown type {kind!r}")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            if position == len(numbered) - 1 and header is not None:
                break  # cut off in the middle of writing
            raise ResultsError(
                f"{name}:{number} is not a line of a results file ({error})."
            ) from None
    if header is None:
        raise ResultsError(
            f"{name} has no header line; expected a results.jsonl that authspec check wrote."
        )
    return Run(header, tuple(results), exchanges, footer)


def _typed(value: _T) -> _T:
    """The value, where its fields are what its class declares; else TypeError.

    A file may come from another version or from a hand, and every reader relies on the types.
    """
    own: Any = type(value)
    for name, kind in _hints(own).items():
        found = getattr(value, name)
        if not _is(found, kind) or (name == "level" and found not in _LEVELS):
            raise TypeError(f"its {name} cannot be {found!r:.60}")
    return value


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _is(value: Any, kind: Any) -> bool:
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin is UnionType:
        return any(_is(value, one) for one in inner)
    if origin is tuple:
        return isinstance(value, tuple) and all(_is(item, inner[0]) for item in value)
    if origin is Mapping:
        return isinstance(value, dict) and all(_is(item, inner[1]) for item in value.values())
    if kind is float:
        return isinstance(value, float | int)
    return isinstance(value, kind) and (not is_dataclass(kind) or _typed(value) is value)


def _header(raw: dict[str, Any]) -> Header:
    lines = tuple(
        RequirementLine(
            **{
                **line,
                "sources": tuple(line["sources"]),
                "when": tuple(line["when"]),
                "needs": tuple(line["needs"]),
            }
        )
        for line in raw.pop("requirements")
    )
    return Header(**{**raw, "command": tuple(raw["command"]), "requirements": lines})


def _exchange(raw: dict[str, Any]) -> Exchange:
    response = raw.pop("response")
    request = raw.pop("request")
    return Exchange(
        **raw, request=Message(**request), response=Message(**response) if response else None
    )


def _result(raw: dict[str, Any]) -> Result:
    return Result(
        **{**raw, "outcome": Outcome(raw["outcome"]), "exchanges": tuple(raw["exchanges"])}
    )


def _footer(raw: dict[str, Any]) -> Footer:
    against = raw.get("baseline")
    return Footer(
        **{
            **raw,
            "leftovers": tuple(raw["leftovers"]),
            "baseline": against and _against(against),
        }
    )


def _against(raw: dict[str, Any]) -> Against:
    lists = ("new", "known", "fixed", "remarks")
    return Against(**{**raw, **{name: tuple(raw[name]) for name in lists}})
