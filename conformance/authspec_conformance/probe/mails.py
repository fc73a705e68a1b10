"""What a mail shows: the shape of its link, the host, the site's name, the sender."""

import html
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authspec_conformance.mailbox.message import MailMessage
from authspec_conformance.probe.findings import Findings, Holds
from authspec_conformance.probe.visitor import Visitor
from authspec_contract.profile import Profile

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://[^\s<>\"']+")
_TOKEN = re.compile(r"[0-9a-z]{5,8}-[0-9a-f]{20,64}")
_WORD = r"[0-9A-Za-z_\-]+"
_SITE_NAMES = (
    re.compile(r"(?:Account activation|Password reset|Username reset) on (?P<name>.+)"),
    re.compile(r"(?P<name>.+) - Your (?:account|password|username) has been successfully .+"),
)
"""The subjects of djoser/templates/email/*.html 2.3, in English."""


@dataclass(frozen=True)
class MailLink:
    """A link with a mail's uid and token in it."""

    url: str
    uid: str
    token: str

    @property
    def shape(self) -> str:
        """The link with its secrets taken out."""
        return _without(self.url, self.uid, self.token)


def link_of(mail: MailMessage, id_: Any = None) -> MailLink | None:
    """The link in a mail that carries a token; `id_` is the account's, where it is known."""
    for body in (mail.text, html.unescape(mail.html)):
        for url in _URL.findall(body):
            token = _TOKEN.search(url)
            if token is None:
                continue
            uid = _uid(url, token[0], id_)
            if uid is not None:
                return MailLink(url, uid, token[0])
    return None


def _uid(url: str, token: str, id_: Any) -> str | None:
    """djoser/utils.py encode_uid: the id in URL-safe base64 without padding."""
    if id_ is not None:
        known = urlsafe_b64encode(str(id_).encode()).decode().rstrip("=")
        if known in url:
            return known
    before = re.search(rf"({_WORD})[/&?=:.,;]+(?:token=)?{re.escape(token)}", url)
    after = re.search(rf"{re.escape(token)}[/&?=:.,;]+(?:uid=)?({_WORD})", url)
    found = before or after
    return found[1] if found else None


def template_of(link: MailLink) -> str:
    """The setting that makes such links: what stands behind protocol and domain."""
    return link.shape.partition("://")[2].partition("/")[2]


def makes(link: MailLink, setting: str) -> Holds:
    """Whether a profile's template, filled in as Djoser does (djoser/email.py), gives this link."""
    there = urlsplit(link.url)

    def holds(profile: Profile) -> bool:
        template = getattr(profile.djoser, setting) or ""
        filled = template.replace("{protocol}", there.scheme).replace("{domain}", there.netloc)
        return bool(filled == template_of(link))

    return holds


def _without(url: str, uid: str, token: str) -> str:
    shape = url.replace(token, "{token}")
    # the last word that is the uid: a short one may occur in the host as well
    head, found, tail = shape.rpartition("{token}")
    pattern = re.compile(rf"(?<![0-9A-Za-z]){re.escape(uid)}(?![0-9A-Za-z])")
    spots = list(pattern.finditer(head)) or []
    if spots:
        last = spots[-1]
        return f"{head[: last.start()]}{{uid}}{head[last.end() :]}{found}{tail}"
    return head + found + pattern.sub("{uid}", tail, count=1)


def told_by_mail(visitor: Visitor, findings: Findings, mail: MailMessage) -> None:
    """What any of Djoser's mails tells of the mail settings."""
    findings.tell("mail.from", mail.sender, "the sender of the mails")
    here = urlsplit(visitor.target.base)
    link = link_of(mail)
    if link is not None:
        _told_by_link(findings, link, here.netloc, here.scheme)
    for pattern in _SITE_NAMES:
        if match := pattern.fullmatch(mail.subject):
            name = html.unescape(match["name"])  # the templates escape it in subjects as well
            if name == here.netloc:
                findings.cannot("mail.site_name", "it is the host that was called, the default")
            else:
                findings.tell(
                    "mail.site_name", name, f"a subject is {mail.subject!r}", holds=_site_is(name)
                )


def _told_by_link(findings: Findings, link: MailLink, host: str, scheme: str) -> None:
    there = urlsplit(link.url)
    if there.netloc == host:
        findings.cannot(
            "mail.domain", "links name the host that was called: the default, or fixed to it"
        )
    else:
        findings.tell(
            "mail.domain",
            there.netloc,
            f"links go to {there.netloc} (Djoser's EMAIL_FRONTEND_DOMAIN does the same)",
            holds=lambda p: (p.djoser.EMAIL_FRONTEND_DOMAIN or p.mail.domain) == there.netloc,
        )
    if there.scheme == scheme:
        findings.cannot("mail.protocol", "links have the call's own protocol, the default")
    else:
        findings.tell(
            "mail.protocol",
            there.scheme,
            f"links begin with {there.scheme}://",
            holds=lambda p: (p.djoser.EMAIL_FRONTEND_PROTOCOL or p.mail.protocol) == there.scheme,
        )


def _site_is(name: str) -> Holds:
    def holds(profile: Profile) -> bool:
        declared = profile.djoser.EMAIL_FRONTEND_SITE_NAME or profile.mail.site_name
        # a subject is one line, and a template may have escaped it
        return html.unescape(declared or "").split() == html.unescape(name).split()

    return holds
