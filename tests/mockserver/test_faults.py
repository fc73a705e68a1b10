"""Faults on demand, over HTTP."""

import time

import pytest
import requests

from authspec_mock.server import WorldHandle

from .conftest import activated, sign_up


def add(http: requests.Session, mock: WorldHandle, **rule: object) -> requests.Response:
    return http.post(f"{mock.url}/_mock/faults", json=rule)


def test_a_fault_hits_n_times_and_then_goes(mock: WorldHandle, http: requests.Session) -> None:
    rule = add(
        http, mock, match={"method": "GET", "path": "users/me/"}, do={"status": 503}, times=2
    )
    assert rule.status_code == 201
    me = f"{mock.url}/auth/users/me/"
    assert [http.get(me).status_code for _ in range(3)] == [503, 503, 401]
    assert http.patch(me).status_code == 401
    assert http.get(f"{mock.url}/_mock/faults").json() == {"faults": []}


def test_a_throttled_answer_is_drfs(mock: WorldHandle, http: requests.Session) -> None:
    add(http, mock, retry_after=30)
    answer = http.get(f"{mock.url}/auth/users/me/")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "30"
    detail = "Request was throttled. Expected available in 30 seconds."
    assert answer.json() == {"detail": detail}


def test_a_refusal_challenges_as_the_profile_does(
    mock: WorldHandle, http: requests.Session
) -> None:
    answer = http.get(f"{mock.url}/auth/users/me/", headers={"X-Mock-Fault": "status=401"})
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_status_body_and_headers_are_as_given(mock: WorldHandle, http: requests.Session) -> None:
    add(http, mock, status=418, body={"email": ["No."]}, headers={"X-A": "b"})
    answer = http.get(f"{mock.url}/auth/users/me/")
    assert (answer.status_code, answer.json(), answer.headers["X-A"]) == (
        418, {"email": ["No."]}, "b",
    )  # fmt: skip


def test_a_fault_may_be_for_one_account_only(mock: WorldHandle, http: requests.Session) -> None:
    ada = {"Authorization": f"JWT {activated(http, mock, 'ada@example.com')}"}
    bob = {"Authorization": f"JWT {activated(http, mock, 'bob@example.com')}"}
    add(http, mock, match={"account": "ada@example.com"}, status=500)
    me = f"{mock.url}/auth/users/me/"
    assert http.get(me, headers=ada).status_code == 500
    assert http.get(me, headers=bob).status_code == 200
    assert http.get(me).status_code == 401
    for address, status in (("ada@example.com", 500), ("xada@example.com", 401)):
        login = {"email": address, "password": "x"}
        answer = http.post(f"{mock.url}/auth/jwt/create/", json=login)
        assert answer.status_code == status
    uid = mock.outbox.wait(to="ada@example.com").mail.uid
    ticket = {"uid": uid, "token": "x"}
    assert http.post(f"{mock.url}/auth/users/activation/", json=ticket).status_code == 500


def test_the_header_is_for_one_request(mock: WorldHandle, http: requests.Session) -> None:
    me = f"{mock.url}/auth/users/me/"
    start = time.monotonic()
    answer = http.get(me, headers={"X-Mock-Fault": "status=503; delay=50ms"})
    assert answer.status_code == 503
    assert time.monotonic() - start >= 0.05
    assert http.get(me).status_code == 401


def test_a_dropped_call_is_not_carried_out(mock: WorldHandle, http: requests.Session) -> None:
    with pytest.raises(requests.ConnectionError):
        sign_up(http, mock.url, "ada@example.com", **{"X-Mock-Fault": "drop"})
    assert mock.users() == []


def test_a_truncated_answer_was_carried_out(mock: WorldHandle, http: requests.Session) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="5 bytes read"):
        sign_up(http, mock.url, "ada@example.com", **{"X-Mock-Fault": "truncate=5"})
    assert len(mock.users()) == 1


def test_a_hanging_call_ends_when_the_client_gives_up(
    mock: WorldHandle, http: requests.Session
) -> None:
    with pytest.raises(requests.ReadTimeout):
        http.get(f"{mock.url}/auth/users/me/", headers={"X-Mock-Fault": "hang"}, timeout=(1, 0.05))
    assert mock.requests()[-1]["fault"] == "hang=True" or mock.requests()[-1]["fault"] == "hang"


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({}, "does nothing"),
        ({"do": {"statsu": 503}}, "'status'"),
        ({"mtach": {}, "status": 503}, "'match'"),
        ({"match": {"pth": "x"}, "status": 503}, "'path'"),
        ({"status": 99}, "200 to 599"),
        ({"status": 503, "times": 0}, "1 or more"),
        ({"body": "x"}, "no status"),
        ({"delay": "later"}, "a duration"),
        ({"delay": 9999}, "at most"),
        ({"status": 503, "headers": {"a b": "c"}}, "header"),
        ([], "mapping"),
    ],
)
def test_a_wrong_fault_is_refused_with_a_sentence(
    mock: WorldHandle, http: requests.Session, rule: object, named: str
) -> None:
    answer = http.post(f"{mock.url}/_mock/faults", json=rule)
    assert answer.status_code == 400
    assert named in answer.json()["detail"]


def test_a_wrong_fault_header_is_refused(mock: WorldHandle, http: requests.Session) -> None:
    answer = http.get(f"{mock.url}/auth/users/me/", headers={"X-Mock-Fault": "statsu=503"})
    assert answer.status_code == 400
    assert "'status'" in answer.json()["detail"]


def test_faults_are_listed_and_deleted(mock: WorldHandle, http: requests.Session) -> None:
    first = add(http, mock, status=503).json()
    add(http, mock, status=502)
    assert len(http.get(f"{mock.url}/_mock/faults").json()["faults"]) == 2
    http.delete(f"{mock.url}/_mock/faults/{first['id']}")
    assert http.get(f"{mock.url}/auth/users/me/").status_code == 502
    assert http.delete(f"{mock.url}/_mock/faults").json() == {"cleared": {"faults": 1}}
