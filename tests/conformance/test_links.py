"""The link in a mail is found in whatever form the mail has it."""

from email.message import EmailMessage

import pytest

from authspec_conformance.links import Link, links
from authspec_conformance.mailbox.message import MailMessage, parse_message

TEMPLATE = "auth/activate/{uid}/{token}"
UID, TOKEN = "MTI", "d2ab3c-0123456789abcdef0123456789abcdef"


def mail(text: str = "", html: str = "") -> MailMessage:
    return MailMessage("1", ("ada@example.com",), "", "", text, html)


def one(message: MailMessage, template: str = TEMPLATE) -> Link:
    (link,) = links(message, template)
    assert (link.uid, link.token) == (UID, TOKEN)
    return link


@pytest.mark.parametrize(
    ("template", "path"),
    [
        (TEMPLATE, f"auth/activate/{UID}/{TOKEN}"),
        ("auth/activate/{uid}/{token}/", f"auth/activate/{UID}/{TOKEN}/"),
        ("#/activate/{uid}/{token}", f"#/activate/{UID}/{TOKEN}"),
        ("activate?uid={uid}&token={token}", f"activate?uid={UID}&token={TOKEN}"),
        ("{token}/{uid}", f"{TOKEN}/{UID}"),
        ("a.b+c/{uid}/{token}", f"a.b+c/{UID}/{TOKEN}"),
        ("x/{uid}/{token}/{uid}", f"x/{UID}/{TOKEN}/{UID}"),
        ("{protocol}/{domain}/{uid}/{token}", f"https/app.example.com/{UID}/{TOKEN}"),
    ],
)
def test_templates_of_every_shape_are_read(template, path):
    link = one(mail(f"Please go to https://app.example.com/{path}\n\nThanks."), template)
    assert link.origin == "https://app.example.com/"
    assert link.url == f"https://app.example.com/{path}"


@pytest.mark.parametrize("around", ["<{}>", '"{}"', "({}", "{}.", "{},", "\n{}\n", "{} now"])
def test_what_stands_around_a_link_is_no_part_of_it(around):
    one(mail(around.format(f"http://localhost:3000/auth/activate/{UID}/{TOKEN}")))


@pytest.mark.parametrize(
    "domain", ["localhost:3000", "example.com", "[::1]:80", "example.com/app/de"]
)
def test_the_domain_may_have_a_port_and_a_path(domain):
    link = one(mail(f"http://{domain}/auth/activate/{UID}/{TOKEN}"))
    assert link.origin == f"http://{domain}/"


def test_a_link_in_html_has_its_entities_undone():
    page = f'<a href="https://h/activate?uid={UID}&amp;token={TOKEN}">here</a>'
    one(mail(html=page), "activate?uid={uid}&token={token}")


def test_the_text_goes_before_the_html():
    text = f"http://text/auth/activate/{UID}/{TOKEN}"
    html = f'<a href="http://html/auth/activate/{UID}/{TOKEN}">x</a>'
    assert one(mail(text, html)).origin == "http://text/"
    assert one(mail("no link here", html)).origin == "http://html/"


def test_a_link_that_quoted_printable_breaks_over_lines_is_whole():
    message = EmailMessage()
    message["To"] = "ada@example.com"
    long = f"https://{'very-' * 12}long.example.com/activate?uid={UID}&token={TOKEN}"
    message.set_content(f"Grüße\n{long}\n", cte="quoted-printable")
    assert b"=3D" in message.as_bytes()
    one(parse_message(message.as_bytes(), id_="1"), "activate?uid={uid}&token={token}")


def test_links_of_another_template_are_not_found():
    assert links(mail(f"http://h/password/reset/{UID}/{TOKEN}"), TEMPLATE) == []
    assert links(mail(f"auth/activate/{UID}/{TOKEN}"), TEMPLATE) == []


def test_every_link_of_the_shape_is_given():
    text = f"http://h/auth/activate/{UID}/{TOKEN} http://h/auth/activate/Mw/{TOKEN}"
    assert [link.uid for link in links(mail(text), TEMPLATE)] == [UID, "Mw"]


def test_a_repeated_place_has_to_hold_the_same_value():
    assert links(mail(f"http://h/x/{UID}/{TOKEN}/other"), "x/{uid}/{token}/{uid}") == []


def test_a_long_text_without_a_link_costs_no_time():
    assert links(mail("http://" + "a/" * 20_000), TEMPLATE) == []
