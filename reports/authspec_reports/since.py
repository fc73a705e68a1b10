"""What changed since the baseline of a run, in words."""

from authspec_contract.results import Run
from authspec_reports.shown import shown_line
from authspec_reports.summary import count, names


def since_baseline(run: Run) -> list[str]:
    """A sentence that counts, one for each kind of change, and what makes the two hard to compare; none
    without a baseline."""
    against = run.footer.baseline if run.footer is not None else None
    if against is None:
        return []
    lists = {
        "New": against.new,
        "Known (the gate lets them be)": against.known,
        "Fixed": against.fixed,
    }
    changes = [f"{title}: {names(ids)}." for title, ids in lists.items() if ids]
    counted = (
        f"Against the baseline {against.file} (run {against.run}, {against.started}): "
        f"{count(len(against.new), 'new failure')}, {len(against.known)} known, "
        f"{len(against.fixed)} fixed."
    )
    return [shown_line(line) for line in (counted, *changes, *against.remarks)]
