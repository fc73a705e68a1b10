"""`imap://USER:PASSWORD@HOST:PORT/FOLDER` (or `imaps://`): a real mailbox."""

import imaplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from authspec_conformance.mailbox.message import MailMessage, parse_message
from authspec_contract.errors import TargetError


class ImapMailbox:
    """Reads one folder by UID, without marking mails as seen."""

    def __init__(self, url: str, ca: str | None = None) -> None:
        parts = urlsplit(url)
        folder = unquote(parts.path.strip("/")) or "INBOX"
        self.url = f"{parts.scheme}://{parts.hostname}:{parts.port or 143}/{folder}"
        self._folder = folder
        try:
            if parts.scheme == "imaps":
                context = ssl.create_default_context(cafile=ca)
                port = parts.port or 993
                self._imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                    parts.hostname or "", port, ssl_context=context, timeout=20
                )
            else:
                self._imap = imaplib.IMAP4(parts.hostname or "", parts.port or 143, timeout=20)
            self._imap.login(unquote(parts.username or ""), unquote(parts.password or ""))
            self._last = max(self._uids(1), default=0)
        except (imaplib.IMAP4.error, OSError) as error:
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
            f"The mailbox {self.url} cannot be read ({type(error).__name__}); "
            "check its host, its user and its password."
        )
