"""An earlier run to hold this one against: what failed there already does not fail this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from authspec_contract.errors import ResultsError
from authspec_contract.results import Against, Outcome, Run, read_run
from authspec_contract.verdict import RequirementVerdict, verdicts


@dataclass(frozen=True)
class Baseline:
    """The outcomes of a whole run."""

    file: Path
    run: Run
    failed: frozenset[str]
    """Requirements that failed there, waived ones not among them."""

    def remarks(self, contract: str, profile: str) -> tuple[str, ...]:
        """What makes it hard to compare with a run of this contract and profile, in one line each."""
        theirs = str(self.run.header.profile.get("name"))
        found = []
        if self.run.header.contract != contract:
            found.append(
                f"The baseline {self.file} was made by another contract ({self.run.header.contract}, now "
                f"{contract}): a requirement may mean something else."
            )
        if theirs != profile:
            found.append(
                f"The baseline {self.file} is of the profile {theirs}, and this run of {profile}."
            )
        return tuple(found)

    def against(self, decided: Sequence[RequirementVerdict], remarks: Sequence[str]) -> Against:
        """What changed since."""
        failing = [v.requirement.id for v in decided if v.outcome is Outcome.FAIL]
        passing = [v.requirement.id for v in decided if v.outcome is Outcome.PASS]
        return Against(
            file=str(self.file),
            run=self.run.header.run,
            started=self.run.header.started,
            new=tuple(id_ for id_ in failing if id_ not in self.failed),
            known=tuple(id_ for id_ in failing if id_ in self.failed),
            fixed=tuple(id_ for id_ in passing if id_ in self.failed),
            remarks=tuple(remarks),
        )


def read_baseline(path: Path) -> Baseline:
    """The baseline in a results file. Raises ResultsError where it is none, or of a run cut short."""
    run = read_run(path)
    if run.footer is None or run.footer.stopped is not None:
        why = (
            "cut short" if run.footer is None else f"stopped before its end ({run.footer.stopped})"
        )
        raise ResultsError(
            f"The baseline {path} is of a run that was {why}, so it does not tell what held; give the "
            "results of a whole one."
        )
    failed = frozenset(v.requirement.id for v in verdicts(run) if v.outcome is Outcome.FAIL)
    return Baseline(path, run, failed)
