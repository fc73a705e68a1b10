"""The mails, word for word."""

from dataclasses import replace

from authspec_contract.profile import MailSettings
from authspec_contract.profile_file import load_profile

from .client import Client
from .test_users import with_djoser


def test_the_activation_mail() -> None:
    (mail,) = Client().register().mails
    link = f"http://localhost:3000/auth/activate/MQ/{mail.token}"
    assert mail.url == link
    assert (mail.from_, mail.sent_at) == ("webmaster@localhost", 1_700_000_000.0)
    assert mail.subject == "Account activation on Backend"
    assert mail.text == (
        "You're receiving this email because you need to finish activation process on Backend.\n\n"
        f"Please go to the following page to activate account:\n{link}\n\n"
        "Thanks for using our site!\n\nThe Backend team"
    )
    assert mail.html == (
        "<p>You're receiving this email because you need to finish activation process on Backend."
        "</p>\n\n<p>Please go to the following page to activate account:</p>\n"
        f'<p><a href="{link}">{link}</a></p>\n\n'
        "<p>Thanks for using our site!</p>\n\n<p>The Backend team</p>"
    )


def test_the_reset_mail_names_the_login() -> None:
    client = Client("djoser")
    client.world.put_user("o'hara", password="x", email="o'hara@example.com")
    (mail,) = client.post("users/reset_password/", {"email": "o'hara@example.com"}).mails
    assert "Your username, in case you've forgotten: o&#x27;hara\n" in mail.text
    assert "<b>o&#x27;hara</b>" in mail.html
    assert mail.to == ("o'hara@example.com",)


def test_names_follow_the_request_where_nothing_is_set() -> None:
    profile = replace(load_profile("document"), mail=MailSettings())
    (mail,) = Client(profile).register().mails
    assert mail.subject == "Account activation on api.test"
    assert (mail.url or "").startswith("http://api.test/auth/activate/")


def test_the_frontend_settings_win_and_are_escaped() -> None:
    profile = with_djoser(
        EMAIL_FRONTEND_DOMAIN="app.test",
        EMAIL_FRONTEND_PROTOCOL="https",
        EMAIL_FRONTEND_SITE_NAME="A & B",
    )
    (mail,) = Client(profile).register().mails
    assert (mail.url or "").startswith("https://app.test/auth/activate/MQ/")
    assert mail.subject == "Account activation on A &amp; B"


def test_a_missing_link_template_means_no_mail() -> None:
    client = Client(with_djoser(PASSWORD_RESET_CONFIRM_URL=None))
    client.world.put_user("ada@example.com", password="x")
    answer = client.post("users/reset_password/", {"email": "ada@example.com"})
    assert (answer.status, answer.mails) == (204, ())
