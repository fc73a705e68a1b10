"""Writes the reports of a run into a folder."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from authspec_contract.errors import UsageError, nearest
from authspec_contract.results import Run
from authspec_reports import badge, html, junit, markdown, sarif, text

FORMATS: Mapping[str, tuple[str, Callable[[Run], str]]] = {
    "html": ("report.html", html.render),
    "junit": ("junit.xml", junit.render),
    "sarif": ("report.sarif", sarif.render),
    "markdown": ("summary.md", markdown.render),
    "badge": ("badge.svg", badge.render),
    "text": ("summary.txt", text.render),
}
"""Format → its file's name and its renderer."""


def write_reports(
    run: Run,
    folder: Path,
    formats: Iterable[str] = ("html", "junit"),
    *,
    place: sarif.Place | None = None,
) -> list[Path]:
    """Writes the reports, each whole or not at all, and gives their paths in the order asked for.

    `place`: the line of the checked repository to which SARIF pins its alerts.
    Raises UsageError for an unknown format or a folder that cannot be written.
    """
    wanted = [_format(name) for name in dict.fromkeys(formats)]
    return [
        write_text(
            folder / file, sarif.render(run, place) if render is sarif.render else render(run)
        )
        for file, render in wanted
    ]


def _format(name: str) -> tuple[str, Callable[[Run], str]]:
    try:
        return FORMATS[name]
    except KeyError:
        raise UsageError(f"There is no format {name!r}; {nearest(name, FORMATS)}") from None


def write_text(path: Path, content: str) -> Path:
    """Through a file beside it: whoever reads meanwhile sees the old text or the new one.

    Raises UsageError where it cannot be written.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(content, encoding="utf-8", newline="\n")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise UsageError(
            f"{path} cannot be written ({error.strerror}); give another place with -o."
        ) from None
    return path
