"""A world: its state out and in, its accounts by hand, its settings while it runs."""

import json
from dataclasses import replace

import pytest

from authspec_contract.errors import UsageError
from authspec_contract.profile_file import load_profile

from .client import PASSWORD, Client


def test_a_snapshot_put_back_gives_the_same_answers() -> None:
    first = Client()
    header = first.activated()
    key = first.token()
    snapshot = json.loads(json.dumps(first.world.snapshot()))
    second = Client()
    second.world.restore(snapshot)
    for client in (first, second):
        assert client.get("users/me/", auth=header).json["email"] == "ada@example.com"
        assert client.get("users/me/", auth=key).status == 200
    assert first.register("bob").response == second.register("bob").response
    assert first.pair("ada") == second.pair("ada")
    assert first.world.snapshot() == second.world.snapshot()


def test_a_snapshot_of_another_format_is_refused() -> None:
    with pytest.raises(UsageError, match="has the format 99; expected 1"):
        Client().world.restore({"format": 99})


def test_a_broken_snapshot_is_refused_and_changes_nothing() -> None:
    client = Client()
    client.register()
    for users in ([{"id": 1}], 5, [{"id": 1, "fields": None}]):
        with pytest.raises(UsageError, match="The state cannot be read"):
            client.world.restore({"format": 1, "users": users})
    assert len(client.world.users()) == 1


def test_a_reset_world_is_empty_and_counts_from_one() -> None:
    client = Client()
    header = client.activated()
    client.world.reset()
    assert client.world.users() == []
    assert client.get("users/me/", auth=header).json["code"] == "user_not_found"
    assert client.register().json == {"email": "ada@example.com", "id": 1}


def test_ids_are_not_used_twice() -> None:
    client = Client()
    header = client.activated()
    client.send("DELETE", "users/me/", {"current_password": PASSWORD}, auth=header)
    assert client.register("bob").json["id"] == 2


def test_put_user_makes_an_account_that_can_log_in() -> None:
    client = Client()
    row = client.world.put_user("ada@example.com", password=PASSWORD, id=7, name="Ada")
    assert row["id"] == 7
    assert row["fields"]["name"] == "Ada"
    me = client.get("users/me/", auth=client.bearer())
    assert me.json == {"id": 7, "email": "ada@example.com", "name": "Ada"}
    assert client.register("bob").json["id"] == 8


def test_put_user_changes_what_is_given_and_nothing_else() -> None:
    client = Client()
    client.world.put_user("ada@example.com", password=PASSWORD, name="Ada")
    client.world.put_user("ada@example.com", is_staff=True)
    row = client.world.put_user("ada@example.com", id=20, is_active=False)
    assert (row["id"], row["is_staff"], row["fields"]["name"]) == (20, True, "Ada")
    assert client.login().status == 401


def test_an_account_without_a_password_cannot_log_in_and_gets_no_reset_mail() -> None:
    client = Client()
    client.world.put_user("ada@example.com")
    assert client.login(password="").status == 400
    assert client.login(password="!").status == 401
    assert client.post("users/reset_password/", {"email": "ada@example.com"}).mails == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"login": "bob@example.com", "id": 1}, "The id 1 is taken"),
        ({"login": "bob@example.com", "nmae": "x"}, "did you mean 'name'"),
    ],
)
def test_put_user_says_what_is_wrong(arguments: dict[str, object], message: str) -> None:
    client = Client()
    client.world.put_user("ada@example.com")
    with pytest.raises(UsageError, match=message):
        client.world.put_user(**arguments)  # type: ignore[arg-type]


def test_tokens_come_without_a_login_call() -> None:
    client = Client()
    client.world.put_user("ada@example.com")
    tokens = client.world.login_tokens("ada@example.com")
    assert client.get("users/me/", auth=f"Token {tokens['auth_token']}").status == 200
    assert client.get("users/me/", auth=f"JWT {tokens['access']}").status == 200
    assert client.post("jwt/refresh/", {"refresh": tokens["refresh"]}).status == 200
    with pytest.raises(UsageError, match="There is no account 'bob'"):
        client.world.login_tokens("bob")


def test_a_world_knows_its_own_secrets() -> None:
    mine, other = Client(), Client()
    other.world.secret = "another"
    other.world.profile = other.profile
    (mail,) = mine.register().mails
    mine.world.put_user("bob@example.com")
    tokens = mine.world.login_tokens("bob@example.com")
    for secret in (*tokens.values(), mail.token or ""):
        assert mine.world.owns(secret)
        assert not other.world.owns(secret)
    assert not mine.world.owns("nothing")


def test_settings_change_while_the_accounts_stay() -> None:
    client = Client()
    header = client.activated()
    djoser = replace(client.profile.djoser, SET_PASSWORD_RETYPE=False)
    client.world.profile = replace(client.profile, djoser=djoser)
    body = {"current_password": PASSWORD, "new_password": "staple battery 34"}
    assert client.post("users/set_password/", body, auth=header).status == 204


def test_a_login_by_another_field_does_not_fit_accounts_that_lack_it() -> None:
    client = Client()
    client.register()
    user = replace(client.profile.user, id="uuid")
    with pytest.raises(UsageError, match="reset the world first"):
        client.world.profile = replace(client.profile, user=user)


def test_two_worlds_of_one_seed_are_alike() -> None:
    assert Client().register() == Client().register()


def test_uuid_ids_are_uuids_of_version_4() -> None:
    profile = load_profile("document")
    client = Client(replace(profile, user=replace(profile.user, id="uuid")))
    answer = client.register()
    assert answer.json["id"][14] == "4"
    (mail,) = answer.mails
    assert client.post("users/activation/", {"uid": mail.uid, "token": mail.token}).status == 204
    bad = client.post("users/activation/", {"uid": "YWJj", "token": "a-b"})
    assert bad.json == {"non_field_errors": ["“abc” is not a valid UUID."]}
