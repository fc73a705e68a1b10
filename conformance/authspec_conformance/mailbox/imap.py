"""`imap://USER:PASSWORD@HOST:PORT/FOLDER` (or `imaps://`): a real mailbox."""

import imaplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from authspec_conformance.mailbox.message import MailMessage, parse_message
from authspec_contract.errors import TargetError

_PATIENCE = 10.0
"""Seconds without a word after which the server counts as gone."""


class ImapMailbox:
    """Reads one folder by UID, without marking mails as seen."""

    def __init__(self, url: str, ca: str | None = None) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "imaps"
        host, port = parts.hostname or "", parts.port or (993 if secure else 143)
        folder = unquote(parts.path.strip("/")) or "INBOX"
        self.url = f"{parts.scheme}://{host}:{port}/{folder}"
        self._folder = folder
        try:
            self._imap: imaplib.IMAP4
            if secure:
                context = ssl.create_default_context(cafile=ca)
                self._imap = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=_PATIENCE)
            else:
                self._imap = imaplib.IMAP4(host, port, timeout=_PATIENCE)
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._failed(error) from None
        try:
            self._imap.login(unquote(parts.username or ""), unquote(parts.password or ""))
            self._last = max(self._uids(1), default=0)
        except (imaplib.IMAP4.error, OSError) as error:
            self.close()
            raise self._failed(error) from None

    def arrived(self) -> Sequence[MailMessage]:
        mails = []
        try:
            for uid in self._uids(self._last + 1):
                _, parts = self._imap.uid("FETCH", str(uid), "(BODY.PEEK[])")
                raw = next((p[1] for p in parts if isinstance(p, tuple)), None)
                if raw is not None:
                    mails.append(parse_message(raw, id_=f"imap-{uid}"))
                self._last = uid
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._failed(error) from None
        return mails

    def close(self) -> None:
        with suppress(imaplib.IMAP4.error, OSError):  # a server that is gone has nothing to close
            self._imap.logout()

    def _uids(self, first: int) -> list[int]:
        status, data = self._imap.select(f'"{self._folder}"', readonly=True)
        if status != "OK":
            raise imaplib.IMAP4.error(f"no folder {self._folder!r}")
        _, data = self._imap.uid("SEARCH", f"UID {first}:*")
        found = sorted(int(uid) for uid in (data[0] or b"").split())
        return [uid for uid in found if uid >= first]  # `n:*` always gives the last one

    def _failed(self, error: Exception) -> TargetError:
        return TargetError(
            f"The mailbox {self.url} cannot be read ({_why(error)}); "
            "check its host, its folder, its user and its password."
        )


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error)
    if text.startswith("b'") and text.endswith("'"):  # imaplib hands the server's bytes on
        text = text[2:-1]
    return text or type(error).__name__
