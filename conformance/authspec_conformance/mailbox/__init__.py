"""Where the target's mails can be read: one adapter per kind, chosen by URL."""

from authspec_conformance.mailbox.message import Mailbox, MailMessage

__all__ = ["MailMessage", "Mailbox"]
