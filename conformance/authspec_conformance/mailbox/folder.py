"""`file://DIR`: the folder of Django's file backend, or a Maildir."""

import re
from collections.abc import Sequence
from pathlib import Path

from authspec_conformance.mailbox.message import MailMessage, parse_message
from authspec_contract.errors import TargetError

# django/core/mail/backends/filebased.py 5.2 ends each mail with 79 dashes and a newline
_SEPARATOR = re.compile(rb"^-{79}\r?\n(?=\s*\Z|[!-9;-~]+:[ \t])", re.MULTILINE)


class DjangoFolder:
    """Reads the files of Django's file backend as they grow.

    Several processes write several mails into one file and names collide, so files are followed by
    offset and a mail counts once its separator is there.
    """

    def __init__(self, folder: Path) -> None:
        self.url = f"file://{folder}"
        self._folder = folder
        self._offsets = {path: path.stat().st_size for path in self._files()}

    def arrived(self) -> Sequence[MailMessage]:
        return [mail for path in self._files() for mail in self._new_in(path)]

    def close(self) -> None:
        """Nothing to stop."""

    def _new_in(self, path: Path) -> list[MailMessage]:
        offset = self._offsets.get(path, 0)
        try:
            size = path.stat().st_size
            if size < offset:
                offset = self._offsets[path] = 0  # deleted and made again under the same name
            if size == offset:
                return []
            with path.open("rb") as file:
                file.seek(offset)
                grown = file.read()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(path, error) from None
        mails = []
        start = 0
        for match in _SEPARATOR.finditer(grown):
            raw = grown[start : match.start()]
            mails.append(parse_message(raw, id_=f"{path.name}@{offset + start}"))
            start = match.end()
        self._offsets[path] = offset + start
        return mails

    def _files(self) -> list[Path]:
        try:
            found = [path for path in self._folder.iterdir() if path.is_file()]
            return sorted(found, key=lambda path: path.stat().st_mtime_ns)
        except FileNotFoundError:
            return []  # Django makes the folder with the first mail
        except OSError as error:
            raise _unreadable(self._folder, error) from None


class Maildir:
    """Reads a Maildir: one file a mail, in `new` or `cur`."""

    def __init__(self, folder: Path) -> None:
        self.url = f"file://{folder}"
        self._folder = folder
        self._seen = {path.name.partition(":")[0] for path in self._files()}

    def arrived(self) -> Sequence[MailMessage]:
        mails = []
        for path in self._files():
            name = path.name.partition(":")[0]
            if name not in self._seen:
                try:
                    raw = path.read_bytes()
                except FileNotFoundError:
                    continue  # moved from new to cur; the next look finds it
                except OSError as error:
                    raise _unreadable(path, error) from None
                self._seen.add(name)
                mails.append(parse_message(raw, id_=name))
        return mails

    def close(self) -> None:
        """Nothing to stop."""

    def _files(self) -> list[Path]:
        try:
            found = [path for part in ("new", "cur") for path in (self._folder / part).iterdir()]
            return sorted(found, key=lambda path: path.stat().st_mtime_ns)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(self._folder, error) from None


def open_folder(folder: Path) -> DjangoFolder | Maildir:
    """The adapter that fits the folder. Raises TargetError where it and its parent do not exist."""
    try:
        there, is_folder, above = folder.exists(), folder.is_dir(), folder.parent.is_dir()
    except OSError as error:
        raise _unreadable(folder, error) from None
    if there and not is_folder:
        raise TargetError(
            f"The mailbox {folder} is a file; expected the folder that mails are written to."
        )
    if not there and not above:
        raise TargetError(
            f"The mailbox folder {folder} does not exist, nor does the folder above it; "
            "give the EMAIL_FILE_PATH of the target."
        )
    if (folder / "new").is_dir() and (folder / "cur").is_dir():
        return Maildir(folder)
    return DjangoFolder(folder)


def _unreadable(path: Path, error: OSError) -> TargetError:
    return TargetError(
        f"The mailbox {path} cannot be read ({error.strerror}); give this user access to it."
    )
