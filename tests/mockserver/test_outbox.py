"""The mails of the mock, over HTTP and from Python."""

import threading
import time
from email import message_from_bytes
from email.policy import default

import pytest
import requests

from authspec_contract.errors import TargetError, UsageError
from authspec_mock.server import WorldHandle

from .conftest import activated, sign_up


def test_a_mail_has_its_uid_token_and_link_as_fields(
    mock: WorldHandle, http: requests.Session
) -> None:
    sign_up(http, mock.url, "ada@example.com")
    (message,) = http.get(f"{mock.url}/_mock/outbox").json()["messages"]
    assert message["kind"] == "activation"
    assert message["to"] == ["ada@example.com"]
    link = f"http://localhost:5173/auth/activate/{message['uid']}/{message['token']}"
    assert message["url"] == link
    assert link in message["text"]
    assert set(message) == {
        "id", "kind", "to", "from", "subject", "text", "html", "uid", "token", "url", "sent_at",
    }  # fmt: skip


def test_an_empty_outbox_is_an_empty_list(mock: WorldHandle, http: requests.Session) -> None:
    assert http.get(f"{mock.url}/_mock/outbox").json() == {"messages": []}


def test_the_filters_are_recipient_kind_and_id(mock: WorldHandle, http: requests.Session) -> None:
    activated(http, mock, "ada@example.com")
    sign_up(http, mock.url, "bob@example.com")

    def kinds(query: str) -> list[tuple[str, str]]:
        found = http.get(f"{mock.url}/_mock/outbox?{query}").json()["messages"]
        return [(m["kind"], m["to"][0]) for m in found]

    assert kinds("to=ADA@example.com") == [
        ("activation", "ada@example.com"),
        ("confirmation", "ada@example.com"),
    ]
    assert kinds("kind=confirmation") == [("confirmation", "ada@example.com")]
    assert kinds("after=2") == [("activation", "bob@example.com")]


def test_wait_answers_as_soon_as_a_mail_comes(mock: WorldHandle, http: requests.Session) -> None:
    answers: list[requests.Response] = []
    url = f"{mock.url}/_mock/outbox?to=late@example.com&wait=30"
    waiting = threading.Thread(target=lambda: answers.append(requests.get(url, timeout=30)))
    waiting.start()
    while not mock.call(lambda world: len(world.outbox._waiters)):
        time.sleep(0.001)
    start = time.monotonic()
    sign_up(http, mock.url, "other@example.com")
    sign_up(http, mock.url, "late@example.com")
    waiting.join(10)
    assert time.monotonic() - start < 5
    body = answers[0].json()
    assert [m["to"] for m in body["messages"]] == [["late@example.com"]]
    assert body["timed_out"] is False


def test_wait_takes_a_mail_that_came_before_the_call(
    mock: WorldHandle, http: requests.Session
) -> None:
    sign_up(http, mock.url, "ada@example.com")
    body = http.get(f"{mock.url}/_mock/outbox?to=ada@example.com&wait=30").json()
    assert len(body["messages"]) == 1


def test_a_time_out_says_which_mails_did_arrive(mock: WorldHandle, http: requests.Session) -> None:
    sign_up(http, mock.url, "ada@example.com")
    body = http.get(f"{mock.url}/_mock/outbox?to=bob@example.com&wait=0.01").json()
    assert body["timed_out"] is True
    assert body["messages"] == []
    assert [m["to"] for m in body["arrived"]] == [["ada@example.com"]]


def test_one_mail_comes_bare_as_html_text_and_file(
    mock: WorldHandle, http: requests.Session
) -> None:
    sign_up(http, mock.url, "ada@example.com")
    mail = mock.outbox.wait().mail
    outbox = f"{mock.url}/_mock/outbox"
    assert http.get(f"{outbox}/latest").json()["id"] == 1
    assert http.get(f"{outbox}/1.txt").text == mail.text
    html = http.get(f"{outbox}/latest.html?to=ada@example.com")
    assert html.headers["Content-Type"] == "text/html; charset=utf-8"
    assert html.text == mail.html
    parsed = message_from_bytes(http.get(f"{outbox}/1.eml").content, policy=default)
    assert parsed["To"] == "ada@example.com"
    assert parsed["Subject"] == mail.subject
    text = parsed.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == mail.text.splitlines()


def test_emptying_the_outbox_keeps_ids_rising(mock: WorldHandle, http: requests.Session) -> None:
    sign_up(http, mock.url, "ada@example.com")
    assert http.delete(f"{mock.url}/_mock/outbox").json() == {"cleared": {"mails": 1}}
    sign_up(http, mock.url, "bob@example.com")
    assert mock.outbox.wait(after=1).id == 2


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?knd=activation", "'kind'"),
        ("?kind=activaton", "'activation'"),
        ("?wait=soon", "a duration"),
        ("?after=x", "a whole number"),
        ("?wait=1000", "at most 600"),
        ("?to=a&to=b", "twice"),
        ("/latest.htm", "'html'"),
        ("/x", "a whole number"),
    ],
)
def test_a_wrong_question_is_answered_with_a_sentence(
    mock: WorldHandle, http: requests.Session, query: str, named: str
) -> None:
    answer = http.get(f"{mock.url}/_mock/outbox{query}")
    assert answer.status_code == 400
    assert named in answer.json()["detail"]


def test_a_mail_that_is_not_there_is_404_with_what_is(
    mock: WorldHandle, http: requests.Session
) -> None:
    sign_up(http, mock.url, "ada@example.com")
    answer = http.get(f"{mock.url}/_mock/outbox/7")
    assert answer.status_code == 404
    assert "holds 1" in answer.json()["detail"]


def test_waiting_in_python_tells_what_arrived_instead(
    mock: WorldHandle, http: requests.Session
) -> None:
    sign_up(http, mock.url, "ada@example.com")
    with pytest.raises(TargetError, match=r"activation to ada@example\.com"):
        mock.outbox.wait(to="bob@example.com", timeout=0.01)
    with pytest.raises(UsageError, match="did you mean"):
        mock.outbox.messages(kind="activaton")


def test_the_outbox_is_a_ring(http: requests.Session) -> None:
    from authspec_mock.core.wire import Mail
    from authspec_mock.outbox import Outbox

    outbox = Outbox(capacity=3)
    for number in range(5):
        outbox.add(Mail("activation", (f"{number}@example.com",), "f", "s", "t", "h", 0.0))
    assert [message.id for message in outbox.messages()] == [3, 4, 5]
