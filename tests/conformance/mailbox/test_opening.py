"""From a mailbox URL to its adapter, or to one sentence that says what is wrong with it."""

import pytest

from authspec_conformance.mailbox.folder import DjangoFolder
from authspec_conformance.mailbox.opening import open_mailbox, shown_url
from authspec_contract.errors import UsageError


def test_none_is_no_mailbox():
    assert open_mailbox("none", base="http://h") is None


@pytest.mark.parametrize("url", ["file://{}/mails", "file:{}/mails", "file://{}/my%20mails"])
def test_a_folder_may_be_written_with_two_slashes_or_none_and_quoted(url, tmp_path):
    box = open_mailbox(url.format(tmp_path), base="http://h")
    assert isinstance(box, DjangoFolder)
    assert box.url.endswith("mails")


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("mock:8000", "'mock:8000' is of no known kind"),
        ("gopher://x", "'gopher' is of no known kind; known are"),
        ("mock", "did you mean 'mock:'?"),
        ("mailpit://127.0.0.1:8025", "did you mean 'mailpit+http://'?"),
        ("http://127.0.0.1:8025", "'http'"),
        ("smpt://127.0.0.1:1025", "did you mean 'smtp://'?"),
        ("/tmp/mails", "'/tmp/mails'"),
        ("", "''"),
        ("None", "did you mean 'none'?"),
        ("file://", "names no folder"),
        ("file:///", "names no folder"),
        ("file:///a%00b", "names no folder"),
        ("smtp://127.0.0.1", "lacks a host or a port; expected such as smtp://127.0.0.1:1025"),
        ("smtp://:1025", "lacks a host"),
        ("smtp://127.0.0.1:x", "no valid URL"),
        ("smtp://127.0.0.1:99999", "no valid URL"),
        ("imap://", "lacks a host"),
        ("imap://ada:pa55word@h:x/", "no valid URL"),
        ("mailpit+http://", "lacks a host"),
        ("mailpit+http://[::1", "no valid URL"),
    ],
)
def test_a_url_that_is_none_is_refused_in_one_sentence(url, named):
    for act in (shown_url, lambda url: open_mailbox(url, base="http://h")):
        with pytest.raises(UsageError) as caught:
            act(url)
        assert named in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "pa55word" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("imap://ada:pa55word@h:143/INBOX", "imap://h:143/INBOX"),
        ("imaps://ada%40b:p%40ss@h/", "imaps://h/"),
        ("mailpit+https://ada:pa55word@h/mail", "mailpit+https://h/mail"),
        ("mock:", "mock:"),
        ("none", "none"),
        ("file:///var/mails", "file:///var/mails"),
    ],
)
def test_what_is_written_about_a_mailbox_has_no_user_and_no_password(url, shown):
    assert shown_url(url) == shown
