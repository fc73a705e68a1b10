"""`mock:`: the outbox of the mock that is checked."""

import pytest
import requests

from authspec_conformance.mailbox.mock import MockMailbox
from authspec_contract.errors import TargetError
from tests.conformance.servers import http


def sign_up(url: str, email: str) -> None:
    body = {"email": email, "password": "correct-horse-7", "re_password": "correct-horse-7"}
    assert requests.post(f"{url}/auth/users/", json=body, timeout=5).status_code == 201


def test_mails_that_came_since_the_start_are_given_once(mock):
    sign_up(mock.url, "old@example.com")
    box = MockMailbox(mock.url)
    sign_up(mock.url, "new@example.com")
    (mail,) = box.arrived()
    assert mail.to == ("new@example.com",)
    assert "/activate/" in mail.text
    assert box.arrived() == []
    box.close()


@pytest.mark.parametrize(
    "answer",
    [
        http(404, "{}"),
        http(200, "<html>", kind="text/html"),
        http(200, '{"messages": 3}'),
        http(200, '{"messages": [{}]}'),
        http(200, "[]"),
    ],
)
def test_a_target_that_is_no_mock_is_said_in_one_sentence(serve, answer):
    with pytest.raises(TargetError, match="is the target an authspec mock"):
        MockMailbox(serve(answer).url)
