"""The folder that a run writes into, and its results file: both are there before the first call is made."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from authspec_contract.errors import UsageError


def report_folder(folder: Path) -> Path:
    """The folder, made where it is not there. Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The report folder {folder} cannot be made ({error.strerror}); give another by --report."
        ) from None
    return folder


@contextmanager
def open_results(path: Path, *, shared: bool) -> Iterator[TextIO]:
    """The results file, empty; `shared`: several processes append to it. Raises UsageError."""
    stream = _opened(path, shared)
    try:
        yield stream
    finally:
        with suppress(OSError):  # a full disk was told of at the write that failed
            stream.close()


def unwritable(path: Path, why: str) -> UsageError:
    """What to say of a results file that cannot be written."""
    return UsageError(f"{path} cannot be written ({why}); give another folder by --report.")


def _opened(path: Path, shared: bool) -> TextIO:
    try:
        if not shared:
            return path.open("w", encoding="utf-8")
        # workers of a run that was killed go on with the file that they know, and not with this one
        path.unlink(missing_ok=True)
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise unwritable(path, str(error.strerror)) from None
