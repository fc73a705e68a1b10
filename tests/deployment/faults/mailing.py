"""Djoser's mails: sent where none is due, kept back, sent elsewhere, altered."""

from typing import Any

from .patching import wrap


def mail_of(kind: str, request: Any, user: Any) -> Any:
    """One of `settings.EMAIL` about an account, not sent yet."""
    from djoser.conf import settings

    return getattr(settings.EMAIL, kind)(request, {"user": user})


def djoser_mail(kind: str, request: Any, user: Any) -> None:
    """Sends one of `settings.EMAIL` to its account."""
    mail_of(kind, request, user).send([user.email])


def note(address: str, subject: str, text: str) -> None:
    """Sends a mail that Djoser does not have."""
    from django.core.mail import send_mail

    send_mail(subject, text, None, [address])


def sending(kind: str, change: Any) -> None:
    """Puts `change(send, mail, to)` around the sending of Djoser's mails of that class."""

    def send(original: Any, mail: Any, to: Any, *args: Any, **kwargs: Any) -> Any:
        return change(lambda addresses: original(mail, addresses, *args, **kwargs), mail, to)

    wrap(f"djoser.email.{kind}.send", send)


def sent_times(kind: str, times: int) -> None:
    """Sends each mail of that class so many times."""

    def change(send: Any, mail: Any, to: Any) -> None:
        for _ in range(times):
            send(to)

    sending(kind, change)


def link(kind: str, setting: str, change: Any) -> None:
    """Lets `change(values)` alter what a link is made of; the link is made anew afterwards."""
    from djoser.conf import settings

    def context(original: Any, mail: Any) -> Any:
        values = original(mail)
        change(values)
        values["url"] = getattr(settings, setting).format(**values)
        return values

    wrap(f"djoser.email.{kind}.get_context_data", context)


def rendered(kind: str, change: Any) -> None:
    """Lets `change(mail)` alter a mail of that class once it is rendered."""

    def render(original: Any, mail: Any) -> None:
        original(mail)
        change(mail)

    wrap(f"djoser.email.{kind}.render", render)
