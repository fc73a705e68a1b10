"""Looks back on all that happened in the run."""

import re

import pytest

from authspec_conformance import expect
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.links import links
from authspec_conformance.mail_expect import link_origin
from authspec_conformance.mailbox.message import MailMessage
from authspec_conformance.people import People
from authspec_contract.profile import Profile
from authspec_contract.results import Outcome

HASH = re.compile(r"\b(?:pbkdf2_sha\d+|argon2\w*|bcrypt\w*|scrypt|md5|sha1)\$")
"""How Django stores a password (django/contrib/auth/hashers.py): the algorithm and a dollar sign."""
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
@requirement("MAIL-003", "MAIL-004", "MAIL-005", "MAIL-006", "MAIL-009")
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
        secrets = {password for account in people.ledger.accounts for password in account.passwords}
        logins = {login for account in people.ledger.accounts for login in account.logins}
        for mail in ours:
            if any(
                s in mail.text or s in mail.html or s in mail.subject
                for s in secrets - logins
                if len(s) > 9
            ):
                expect.fail(f"the mail {mail} contains a password")
            if sign := HASH.search(f"{mail.subject} {mail.text} {mail.html}"):
                expect.fail(f"the mail {mail} contains what looks like a hash: {sign[0]}…")
    with claim("MAIL-005"):
        for mail in ours:
            if (
                not mail.sender
                or not mail.subject.strip()
                or not (mail.text.strip() or mail.html.strip())
            ):
                expect.fail(f"the mail {mail} lacks a sender, a subject or a text")
            if UNFILLED.search(mail.text + mail.html) or UNFILLED.search(mail.subject):
                expect.fail(f"the mail {mail} shows a place of its template that was not filled")
            if re.search(r"\bNone\b", mail.subject) and "None" not in str(profile.mail.site_name):
                expect.fail(f"the mail {mail} calls the site None")
    with claim("MAIL-009"):
        for mail in ours:
            if not mail.text.strip():
                expect.fail(f"the mail {mail} has HTML alone")
    with claim("MAIL-006"):
        _uids(ours, profile, people)


def concerns(mail: MailMessage, context: Context) -> bool:
    """Whether a mail in a mailbox that others may use too comes from this run."""
    return context.run in " ".join((*mail.to, mail.subject, mail.text, mail.html))


def _uids(mails: list[MailMessage], profile: Profile, people: People) -> None:
    """One uid per address, and the HTML has the link of the text."""
    djoser = profile.djoser
    urls = (
        djoser.ACTIVATION_URL, djoser.PASSWORD_RESET_CONFIRM_URL, djoser.USERNAME_RESET_CONFIRM_URL,
    )  # fmt: skip
    templates = [template for template in urls if template]
    for mail in mails:
        for template in templates:
            in_text = {
                (x.uid, x.token)
                for x in links(MailMessage("", (), "", "", mail.text, ""), template)
            }
            in_html = {
                (x.uid, x.token)
                for x in links(MailMessage("", (), "", "", "", mail.html), template)
            }
            if in_text and in_html and in_text != in_html:
                expect.fail(f"the links in the text and in the HTML of the mail {mail} differ")
            for uid, _ in in_text | in_html:
                owner = people.owner_of_uid(uid)
                if owner is not None and not any(a in owner for a in mail.to):
                    expect.fail(f"the mail {mail} carries the uid of another account")


@pytest.mark.last
@requirement("HTTP-005", "HTTP-006", "HTTP-010")
def test_the_answers_of_the_run(claim: Claims, context: Context) -> None:
    """Every answer that came: no server error, of the type it names, known to the contract."""
    observer = context.observer
    for id_, found in (
        ("HTTP-005", observer.server_errors), ("HTTP-006", observer.unknown), ("HTTP-010", observer.traces),
    ):  # fmt: skip
        with claim(id_):
            if found:
                raise next(iter(found.values()))
