"""From a mailbox URL to its adapter."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from authspec_conformance.mailbox.folder import open_folder
from authspec_conformance.mailbox.message import Mailbox
from authspec_contract.errors import UsageError, nearest

_EXAMPLES = {
    "smtp": "smtp://127.0.0.1:1025",
    "imap": "imap://user:$PASSWORD@127.0.0.1:143/INBOX",
    "imaps": "imaps://user:$PASSWORD@mail.example.com/INBOX",
    **{
        f"{catcher}+{scheme}": f"{catcher}+{scheme}://127.0.0.1:8025"
        for catcher in ("mailpit", "maildev", "mailhog")
        for scheme in ("http", "https")
    },
}
"""Scheme → an example, for messages."""
_KINDS = ("mock:", "none", "file://", *(f"{scheme}://" for scheme in _EXAMPLES))


def shown_url(url: str) -> str:
    """A mailbox's URL without user and password. Raises UsageError where it is of no known kind."""
    if url in {"none", "mock:"}:
        return url
    kind, slashes, rest = url.partition("://")
    if kind == "file" or url.startswith("file:"):
        if not _folder(url).name or "\0" in str(_folder(url)):
            raise UsageError(
                f"The mailbox {url!r} names no folder; expected such as file:///var/mails."
            )
        return url
    if not slashes or f"{kind}://" not in _KINDS:
        shown = kind.partition("@")[2] or kind
        raise UsageError(f"The mailbox {shown!r} is of no known kind; {nearest(shown, _KINDS)}")
    shown = f"{kind}://{rest.rpartition('@')[2]}"
    try:
        parts = urlsplit(shown)
        port = parts.port  # reading it is what checks it
        lacks_host = not parts.hostname or (kind == "smtp" and not port)
    except ValueError as error:
        raise UsageError(f"The mailbox {shown!r} is no valid URL ({error}).") from None
    if lacks_host:
        raise UsageError(
            f"The mailbox {shown!r} lacks a host or a port; expected such as {_EXAMPLES[kind]}."
        )
    return shown


def open_mailbox(url: str, *, base: str, ca: str | None = None) -> Mailbox | None:
    """The mailbox behind a URL; None for `none`. `base` is the target's URL, for `mock:`.

    Raises UsageError for a URL of no known kind, TargetError for a mailbox that cannot be used.
    """
    shown_url(url)
    if url == "none":
        return None
    if url == "mock:":
        from authspec_conformance.mailbox.mock import MockMailbox

        return MockMailbox(base)
    if url.startswith("file:"):
        return open_folder(_folder(url))
    if url.startswith("smtp://"):
        from authspec_conformance.mailbox.smtp import SmtpMailbox

        parts = urlsplit(url)
        return SmtpMailbox(parts.hostname or "", parts.port or 0)
    if url.startswith(("imap://", "imaps://")):
        from authspec_conformance.mailbox.imap import ImapMailbox

        return ImapMailbox(url, ca)
    from authspec_conformance.mailbox.mailpit import CatcherMailbox

    kind, _, rest = url.partition("+")
    return CatcherMailbox(kind, rest)


def _folder(url: str) -> Path:
    return Path(unquote(url.removeprefix("file:").removeprefix("//")))
