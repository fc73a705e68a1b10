"""Looks back on all that happened in the run."""

import html
import re
from email.utils import parseaddr

import pytest

from authspec_conformance import expect
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.errors import PRECONDITION, Inconclusive
from authspec_conformance.links import Link, links
from authspec_conformance.mail_expect import link_origin
from authspec_conformance.mailbox.message import MailMessage
from authspec_conformance.people import People
from authspec_contract.profile import Profile
from authspec_contract.results import Outcome

HASH = re.compile(r"\b(?:pbkdf2_sha\d+|argon2\w*|bcrypt\w*|scrypt|md5|sha1)\$")
"""How Django stores a password (django/contrib/auth/hashers.py): the algorithm and a dollar sign."""
NAME = re.compile(r"[\w.@+-]*[\w+-]")
"""What a login may be made of (django/contrib/auth/validators.py UnicodeUsernameValidator)."""
MAIL_NAME = re.compile(r"[^\s<>\"',;:()]+@[\w.-]*\w")
UNFILLED = re.compile(r"\{\{ *\w+|\{% *\w+")
"""A variable or a tag of Django's templates."""


@requirement("MAIL-007")
def test_a_forged_host_stays_out_of_the_mail(
    api: Client, people: People, profile: Profile, context: Context
) -> None:
    """Someone asks for a reset under a forged host name."""
    account = people.active()
    template = profile.djoser.PASSWORD_RESET_CONFIRM_URL or ""
    # without a site name in the settings, the text names the host of the request (djoser/email.py 2.3)
    named = bool(profile.djoser.EMAIL_FRONTEND_SITE_NAME or profile.mail.site_name)
    for name in ("X-Forwarded-Host", "Host"):
        mark = people.mark()
        with context.observer.odd():
            reply = api(
                "reset_password",
                {profile.user.email_field: account.email},
                headers={name: "evil.example"},
            )
        if reply.status >= 400:
            continue  # refused, as Django does for a host that is not one of ALLOWED_HOSTS
        for mail in people.postbox.wait(mark, to=account.email):
            if named and "evil.example" in mail.text + mail.html:
                expect.fail(f"a forged {name} header got into the mail")
            for link in people.postbox.links(mail, template):
                if not link.origin.rstrip("/").endswith(link_origin(profile)):
                    expect.fail(f"after a forged {name} header the link begins with {link.origin}")


@pytest.mark.last
@requirement(
    "MAIL-001", "MAIL-002", "MAIL-003", "MAIL-004", "MAIL-005", "MAIL-006", "MAIL-009", "MAIL-010",
    "MAIL-011", "MAIL-012", "MAIL-013", "MAIL-014",
)  # fmt: skip
def test_the_mails_of_the_run(
    claim: Claims, people: People, profile: Profile, context: Context
) -> None:
    """Every mail that came: asked for, addressed, filled, and with a link of its own account."""
    postbox = people.postbox
    if not people.ledger.accounts:
        people.ask_for_registration()
    ours = [mail for mail in postbox.since(0) if concerns(mail, context)]
    if not ours:
        for id_ in claim.ids:
            claim.decide(id_, Outcome.INCONCLUSIVE, "no mail came in this run")
        return
    with claim("MAIL-003"):
        postbox.settle(0)
        ours = [mail for mail in postbox.since(0) if concerns(mail, context)]
        stray = context.allowance.unaccounted(ours)
        if stray:
            expect.fail(f"{len(stray)} mails came that no call asked for, the first: {stray[0]}")
    with claim("MAIL-004"):
        _hold_no_secret(ours, people)
    with claim("MAIL-005"):
        _are_whole(ours, profile)
    with claim("MAIL-009"):
        for mail in ours:
            if not mail.text.strip():
                expect.fail(f"the mail {mail} has HTML alone")
    with claim("MAIL-006"):
        _uids(ours, profile, people)
    with claim("MAIL-001"):
        _lead_to_the_front_end(ours, profile.djoser.ACTIVATION_URL, profile)
    with claim("MAIL-002"):
        _lead_to_the_front_end(ours, profile.djoser.PASSWORD_RESET_CONFIRM_URL, profile)
    with claim("MAIL-010"):
        for mail in ours:
            sender, stated = parseaddr(mail.sender)[1], parseaddr(profile.mail.from_ or "")[1]
            expect.equal(sender, stated, f"the sender of the mail {mail}")
    with claim("MAIL-011"):
        _have_no_token_in_their_subject(ours, profile)
    with claim("MAIL-012"):
        _name_nobody_else(ours, people)
    with claim("MAIL-013"):
        _subjects_differ(ours, profile)
    with claim("MAIL-014"):
        _name_the_site(ours, profile)


def concerns(mail: MailMessage, context: Context) -> bool:
    """Whether a mail in a mailbox that others may use too comes from this run."""
    return context.run in " ".join((*mail.to, mail.subject, mail.text, mail.html))


def _hold_no_secret(mails: list[MailMessage], people: People) -> None:
    accounts = people.ledger.accounts
    logins = {login for account in accounts for login in account.logins}
    secrets = {word for account in accounts for word in account.passwords if len(word) > 9} - logins
    for mail in mails:
        if any(s in mail.text or s in mail.html or s in mail.subject for s in secrets):
            expect.fail(f"the mail {mail} contains a password")
        if sign := HASH.search(f"{mail.subject} {mail.text} {mail.html}"):
            expect.fail(f"the mail {mail} contains what looks like a hash: {sign[0]}…")


def _are_whole(mails: list[MailMessage], profile: Profile) -> None:
    """Every mail has a sender, a subject and a text, and every place of its template is filled."""
    for mail in mails:
        told = mail.text.strip() or mail.html.strip()
        if not mail.sender or not mail.subject.strip() or not told:
            expect.fail(f"the mail {mail} lacks a sender, a subject or a text")
        if UNFILLED.search(mail.text + mail.html) or UNFILLED.search(mail.subject):
            expect.fail(f"the mail {mail} shows a place of its template that was not filled")
        if re.search(r"\bNone\b", mail.subject) and "None" not in str(profile.mail.site_name):
            expect.fail(f"the mail {mail} calls the site None")


def _have_no_token_in_their_subject(mails: list[MailMessage], profile: Profile) -> None:
    for mail in mails:
        for template in _templates(profile):
            if any(link.token in mail.subject for link in _all_links(mail, template)):
                expect.fail("a mail's subject holds the token of its link")


def _name_the_site(mails: list[MailMessage], profile: Profile) -> None:
    site = profile.djoser.EMAIL_FRONTEND_SITE_NAME or profile.mail.site_name or ""
    for mail in mails:
        text = html.unescape(f"{mail.subject} {mail.text} {mail.html}")
        if " ".join(site.split()) not in " ".join(text.split()):
            expect.fail(f"the mail {mail} does not name the site {site!r}")


def _uids(mails: list[MailMessage], profile: Profile, people: People) -> None:
    """One uid per address, and the HTML has the link of the text."""
    for mail in mails:
        for template in _templates(profile):
            in_text = {(x.uid, x.token) for x in _text_links(mail, template)}
            in_html = {(x.uid, x.token) for x in _html_links(mail, template)}
            if in_text and in_html and in_text != in_html:
                expect.fail(f"the links in the text and in the HTML of the mail {mail} differ")
            for uid, _ in in_text | in_html:
                owner = people.owner_of_uid(uid)
                if owner is not None and not any(a in owner for a in mail.to):
                    expect.fail(f"the mail {mail} carries the uid of another account")


def _templates(profile: Profile) -> list[str]:
    djoser = profile.djoser
    return [t for t in (djoser.ACTIVATION_URL, djoser.PASSWORD_RESET_CONFIRM_URL) if t]


def _text_links(mail: MailMessage, template: str) -> list[Link]:
    return links(MailMessage("", (), "", "", mail.text, ""), template)


def _html_links(mail: MailMessage, template: str) -> list[Link]:
    return links(MailMessage("", (), "", "", "", mail.html), template)


def _all_links(mail: MailMessage, template: str) -> list[Link]:
    return [*_text_links(mail, template), *_html_links(mail, template)]


def _lead_to_the_front_end(
    mails: list[MailMessage], template: str | None, profile: Profile
) -> None:
    for mail in mails:
        for link in _all_links(mail, template) if template else ():
            if not link.origin.rstrip("/").endswith(link_origin(profile)):
                expect.fail(f"a link of the mail {mail} begins with {link.origin}")


def _name_nobody_else(mails: list[MailMessage], people: People) -> None:
    """No login or address of an account stands in a mail to another one."""
    run = people.ledger.run  # a given account may be called by a word of the mail
    names = [
        {name for name in (a.email, *a.addresses, *a.logins) if run in name}
        for a in people.ledger.accounts
    ]
    for mail in mails:
        to = {address.lower() for address in mail.to}
        own = {name for known in names if to & {n.lower() for n in known} for name in known}
        if not own:
            continue  # to a stranger, which MAIL-003 tells of
        text = f"{mail.subject} {html.unescape(mail.text)} {html.unescape(mail.html)}"
        found = {*NAME.findall(text), *MAIL_NAME.findall(text)}
        for known in names:
            if other := (known & found) - own:
                expect.fail(f"the mail {mail} names another account: {min(other)}")


def _subjects_differ(mails: list[MailMessage], profile: Profile) -> None:
    """Mails with links of one kind have another subject than those with links of another kind."""
    templates = _templates(profile)
    # one template may be so general that the links of the other fit it
    kinds = [[t for t in templates if _all_links(mail, t)] for mail in mails]
    by_kind = [
        {mail.subject for mail, kind in zip(mails, kinds, strict=True) if kind == [template]}
        for template in templates
    ]
    if len(by_kind) == 2 and (same := by_kind[0] & by_kind[1]):
        expect.fail(f"mails for an activation and for a reset have the same subject {min(same)!r}")


@pytest.mark.last
@requirement("REG-001", "REG-007", "ACT-001", "RST-002", "LOG-001", "LOG-020")
def test_the_steps_of_the_run(claim: Claims, people: People) -> None:
    """Registrations, activations, logins and mails that stories about something else took for granted."""
    for id_ in claim.ids:
        if reason := people.steps.broken.get(id_):
            with claim(id_):
                expect.fail(f"not every time: {reason.removeprefix(PRECONDITION)}")
        elif reason := people.steps.consequences.get(id_):
            with claim(id_):
                raise Inconclusive(
                    f"not every time: {reason.removeprefix(PRECONDITION)}; as no other login opens the "
                    "account either, another failure of this run may be the cause"
                )
        claim.skip(id_, "no such step failed")


@pytest.mark.last
@requirement("HTTP-005", "HTTP-006", "HTTP-010", "SEC-008")
def test_the_answers_of_the_run(claim: Claims, context: Context) -> None:
    """Every answer that came: no server error, of the type it names, known to the contract."""
    observer = context.observer
    for id_, found in (
        ("HTTP-005", observer.server_errors), ("HTTP-006", observer.unknown), ("HTTP-010", observer.traces),
        ("SEC-008", observer.echoes),
    ):  # fmt: skip
        with claim(id_):
            if found:
                raise next(iter(found.values()))
