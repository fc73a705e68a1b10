"""A mail as the file that a mail server would have: RFC 5322 with a text and an HTML part."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from authspec_mock.core.wire import Mail

_POLICY = SMTP.clone(max_line_length=998)
"""Text as it is, up to the longest line that RFC 5322 section 2.1.1 allows."""


def mail_file(mail: Mail, id_: int) -> bytes:
    """The bytes of the mail; the same mail and id give the same bytes."""
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = _line(mail.subject)
    message["From"] = _line(mail.from_)
    message["To"] = ", ".join(_line(address) for address in mail.to)
    message["Date"] = formatdate(mail.sent_at)
    message["Message-ID"] = message_id(mail, id_)
    message.set_content(_text(mail.text), charset="utf-8")
    if mail.html:
        message.add_alternative(_text(mail.html), subtype="html", charset="utf-8")
        message.set_boundary(f"=-authspec-{id_}-=")
    return message.as_bytes()


def message_id(mail: Mail, id_: int) -> str:
    """Unique in its world."""
    return f"<{id_}.{int(mail.sent_at * 1000)}@authspec.mock>"


def _line(text: str) -> str:
    """Without line breaks: they would end the header."""
    return _text(" ".join(text.splitlines()))


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
