"""The observer sees what no single test looks for: server errors, stack traces, answers unknown to the contract."""

from dataclasses import replace

from authspec_conformance.contract import contract_of
from authspec_conformance.exchange import Reply
from authspec_conformance.observer import Observer

from .sample import DOCUMENT, reply


def seen(*replies: Reply, contract=lambda reply: None) -> Observer:
    observer = Observer(contract)
    for one in replies:
        observer.watch(one)
    return observer


def test_a_server_error_is_kept_once_per_operation():
    observer = seen(*(reply("POST", "users/", 500, exchange=n) for n in (4, 5)))
    (failure,) = observer.server_errors.values()
    assert str(failure) == "POST /auth/users/ → 500, a server error"
    assert failure.exchange == 4


def test_a_stack_trace_is_seen_whatever_the_status():
    page = {"detail": "Traceback (most recent call last): ..."}
    observer = seen(reply("GET", "users/me/", 400, page))
    assert list(observer.traces) == ["GET /auth/users/me/"]


def test_a_body_that_only_says_that_it_is_json_is_seen():
    broken = replace(reply("GET", "users/me/", 200, {}), body=b"<html>")
    assert "is not JSON" in str(*seen(broken).server_errors.values())


def test_calls_that_stock_djoser_stumbles_over_do_not_count():
    observer = Observer(lambda reply: None)
    with observer.odd():
        observer.watch(reply("POST", "users/", 500))
    assert not observer.server_errors
    observer.watch(reply("POST", "users/", 500))
    assert observer.server_errors


def test_what_the_contract_does_not_know_is_kept_per_operation_and_status():
    observer = seen(
        reply("GET", "users/me/", 418),
        reply("GET", "users/me/", 200),
        contract=lambda reply: f"no {reply.status}" if reply.status == 418 else None,
    )
    assert [str(failure) for failure in observer.unknown.values()] == ["no 418"]


def test_the_contract_of_a_profile_knows_its_answers_and_no_others():
    judge = contract_of(DOCUMENT)
    assert judge(reply("POST", "users/set_password/", 204)) is None
    complaint = judge(reply("POST", "users/set_password/", 202, {}))
    assert complaint is not None
    assert "202" in complaint
    assert "\n" not in complaint


def test_paths_beside_the_contract_and_limits_of_the_rate_are_not_judged():
    judge = contract_of(DOCUMENT)
    assert judge(reply("GET", "elsewhere/", 418)) is None
    assert judge(reply("POST", "users/set_password/", 429, {})) is None


def test_an_answer_that_repeats_a_password_of_its_call_is_seen():
    sent = {"new_password": "Blue-horse-17", "name": "Ada"}
    told = reply("POST", "users/", 400, {"new_password": ["Blue-horse-17 is weak"]}, sent)
    kept = reply("POST", "users/", 400, {"new_password": ["It is weak"]}, sent)
    assert seen(told).echoes
    assert not seen(kept).echoes


def test_a_password_that_another_field_holds_too_is_no_echo():
    sent = {"password": "Ada Lovelace", "name": "Ada Lovelace"}
    assert not seen(reply("PATCH", "users/me/", 200, {"name": "Ada Lovelace"}, sent)).echoes
