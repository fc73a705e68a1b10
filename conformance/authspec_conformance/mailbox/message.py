"""A mail as the suite sees it, and what every mailbox can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Protocol


@dataclass(frozen=True)
class MailMessage:
    """One mail that arrived."""

    id: str
    """Unique in its mailbox."""
    to: tuple[str, ...]
    """Every recipient: To, Cc and, where the mailbox knows the envelope, Bcc."""
    sender: str
    subject: str
    text: str
    html: str

    def __str__(self) -> str:
        return f"{self.subject!r} to {', '.join(self.to) or 'nobody'}"


class Mailbox(Protocol):
    """What the suite asks of a mailbox. Mails come in the order of their arrival."""

    url: str
    """As given, without secrets."""

    def arrived(self) -> Sequence[MailMessage]:
        """The mails that came since the last call; none of those that were there at the start.

        Raises TargetError, in one sentence, where the mailbox cannot be read.
        """

    def close(self) -> None:
        """Stops whatever the mailbox started."""


def parse_message(raw: bytes, *, id_: str, envelope: Sequence[str] = ()) -> MailMessage:
    """A mail from its bytes; `envelope` are the recipients that SMTP named."""
    message = message_from_bytes(raw, policy=policy.default)
    fields = [value for name in ("To", "Cc", "Bcc") for value in _header(message, name)]
    header = [address for _, address in getaddresses(fields) if address]
    recipients = dict.fromkeys([*header, *envelope])
    return MailMessage(
        id=id_,
        to=tuple(recipients),
        sender="".join(_header(message, "From")[:1]),
        subject=" ".join("".join(_header(message, "Subject")[:1]).split()),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _header(message: EmailMessage, name: str) -> list[str]:
    """The values of a header, decoded; as they came where they cannot be.

    On some broken addresses (`To: 0@`) email/_header_value_parser.py of Python 3.11 ends in an
    IndexError, on others in an AttributeError.
    """
    try:
        return [str(value) for value in message.get_all(name, [])]
    except Exception:
        return [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]


def _part(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body(preferencelist=(kind,))
    except Exception:  # a broken Content-Type, by the same parser
        return ""
    if part is None:
        return ""
    try:
        content = part.get_content()
    except Exception:  # an unknown charset
        payload = part.get_payload(decode=True)
        content = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return str(content)
