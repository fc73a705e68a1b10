"""The folder that a run writes into, and its results file: both are there before the first call is made."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from authspec_contract.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class InUse(UsageError):
    """Two runs would write into one file."""


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
        stream = path.open("a", encoding="utf-8")
        _claim(stream, path)
        if not shared:
            stream.truncate(0)
            return stream
        # workers of a run that was killed go on with the file that they know, and not with this one
        path.unlink()
        with stream:
            anew = path.open("a", encoding="utf-8")
            _claim(anew, path)
            return anew
    except OSError as error:
        raise unwritable(path, str(error.strerror)) from None


def _claim(stream: TextIO, path: Path) -> None:
    """Raises InUse where another run has the file; the claim ends with the process, however it ends."""
    if fcntl is None:
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise InUse(
            f"Another run is writing {path}; wait for its end, or give a folder of its own by --report."
        ) from None
    except OSError:
        return  # a file system without locks
