"""The control API: reset, state, users, profile, clock, journal, events."""

import json
import threading
from pathlib import Path

import pytest
import requests

from authspec_mock.server import MockServer, WorldHandle

from .conftest import PASSWORD, activated, sign_up


def test_health_names_profile_and_version(mock: WorldHandle, http: requests.Session) -> None:
    body = http.get(f"{mock.url}/_mock/health").json()
    assert (body["status"], body["profile"]) == ("ok", "document")
    assert body["version"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_reset_goes_back_to_the_seed_and_counts_from_1(
    mock: WorldHandle, http: requests.Session, method: str
) -> None:
    token = activated(http, mock, "ada@example.com")
    http.post(f"{mock.url}/_mock/clock", json={"advance": "3d"})
    http.post(f"{mock.url}/_mock/faults", json={"match": {"path": "x/"}, "status": 503})
    cleared = http.request(method, f"{mock.url}/_mock/reset").json()["cleared"]
    assert cleared == {"users": 1, "mails": 2, "requests": 3, "faults": 1}
    headers = {"Authorization": f"JWT {token}"}
    assert http.get(f"{mock.url}/auth/users/me/", headers=headers).status_code == 401
    assert sign_up(http, mock.url, "ada@example.com").json()["id"] == 1
    assert mock.outbox.wait().id == 1
    assert http.get(f"{mock.url}/_mock/faults").json() == {"faults": []}


def test_a_wrong_method_names_the_right_ones(mock: WorldHandle, http: requests.Session) -> None:
    answer = http.get(f"{mock.url}/_mock/reset")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST, DELETE"
    assert "POST" in answer.json()["detail"]


def test_a_wrong_path_names_the_nearest(mock: WorldHandle, http: requests.Session) -> None:
    answer = http.get(f"{mock.url}/_mock/outbx")
    assert answer.status_code == 404
    assert "/_mock/outbox" in answer.json()["detail"]


def test_a_state_put_back_behaves_the_same(
    mock: WorldHandle, mock_server: MockServer, http: requests.Session
) -> None:
    token = activated(http, mock, "ada@example.com")
    http.post(f"{mock.url}/auth/users/reset_password/", json={"email": "ada@example.com"})
    reset = mock.outbox.wait(kind="password_reset").mail
    state = json.loads(json.dumps(http.get(f"{mock.url}/_mock/state").json()))
    with MockServer("djoser") as other:
        other.restore(state)
        headers = {"Authorization": f"JWT {token}"}
        me = http.get(f"{other.url}/auth/users/me/", headers=headers)
        assert me.json()["email"] == "ada@example.com"
        body = {"uid": reset.uid, "token": reset.token, "new_password": "battery-staple-9"}
        body["re_new_password"] = "battery-staple-9"
        done = http.post(f"{other.url}/auth/users/reset_password_confirm/", json=body)
        assert done.status_code == 204
        assert [m.id for m in other.outbox] == [1, 2, 3]


def test_users_alone_are_a_seed(http: requests.Session) -> None:
    seed = {"users": [{"email": "ada@example.com", "password": PASSWORD, "name": "Ada", "id": 7}]}
    with MockServer(load=seed) as server:
        for url in (server.url, server.world("w1").url):
            login = {"email": "ada@example.com", "password": PASSWORD}
            assert http.post(f"{url}/auth/jwt/create/", json=login).status_code == 200
        server.reset()
        assert [user["id"] for user in server.users()] == [7]


def test_a_state_in_a_file_is_a_seed(
    mock: WorldHandle, http: requests.Session, tmp_path: Path
) -> None:
    token = activated(http, mock, "ada@example.com")
    file = tmp_path / "state.json"
    file.write_bytes(http.get(f"{mock.url}/_mock/state").content)
    with MockServer(load=file) as server:
        headers = {"Authorization": f"JWT {token}"}
        assert http.get(f"{server.url}/auth/users/me/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "state",
    [
        {"usres": []}, {"format": 99}, {"core": {}}, {"core": {"format": 1, "users": [{}]}},
        {"users": [{"email": 5}]}, {"users": 5}, {"outbox": {"messages": [{"id": 1}]}},
        {"clock": {"now": "x"}}, {"faults": [{}]}, {"profile": {}}, [], {"secret": 5},
    ],
)  # fmt: skip
def test_a_wrong_state_changes_nothing(
    mock: WorldHandle, http: requests.Session, state: object
) -> None:
    sign_up(http, mock.url, "ada@example.com")
    before = http.get(f"{mock.url}/_mock/state").json()
    answer = http.put(f"{mock.url}/_mock/state", json=state)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    after = http.get(f"{mock.url}/_mock/state").json()
    assert {**before, "clock": None} == {**after, "clock": None}


def test_users_are_made_without_mail_and_twice_is_once(
    mock: WorldHandle, http: requests.Session
) -> None:
    url = f"{mock.url}/_mock/users/ada@example.com"
    body = {"password": PASSWORD, "name": "Ada", "is_staff": True, "id": 42}
    first = http.put(url, json=body)
    assert first.status_code == 200
    assert http.put(url, json=body).json() == first.json()
    assert first.json()["id"] == 42
    assert "password" not in first.json()
    assert len(http.get(f"{mock.url}/_mock/users").json()["users"]) == 1
    assert http.get(f"{mock.url}/_mock/outbox").json() == {"messages": []}
    tokens = http.post(f"{url}/login").json()
    me = http.get(
        f"{mock.url}/auth/users/me/", headers={"Authorization": f"JWT {tokens['access']}"}
    )
    assert me.json() == {"id": 42, "email": "ada@example.com", "name": "Ada"}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"pasword": "x"}, "'pasword'"),
        ({"password": 5}, "a text"),
        ({"is_active": "yes"}, "true or false"),
        ({"id": "x"}, "id"),
        ({"email": "bob@example.com"}, "one user only"),
        ([], "mapping"),
    ],
)
def test_a_wrong_user_is_refused(
    mock: WorldHandle, http: requests.Session, body: object, named: str
) -> None:
    answer = http.put(f"{mock.url}/_mock/users/ada@example.com", json=body)
    assert answer.status_code == 400
    assert named in answer.json()["detail"]


def test_an_unknown_user_has_no_login(mock: WorldHandle, http: requests.Session) -> None:
    answer = http.post(f"{mock.url}/_mock/users/ada@example.com/login")
    assert answer.status_code == 404


def test_the_profile_changes_while_it_runs(mock: WorldHandle, http: requests.Session) -> None:
    activated(http, mock, "ada@example.com")
    url = f"{mock.url}/_mock/profile"
    answer = http.patch(url, json={"djoser": {"USER_CREATE_PASSWORD_RETYPE": False}})
    assert answer.json()["djoser"]["USER_CREATE_PASSWORD_RETYPE"] is False
    body = {"email": "bob@example.com", "password": PASSWORD}
    assert http.post(f"{mock.url}/auth/users/", json=body).status_code == 201
    assert len(http.get(f"{mock.url}/_mock/users").json()["users"]) == 2
    assert http.put(url, json=answer.json()).json() == answer.json()
    http.post(f"{mock.url}/_mock/reset")
    assert http.post(f"{mock.url}/auth/users/", json=body).status_code == 400


def test_a_misspelt_flag_of_a_user_is_refused_with_the_nearest(
    mock: WorldHandle, http: requests.Session
) -> None:
    answer = http.put(f"{mock.url}/_mock/users/ada@example.com", json={"actve": True})
    assert answer.status_code == 400
    assert "did you mean 'is_active'?" in answer.json()["detail"]


def test_a_misspelt_setting_is_refused_with_the_nearest(
    mock: WorldHandle, http: requests.Session
) -> None:
    answer = http.patch(
        f"{mock.url}/_mock/profile", json={"djoser": {"SEND_ACTIVATION_EMAL": False}}
    )
    assert answer.status_code == 400
    assert "SEND_ACTIVATION_EMAIL" in answer.json()["detail"]


def test_one_clock_ages_tokens_and_mails(mock: WorldHandle, http: requests.Session) -> None:
    token = activated(http, mock, "ada@example.com")
    headers = {"Authorization": f"JWT {token}"}
    me = f"{mock.url}/auth/users/me/"
    assert http.get(me, headers=headers).status_code == 200
    before = http.get(f"{mock.url}/_mock/clock").json()
    http.post(f"{mock.url}/_mock/clock", json={"advance": "6m"})
    assert http.get(me, headers=headers).status_code == 401
    http.post(f"{mock.url}/_mock/clock", json={"freeze": before["now"]})
    assert http.get(me, headers=headers).status_code == 200
    assert http.get(f"{mock.url}/_mock/clock").json()["frozen"] is True
    http.post(f"{mock.url}/_mock/clock", json={"resume": True})
    assert http.get(f"{mock.url}/_mock/clock").json()["frozen"] is False


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"advnce": "3d"}, {"advance": -1}, {"advance": "x"}, {"freeze": "later"},
        {"resume": False}, {"advance": 1, "resume": True}, {"advance": 1e300},
    ],
)  # fmt: skip
def test_a_wrong_command_leaves_the_clock_alone(
    mock: WorldHandle, http: requests.Session, body: object
) -> None:
    assert http.post(f"{mock.url}/_mock/clock", json=body).status_code == 400
    assert http.get(f"{mock.url}/_mock/clock").json()["frozen"] is False


def test_a_seed_gives_the_same_ids_tokens_and_times(http: requests.Session) -> None:
    def played() -> list[object]:
        with MockServer(seed=7) as server:
            world = server.world("w1")
            token = activated(http, world, "ada@example.com")
            mails = [message.as_json() for message in world.outbox]
            other = [activated(http, server, "ada@example.com")]
            world.reset()
            again = activated(http, world, "ada@example.com")
            assert again == token
            assert [message.as_json() for message in world.outbox] == mails
            assert other != [token]
            return [token, mails, other]

    assert played() == played()


def test_the_journal_masks_secrets(mock: WorldHandle, http: requests.Session) -> None:
    token = activated(http, mock, "ada@example.com")
    http.get(f"{mock.url}/auth/users/me/?token=abc", headers={"Authorization": f"JWT {token}"})
    answer = http.get(f"{mock.url}/_mock/requests")
    entries = answer.json()["requests"]
    assert [(e["method"], e["path"], e["status"]) for e in entries] == [
        ("POST", "/auth/users/", 201),
        ("POST", "/auth/users/activation/", 204),
        ("POST", "/auth/jwt/create/", 200),
        ("GET", "/auth/users/me/", 200),
    ]
    mail = mock.outbox.wait(kind="activation").mail
    assert mail.token is not None
    for secret in (PASSWORD, token, mail.token, "abc"):
        assert secret not in answer.text
    assert entries[0]["request"]["body"]["email"] == "ada@example.com"
    newest = http.get(f"{mock.url}/_mock/requests?status=200&limit=1").json()["requests"]
    assert [e["path"] for e in newest] == ["/auth/users/me/"]


def test_events_tell_of_mails_and_requests_as_they_happen(
    mock: WorldHandle, http: requests.Session
) -> None:
    seen: list[str] = []
    with requests.get(f"{mock.url}/_mock/events", stream=True, timeout=10) as events:
        lines = events.iter_lines(decode_unicode=True)
        assert next(lines) == ": listening"
        sender = threading.Thread(target=lambda: sign_up(http, mock.url, "ada@example.com"))
        sender.start()
        for line in lines:
            if line.startswith("event:"):
                seen.append(line)
            if len(seen) == 2:
                break
        sender.join()
    assert seen == ["event: mail", "event: request"]
