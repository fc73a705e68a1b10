"""The postbox: positions say what came before a call, and waiting is as patient as it has to be."""

import threading
import time

import pytest

from authspec_conformance.errors import TimeUsedUp
from authspec_conformance.mailbox.message import MailMessage
from authspec_conformance.postbox import Postbox, addressed
from authspec_conformance.redaction import Redactor

from .sample import Letterbox, mail

ADA, BOB = "ada@example.com", "bob@example.com"


def opened(**options) -> tuple[Letterbox, Postbox]:
    letterbox = Letterbox()
    return letterbox, Postbox(letterbox, Redactor(), **options)


def test_a_mark_parts_what_came_before_from_what_comes_after():
    letterbox, postbox = opened()
    letterbox.new = [mail(ADA, "before")]
    mark = postbox.mark()
    letterbox.new = [mail(ADA, "after"), mail(BOB, "other")]
    assert [m.text for m in postbox.since(mark)] == ["after", "other"]
    assert [m.text for m in postbox.since(mark, to=ADA)] == ["after"]
    assert [m.text for m in postbox.since(0, to=ADA)] == ["before", "after"]
    assert postbox.count == 3


def test_a_mail_that_is_there_is_not_waited_for():
    letterbox, postbox = opened(patience=30)
    letterbox.new = [mail(ADA)]
    start = time.monotonic()
    assert len(postbox.wait(0, to=ADA)) == 1
    assert time.monotonic() - start < 1


def test_a_late_mail_is_waited_for():
    letterbox, postbox = opened(patience=30)
    timer = threading.Timer(0.1, lambda: letterbox.new.append(mail(ADA)))
    timer.start()
    assert len(postbox.wait(0, to=ADA)) == 1
    timer.join()


def test_a_mail_that_never_comes_is_given_up():
    _, postbox = opened(patience=0.05)
    assert postbox.wait(0, to=ADA) == []


def test_no_wait_outlives_the_run():
    _, postbox = opened(patience=30, seconds_left=lambda: 0.0)
    with pytest.raises(TimeUsedUp, match="--max-seconds"):
        postbox.wait(0, to=ADA)
    letterbox, postbox = opened(patience=30, seconds_left=lambda: 0.0)
    letterbox.new = [mail(ADA)]
    assert len(postbox.wait(0, to=ADA)) == 1


def test_several_may_be_waited_for():
    letterbox, postbox = opened(patience=0.05)
    letterbox.new = [mail(ADA, id_="1")]
    assert len(postbox.wait(0, to=ADA, count=2)) == 1
    letterbox.new = [mail(ADA, id_="2")]
    assert len(postbox.wait(0, to=ADA, count=2)) == 2


def test_where_mails_come_at_once_nothing_is_waited_for_to_settle():
    letterbox, postbox = opened()
    letterbox.new = [mail(ADA)]
    postbox.wait(0, to=ADA)
    start = time.monotonic()
    assert postbox.settle(1, to=ADA) == []
    assert time.monotonic() - start < 0.5


def test_where_mails_are_slow_a_second_one_gets_its_time():
    letterbox, postbox = opened(patience=30)
    first = threading.Timer(0.2, lambda: letterbox.new.append(mail(ADA)))
    first.start()
    postbox.wait(0, to=ADA)
    second = threading.Timer(0.1, lambda: letterbox.new.append(mail(ADA, "again")))
    second.start()
    assert [m.text for m in postbox.settle(1, to=ADA)] == ["again"]
    first.join()
    second.join()


def test_the_tokens_of_links_are_secrets_from_then_on():
    redactor = Redactor()
    postbox = Postbox(Letterbox(), redactor)
    (link,) = postbox.links(
        mail(ADA, "http://h/activate/MQ/some-own-token"), "activate/{uid}/{token}"
    )
    assert link.token == "some-own-token"
    assert redactor.text("some-own-token") == "$TOKEN_1"


def test_the_letter_case_of_the_domain_does_not_matter_that_of_the_name_does():
    letter = MailMessage("1", ("Ada@Example.COM",), "", "", "", "")
    assert addressed(letter, "Ada@example.com")
    assert not addressed(letter, "ada@example.com")
