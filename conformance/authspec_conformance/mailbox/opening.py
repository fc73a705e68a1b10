"""From a mailbox URL to its adapter."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from authspec_conformance.mailbox.folder import open_folder
from authspec_conformance.mailbox.message import Mailbox
from authspec_contract.errors import UsageError, nearest

_KINDS = (
    "mock:", "none", "smtp://", "file://", "mailpit+http://", "maildev+http://",
    "mailhog+http://", "imap://", "imaps://",
)  # fmt: skip


def open_mailbox(url: str, *, base: str, ca: str | None = None) -> Mailbox | None:
    """The mailbox behind a URL; None for `none`. `base` is the target's URL, for `mock:`.

    Raises UsageError for a URL of no known kind, TargetError for a mailbox that cannot be used.
    """
    if url == "none":
        return None
    if url.startswith("mock:"):
        from authspec_conformance.mailbox.mock import MockMailbox

        return MockMailbox(base)
    if url.startswith("file:"):
        return open_folder(Path(unquote(url.removeprefix("file://").removeprefix("file:"))))
    if url.startswith("smtp://"):
        from authspec_conformance.mailbox.smtp import SmtpMailbox

        return SmtpMailbox(*_address(url))
    if url.startswith(("imap://", "imaps://")):
        from authspec_conformance.mailbox.imap import ImapMailbox

        return ImapMailbox(url, ca)
    kind, plus, rest = url.partition("+")
    if (
        plus
        and kind in {"mailpit", "maildev", "mailhog"}
        and rest.startswith(("http://", "https://"))
    ):
        from authspec_conformance.mailbox.mailpit import CatcherMailbox

        return CatcherMailbox(kind, rest)
    shown = url.partition("://")[0]
    raise UsageError(f"The mailbox {shown!r} is of no known kind; {nearest(shown, _KINDS)}")


def _address(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise UsageError(
            f"The mailbox {url!r} lacks a host or a port; expected smtp://127.0.0.1:1025."
        )
    return host, port
