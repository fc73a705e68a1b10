"""What a run as a whole came to: its exit code, and the verdict in one line. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from authspec_conformance.delete_bodies import DROPPED
from authspec_conformance.settings import Settings
from authspec_contract.catalogue import Requirement
from authspec_contract.results import Outcome
from authspec_contract.verdict import RequirementVerdict, gated

WORDS = {0: "PASS", 1: "FAIL", 3: "OPEN", 4: "ERROR", 130: "INTERRUPTED"}
"""Exit code → the first word of the verdict."""


def exit_code(
    decided: Sequence[RequirementVerdict],
    settings: Settings,
    stopped: str | None,
    stale_waivers: bool,
    own_errors: bool,
    known: Collection[str] = (),
) -> int:
    """The exit code; where several hold: 4, 130, 1, 3, 0.

    A failure that is `known` from the baseline is tested, and does not fail the run.
    """
    in_gate = gated(decided, settings.level)
    failed_before = [v for v in in_gate if _is_known(v, known)]
    outcomes = [verdict.outcome for verdict in in_gate if verdict not in failed_before]
    if own_errors or stopped == "error" or Outcome.ERROR in outcomes:
        return 4
    if stopped == "interrupted":
        return 130
    if Outcome.FAIL in outcomes or stale_waivers:
        return 1
    if stopped is not None or any(_open_unannounced(verdict, settings) for verdict in in_gate):
        return 3
    tested = any(outcome in {Outcome.PASS, Outcome.WAIVED} for outcome in outcomes)
    if not tested and not failed_before:
        return 3
    return 0


def undecided(
    wanted: Iterable[Requirement],
    decided: Collection[str],
    settings: Settings,
    stopped: str | None,
    elsewhere: Mapping[str, int],
) -> Iterator[tuple[str, Outcome, str]]:
    """Why no test decided a requirement that is wanted; a reader must never guess.

    `elsewhere`: requirement → the shard that has a test of it.
    """
    for id_ in (requirement.id for requirement in wanted if requirement.id not in decided):
        if (shard := elsewhere.get(id_)) is not None:
            yield id_, Outcome.NOT_RUN, f"of another shard, {shard}/{settings.shard[1]}"
        elif stopped == "exitfirst":
            yield id_, Outcome.NOT_RUN, "the run stopped at the first failure"
        elif stopped is not None:
            yield id_, Outcome.INCONCLUSIVE, f"the run was stopped before ({stopped})"
        elif settings.mode != "thorough":
            yield id_, Outcome.NOT_RUN, f"not part of the {settings.mode} mode"
        else:
            yield id_, Outcome.ERROR, "no test decided it"


def _is_known(verdict: RequirementVerdict, known: Collection[str]) -> bool:
    return verdict.outcome is Outcome.FAIL and verdict.requirement.id in known


def _open_unannounced(verdict: RequirementVerdict, settings: Settings) -> bool:
    """Whether it stayed open although the configuration did not announce it: by `--mailbox none`, or by
    `[target] delete_bodies = false`."""
    if verdict.outcome is not Outcome.INCONCLUSIVE:
        return False
    if not settings.delete_bodies and DROPPED in verdict.message:
        return False
    announced = settings.mailbox == "none" or settings.mailbox is None
    return not (announced and "--mailbox none" in verdict.message)


def verdict_line(
    code: int,
    decided: Sequence[RequirementVerdict],
    settings: Settings,
    stopped: str | None,
    complaints: Sequence[str],
    without_mailbox: bool,
    known: Collection[str] = (),
) -> str:
    """The verdict as people read it: a word for the exit code, and what it counts."""
    in_gate = gated(decided, settings.level)
    outcomes = [verdict.outcome for verdict in in_gate]
    passed, failed, open_ = map(outcomes.count, (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE))
    parts = [f"{passed} pass", f"{failed} fail"]
    if before := sum(_is_known(verdict, known) for verdict in in_gate):
        parts[-1] += f" ({before} known from the baseline)"
    if errors := outcomes.count(Outcome.ERROR):
        parts.append(f"{errors} errors of authspec")
    if waived := outcomes.count(Outcome.WAIVED):
        parts.append(f"{waived} waived")
    if open_:
        parts.append(f"{open_} open" + (" (no mailbox)" if without_mailbox else ""))
    if not passed and not failed and not waived:
        parts.append("nothing of this level was tested")
    if complaints:
        parts.append(f"{len(complaints)} stale waiver{'s' * (len(complaints) != 1)}")
    if stopped:
        parts.append(f"stopped: {stopped}")
    return f"{WORDS[code]} ({settings.level}): {', '.join(parts)}"
