"""What a test asserts about mails."""

import re

from authspec_conformance.expect import Failure
from authspec_conformance.links import Link
from authspec_conformance.mailbox.message import MailMessage
from authspec_conformance.postbox import Postbox, addressed
from authspec_contract.profile import Profile

_TOKEN = re.compile(r"[0-9a-z]{5,8}-[0-9a-f]{20,64}")


def one_mail(postbox: Postbox, mark: int, *, to: str, what: str) -> MailMessage:
    """Exactly one mail came behind the position for this address, and to it alone."""
    found = postbox.wait(mark, to=to)
    if not found:
        others = postbox.since(mark)
        hint = f"; {len(others)} others came, to {_recipients(others)}" if others else ""
        if not postbox.count:
            hint = f"; no mail at all came in this run, so look whether {postbox.mailbox.url} is the right mailbox"
        raise Failure(f"no mail came to {to} after {what}{hint}")
    postbox.settle(mark, to=to)
    found = postbox.since(mark, to=to)
    if len(found) > 1:
        subjects = ", ".join(repr(mail.subject) for mail in found)
        raise Failure(f"{len(found)} mails came to {to} after {what}, expected one: {subjects}")
    mail = found[0]
    strangers = [address for address in mail.to if not addressed_to(address, to)]
    if strangers:
        raise Failure(
            f"the mail after {what} also goes to {', '.join(strangers)}, expected to {to} alone"
        )
    return mail


def no_mail(postbox: Postbox, mark: int, *, to: str, what: str) -> None:
    """No mail came behind the position for this address."""
    found = postbox.settle(mark, to=to)
    if found:
        raise Failure(f"a mail came to {to} after {what}, expected none: {found[0]}")


def one_link(postbox: Postbox, mail: MailMessage, template: str) -> Link:
    """The mail's link of this template: all of that shape in it are the same."""
    found = postbox.links(mail, template)
    if not found:
        raise Failure(f"the mail {mail} has no link like {template}")
    if len({(link.origin, link.uid, link.token) for link in found}) > 1:
        raise Failure(f"the mail {mail} has several different links like {template}")
    return found[0]


def no_link(postbox: Postbox, mail: MailMessage, template: str | None) -> None:
    """The mail has no link of this template."""
    if template and postbox.links(mail, template):
        raise Failure(f"the mail {mail} has a link like {template}, expected none")


def only_tells(postbox: Postbox, mail: MailMessage, profile: Profile) -> None:
    """The mail has no link with a token of Django's in it, of whatever page of the profile."""
    djoser = profile.djoser
    urls = (
        djoser.ACTIVATION_URL, djoser.PASSWORD_RESET_CONFIRM_URL, djoser.USERNAME_RESET_CONFIRM_URL,
    )  # fmt: skip
    for template in filter(None, urls):
        if any(_TOKEN.fullmatch(link.token) for link in postbox.links(mail, template)):
            raise Failure(f"the mail {mail} has a link like {template}, expected none")


def link_origin(profile: Profile) -> str:
    """Protocol and host that the profile's links begin with; the protocol is left out where it follows the request."""
    domain = profile.djoser.EMAIL_FRONTEND_DOMAIN or profile.mail.domain or ""
    protocol = profile.djoser.EMAIL_FRONTEND_PROTOCOL or profile.mail.protocol
    return f"{protocol}://{domain}" if protocol else f"://{domain}"


def addressed_to(address: str, to: str) -> bool:
    """Whether two addresses are the same mailbox."""
    return addressed(MailMessage("", (address,), "", "", "", ""), to)


def _recipients(mails: list[MailMessage]) -> str:
    return ", ".join(sorted({address for mail in mails for address in mail.to})[:5])
