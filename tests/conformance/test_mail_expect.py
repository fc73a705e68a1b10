"""What the suite's tests assert about mails."""

from dataclasses import replace

import pytest

from authspec_conformance.expect import Failure
from authspec_conformance.mail_expect import link_origin, no_link, no_mail, one_link, one_mail
from authspec_conformance.postbox import Postbox
from authspec_conformance.redaction import Redactor

from .sample import Letterbox, mail, with_djoser

ADA, BOB = "ada@example.com", "bob@example.com"
TEMPLATE = "activate/{uid}/{token}"


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def postbox(letterbox: Letterbox) -> Postbox:
    return Postbox(letterbox, Redactor(), patience=0.05)


def said(check, *arguments, **named) -> str:
    with pytest.raises(Failure) as caught:
        check(*arguments, **named)
    return str(caught.value)


def test_the_one_mail_is_given(letterbox, postbox):
    letterbox.new = [mail(ADA, "hello"), mail(BOB)]
    assert one_mail(postbox, 0, to=ADA, what="a registration").text == "hello"


def test_no_mail_at_all_points_at_the_mailbox(postbox):
    text = said(one_mail, postbox, 0, to=ADA, what="a registration")
    assert text == (
        "no mail came to ada@example.com after a registration; no mail at all came in this run, so "
        "look whether test: is the right mailbox"
    )


def test_a_mail_to_somebody_else_is_told(letterbox, postbox):
    letterbox.new = [mail(BOB)]
    assert "1 others came, to bob@example.com" in said(one_mail, postbox, 0, to=ADA, what="it")


def test_two_mails_are_one_too_many(letterbox, postbox):
    letterbox.new = [mail(ADA, id_="1"), mail(ADA, id_="2")]
    assert "2 mails came to ada@example.com after it, expected one" in said(
        one_mail, postbox, 0, to=ADA, what="it"
    )


def test_a_mail_that_also_goes_to_a_stranger_is_told(letterbox, postbox):
    letterbox.new = [replace(mail(ADA), to=(ADA, BOB))]
    assert "also goes to bob@example.com" in said(one_mail, postbox, 0, to=ADA, what="it")


def test_where_none_is_due_none_comes(letterbox, postbox):
    letterbox.new = [mail(BOB)]
    no_mail(postbox, 0, to=ADA, what="it")
    letterbox.new = [mail(ADA)]
    assert "a mail came to ada@example.com after it, expected none" in said(
        no_mail, postbox, 0, to=ADA, what="it"
    )


def test_the_link_is_one_however_often_it_stands_there(postbox):
    link = "http://h/activate/MQ/abc-def"
    assert one_link(postbox, mail(ADA, f"{link} {link}"), TEMPLATE).uid == "MQ"
    assert "has no link like" in said(one_link, postbox, mail(ADA, "hello"), TEMPLATE)
    assert "several different links" in said(
        one_link, postbox, mail(ADA, f"{link} {link}x"), TEMPLATE
    )


def test_a_link_where_none_is_due_is_told(postbox):
    no_link(postbox, mail(ADA, "hello"), TEMPLATE)
    no_link(postbox, mail(ADA, "http://h/activate/MQ/abc"), None)
    assert "expected none" in said(
        no_link, postbox, mail(ADA, "http://h/activate/MQ/abc"), TEMPLATE
    )


def test_links_begin_as_the_profile_says():
    profile = with_djoser(EMAIL_FRONTEND_DOMAIN="app.example.com", EMAIL_FRONTEND_PROTOCOL="https")
    assert link_origin(profile) == "https://app.example.com"
    assert link_origin(with_djoser(EMAIL_FRONTEND_DOMAIN="app.example.com", EMAIL_FRONTEND_PROTOCOL=None)) in {
        "://app.example.com", "http://app.example.com", "https://app.example.com",
    }  # fmt: skip
