"""What several workers see of one mailbox: each its own mails, and all of them a stranger's."""

from queue import SimpleQueue

import pytest

from authspec_conformance.mailbox.message import MailMessage
from authspec_conformance.mailbox.shared import Addresses, HandedOn, OwnMails

from .sample import Letterbox, mail

RUN, TEMPLATE = "1a2b", "authspec+{run}-{n}@example.com"


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


def of_worker(letterbox: Letterbox, number: int, template: str = TEMPLATE) -> OwnMails:
    return OwnMails(letterbox, Addresses(template, RUN, 100), number)


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("authspec+1a2b-201@example.com", True),
        ("AUTHSPEC+1A2B-201@EXAMPLE.COM", True),
        ("authspec+1a2b-299@example.com", True),
        ("authspec+1a2b-301@example.com", False),
        ("authspec+1a2b-101@example.com", False),
        ("authspec+9z9z-101@example.com", True),
        ("somebody@else.where", True),
    ],
)
def test_a_worker_sees_its_own_mails_and_those_that_are_nobodys(letterbox, address, seen):
    letterbox.new = [mail(address)]
    assert bool(of_worker(letterbox, 2).arrived()) is seen


def test_a_mail_to_several_is_seen_by_each_that_it_goes_to(letterbox):
    both = ("authspec+1a2b-201@example.com", "authspec+1a2b-301@example.com")
    for number, seen in ((1, 0), (2, 1), (3, 1)):
        letterbox.new = [MailMessage("1", both, "", "", "", "")]
        assert len(of_worker(letterbox, number).arrived()) == seen


def test_a_template_without_the_run_tells_the_workers_apart_as_well(letterbox):
    letterbox.new = [mail("qa+201@example.com"), mail("qa+301@example.com")]
    assert len(of_worker(letterbox, 2, "qa+{n}@example.com").arrived()) == 1


def test_a_mail_without_a_recipient_is_everybodys(letterbox):
    letterbox.new = [MailMessage("1", (), "", "", "", "")]
    assert len(of_worker(letterbox, 1).arrived()) == 1


def test_mails_that_are_handed_on_arrive_once_in_their_order():
    mails: SimpleQueue[MailMessage] = SimpleQueue()
    box = HandedOn("smtp://127.0.0.1:1025", mails)
    for address in ("a@b.c", "d@e.f"):
        mails.put(mail(address))
    assert [found.to for found in box.arrived()] == [("a@b.c",), ("d@e.f",)]
    assert box.arrived() == []
