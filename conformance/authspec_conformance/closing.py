"""The last lines that a person is told of a run: what explains it, what it left, what changed."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from authspec_conformance.console import against_lines, hardening_line
from authspec_conformance.tested import Tested
from authspec_contract.results import Run


def closing_lines(
    run: Run,
    tested: Tested,
    *,
    results: Path,
    note: str | None,
    mailbox: str | None,
    complaints: Sequence[str],
) -> Iterator[str]:
    """The lines, after the table and the failures.

    `note`: what explains many failures at once; `complaints` are those of the waivers.
    """
    if note and run.footer is not None and run.footer.exit != 0:
        yield note
    if mailbox is not None and not tested.mails and tested.mails_due:
        yield (
            f"No mail came in the whole run, and {tested.mails_due} were due; look whether "
            f"{mailbox} is where the target's mails go."
        )
    yield from tested.broken
    yield from complaints
    if left := tested.leftovers:
        yield (
            f"{len(left)} account{'s' * (len(left) != 1)} could not be deleted: {', '.join(left[:5])}"
            f"{' …' if len(left) > 5 else ''}; authspec clean {results} tries again."
        )
    if run.footer is not None and run.footer.baseline is not None:
        yield from against_lines(run.footer.baseline)
    if line := hardening_line(run):
        yield line
