"""Mails as they come over the wire become what the suite looks at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authspec_conformance.mailbox.message import parse_message


def parsed(*head: str, body: str = "", envelope: tuple[str, ...] = ()):
    return parse_message("\r\n".join([*head, "", body]).encode(), id_="1", envelope=envelope)


def test_recipients_are_those_of_to_cc_and_the_envelope_each_once():
    mail = parsed(
        "To: Ada <ada@example.com>, bob@example.com", "Cc: eve@example.com",
        envelope=("ada@example.com", "hidden@example.com"),
    )  # fmt: skip
    assert mail.to == (
        "ada@example.com",
        "bob@example.com",
        "eve@example.com",
        "hidden@example.com",
    )


def test_a_subject_that_is_encoded_or_folded_is_one_line():
    assert parsed("Subject: =?utf-8?b?R3LDvMOfZQ==?=").subject == "Grüße"
    assert parsed("Subject: Account activation\r\n on our site").subject == (
        "Account activation on our site"
    )


def test_text_and_html_of_an_alternative_are_told_apart():
    body = (
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nplain\r\n"
        "--b\r\nContent-Type: text/html\r\n\r\n<b>bold</b>\r\n--b--\r\n"
    )
    mail = parsed("MIME-Version: 1.0", "Content-Type: multipart/alternative; boundary=b", body=body)
    assert (mail.text.strip(), mail.html.strip()) == ("plain", "<b>bold</b>")


def test_a_mail_of_html_alone_has_no_text():
    mail = parsed("Content-Type: text/html", body="<b>bold</b>")
    assert (mail.text, mail.html) == ("", "<b>bold</b>")


def test_an_unknown_charset_is_read_as_far_as_it_goes():
    mail = parsed("Content-Type: text/plain; charset=no-such-charset", body="hello")
    assert mail.text == "hello"


@pytest.mark.parametrize(
    "head",
    [
        ["To: <>"],
        ["To: undisclosed-recipients:;"],
        ['To: "unclosed <ada@example.com'],
        ["To: @", "From: <", "Subject: =?bad?q?=FF?="],
        ["To: =?utf-8?q?=00?= <a@b>"],
        ["Content-Type: multipart/mixed"],
        ["Content-Type: ;;;"],
        ["Content-Transfer-Encoding: base64"],
        [" begins with a space"],
    ],
)
def test_broken_mails_are_mails_all_the_same(head):
    assert parsed(*head, body="x").id == "1"


@given(st.binary(max_size=300))
def test_no_bytes_bring_the_run_down(raw):
    parse_message(raw, id_="1")


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=60))
def test_no_address_brings_the_run_down(address):
    parse_message(f"To: {address}\nSubject: {address}\n\nx".encode("latin-1"), id_="1")


def test_a_mail_tells_itself_by_subject_and_recipient():
    assert str(parsed("To: ada@example.com", "Subject: Hi")) == "'Hi' to ada@example.com"
    assert str(parsed("Subject: Hi")) == "'Hi' to nobody"
