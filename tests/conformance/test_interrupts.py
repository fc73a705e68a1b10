"""Ctrl-C in the middle of a call that makes an account."""

import os
import signal
import threading

import pytest

from authspec_conformance.interrupts import held_back


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def call(presses: int, went_on: list[bool]) -> None:
    with held_back():
        for _ in range(presses):
            press()
        went_on.append(True)


def test_it_waits_for_the_end():
    went_on: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        call(1, went_on)
    assert went_on
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_one_is_heard_at_once():
    went_on: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        call(2, went_on)
    assert not went_on


def test_without_one_nothing_happens():
    with held_back():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_are_not_concerned():
    ended = []

    def work() -> None:
        with held_back():
            ended.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [signal.default_int_handler]
