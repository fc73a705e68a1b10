"""The part of Mailpit's API: as its clients for Cypress, Playwright and Python call it."""

from email import message_from_string
from email.policy import default

import pytest
import requests

from authspec_mock.server import WorldHandle

from .conftest import sign_up

SUMMARY = {
    "ID", "MessageID", "Read", "From", "To", "Cc", "Bcc", "ReplyTo", "Subject", "Created",
    "Username", "Tags", "Size", "Attachments", "Snippet",
}  # fmt: skip


@pytest.fixture
def api(mock: WorldHandle, http: requests.Session) -> str:
    for name in ("ada", "bob", "carl"):
        sign_up(http, mock.url, f"{name}@example.com")
    return f"{mock.url}/api/v1"


def found(http: requests.Session, api: str, query: str) -> list[str]:
    page = http.get(f"{api}/search", params={"query": query}).json()
    return [message["To"][0]["Address"].partition("@")[0] for message in page["messages"]]


def test_mails_are_listed_newest_first(http: requests.Session, api: str) -> None:
    page = http.get(f"{api}/messages", params={"start": 1, "limit": 1}).json()
    counts = {key: page[key] for key in ("total", "unread", "count", "messages_count", "start")}
    assert counts == {"total": 3, "unread": 3, "count": 1, "messages_count": 3, "start": 1}
    (message,) = page["messages"]
    assert message["To"] == [{"Name": "", "Address": "bob@example.com"}]
    assert set(message) == SUMMARY


def test_a_mail_has_its_bodies_and_is_then_read(http: requests.Session, api: str) -> None:
    message = http.get(f"{api}/message/latest").json()
    assert message["To"][0]["Address"] == "carl@example.com"
    assert "/auth/activate/" in message["Text"]
    assert "/auth/activate/" in message["HTML"]
    assert message["Size"] == len(http.get(f"{api}/message/{message['ID']}/raw").content)
    assert found(http, api, "is:read") == ["carl"]


def test_headers_and_raw_agree(http: requests.Session, api: str) -> None:
    headers = http.get(f"{api}/message/1/headers").json()
    raw = message_from_string(http.get(f"{api}/message/1/raw").text, policy=default)
    assert headers["To"] == [raw["To"]] == ["ada@example.com"]
    assert headers["Message-Id"] == [raw["Message-ID"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("to:ada@example.com", ["ada"]),
        ('to:"bob@example.com"', ["bob"]),
        ("-to:ada", ["carl", "bob"]),
        ('subject:"Account activation" !to:bob', ["carl", "ada"]),
        ("from:webmaster", ["carl", "bob", "ada"]),
        ("activate", ["carl", "bob", "ada"]),
        ("nothing-like-this", []),
        ("has:attachment", []),
        ('to:"ada', ["ada"]),
        ("before:2001-01-01", []),
    ],
)
def test_searches(http: requests.Session, api: str, query: str, names: list[str]) -> None:
    assert found(http, api, query) == names


def test_a_search_without_words_is_refused(http: requests.Session, api: str) -> None:
    answer = http.get(f"{api}/search")
    assert (answer.status_code, answer.text) == (400, "Error: no search query")


def test_delete_takes_ids_and_without_any_everything(http: requests.Session, api: str) -> None:
    assert http.delete(f"{api}/messages", json={"IDs": ["1", "nope"]}).text == "ok"
    assert found(http, api, "to:example.com") == ["carl", "bob"]
    http.delete(f"{api}/search", params={"query": "to:bob"})
    assert found(http, api, "to:example.com") == ["carl"]
    # a form is no JSON: Mailpit takes it for "no ids"
    assert http.delete(f"{api}/messages", data={"ids": ["9"]}).status_code == 200
    assert found(http, api, "to:example.com") == []


def test_read_marks_by_ids_search_or_for_all(http: requests.Session, api: str) -> None:
    http.put(f"{api}/messages", json={"ids": ["1"], "Read": True})
    assert found(http, api, "is:unread") == ["carl", "bob"]
    http.put(f"{api}/messages", json={"Search": "to:bob", "Read": True})
    assert found(http, api, "is:unread") == ["carl"]
    http.put(f"{api}/messages", json={"Read": False})
    assert len(found(http, api, "is:unread")) == 3
    both = http.put(f"{api}/messages", json={"IDs": ["1"], "Search": "x"})
    assert both.status_code == 400
    assert http.put(f"{api}/messages", data={"ids": ["1"]}).status_code == 400


def test_tags(http: requests.Session, api: str) -> None:
    http.put(f"{api}/tags", json={"IDs": ["1", "2"], "Tags": ["late", "Early"]})
    assert http.get(f"{api}/tags").json() == ["Early", "late"]
    assert found(http, api, "tag:late") == ["bob", "ada"]
    http.put(f"{api}/tags/late", json={"Name": "later"})
    http.delete(f"{api}/tags/Early")
    assert http.get(f"{api}/tags").json() == ["later"]
    assert http.get(f"{api}/info").json()["Tags"] == {"later": 2}


def test_send_puts_a_mail_into_the_outbox(
    http: requests.Session, api: str, mock: WorldHandle
) -> None:
    body = {
        "From": {"Email": "qa@example.com", "Name": "QA"},
        "To": [{"Email": "dora@example.com"}],
        "Subject": "Hello",
        "Text": "there",
    }
    id_ = http.post(f"{api}/send", json=body).json()["ID"]
    assert http.get(f"{api}/message/{id_}").json()["Subject"] == "Hello"
    assert mock.outbox.wait(to="dora@example.com").mail.text == "there"
    assert "Error" in http.post(f"{api}/send", json={**body, "To": []}).json()


def test_views_are_the_bare_mail(http: requests.Session, api: str, mock: WorldHandle) -> None:
    mail = mock.outbox.messages()[-1].mail
    assert http.get(f"{mock.url}/view/latest.html").text == mail.html
    assert http.get(f"{mock.url}/view/3.txt").text == mail.text
    assert http.get(f"{mock.url}/view/9.html").status_code == 404


@pytest.mark.parametrize("path", ["chaos", "message/1/html-check", "message/1/link-check"])
def test_what_the_mock_does_not_do_is_501(http: requests.Session, api: str, path: str) -> None:
    answer = http.get(f"{api}/{path}")
    assert answer.status_code == 501
    assert path in answer.text


@pytest.mark.parametrize("path", ["message/9", "message/x/raw", "message/9/headers"])
def test_an_unknown_mail_is_404(http: requests.Session, api: str, path: str) -> None:
    assert http.get(f"{api}/{path}").status_code == 404
