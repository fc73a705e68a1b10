"""Logins, tokens and web tokens."""

from dataclasses import replace
from typing import Any

import pytest

from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile

from .client import PASSWORD, Client
from .test_users import with_djoser


def with_jwt(**settings: Any) -> Profile:
    profile = load_profile("document")
    return replace(profile, simple_jwt=replace(profile.simple_jwt, **settings))


def known(profile: Profile | str = "document") -> Client:
    client = Client(profile)
    client.world.put_user("ada@example.com", password=PASSWORD)
    return client


def test_a_token_login_gives_the_same_token_until_logout() -> None:
    client = known()
    first = client.token()
    assert client.token() == first
    assert client.post("token/logout/", auth=first).status == 204
    assert client.post("token/logout/", auth=first).json == {"detail": "Invalid token."}
    assert client.token() != first


def test_bad_credentials_are_400_by_token_and_401_by_web_token() -> None:
    client = known()
    token = client.post("token/login/", {"email": "ada@example.com", "password": "x"})
    assert token.status == 400
    assert token.json == {"non_field_errors": ["Unable to log in with provided credentials."]}
    web = client.login(password="x")
    assert web.status == 401
    assert web.json == {"detail": "No active account found with the given credentials"}
    assert web.header("WWW-Authenticate") == 'JWT realm="api"'


def test_a_token_login_without_fields_is_a_bad_login() -> None:
    assert known().post("token/login/", {}).json == {
        "non_field_errors": ["Unable to log in with provided credentials."]
    }


def test_only_a_token_login_kills_mail_tokens() -> None:
    client = known()
    (mail,) = client.post("users/reset_password/", {"email": "ada@example.com"}).mails
    body = {"uid": mail.uid, "token": mail.token, "new_password": "1", "re_new_password": "2"}
    client.login()
    assert client.world.owns(mail.token or "")
    client.token()
    assert not client.world.owns(mail.token or "")
    assert client.post("users/reset_password_confirm/", body).status == 400


def test_update_last_login_makes_a_web_token_login_kill_them_too() -> None:
    client = known(with_jwt(UPDATE_LAST_LOGIN=True))
    (mail,) = client.post("users/reset_password/", {"email": "ada@example.com"}).mails
    client.login()
    assert not client.world.owns(mail.token or "")


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ("JWT x", "Given token not valid for any token type"),
        ("JWT a b", "Authorization header must contain two space-delimited values"),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token a b", "Invalid token header. Token string should not contain spaces."),
        ("Token \xe9", "Invalid token header. Token string should not contain invalid characters."),
        ("token nope", "Invalid token."),
        ("Bearer x", "Authentication credentials were not provided."),
        ("jwt x", "Authentication credentials were not provided."),
        ("", "Authentication credentials were not provided."),
    ],
)
def test_each_bad_header_is_told_apart(headers: str, message: str) -> None:
    answer = known().get("users/me/", auth=headers)
    assert (answer.status, answer.json["detail"]) == (401, message)
    assert answer.header("WWW-Authenticate") == "Token"


def test_basic_credentials_work_where_the_profile_has_them() -> None:
    profile = replace(load_profile("document"), authentication=("basic",))
    client = known(profile)
    import base64

    good = base64.b64encode(f"ada@example.com:{PASSWORD}".encode()).decode()
    assert client.get("users/me/", auth=f"Basic {good}").status == 200
    bad = client.get("users/me/", auth="Basic YWRhOng=")
    assert bad.json == {"detail": "Invalid username/password."}
    assert bad.header("WWW-Authenticate") == 'Basic realm="api"'


def test_a_refresh_token_is_no_access_token_nor_the_other_way_round() -> None:
    client = known()
    pair = client.pair()
    answer = client.get("users/me/", auth=f"JWT {pair['refresh']}")
    assert answer.json["messages"][0]["message"] == "Token has wrong type"
    refused = client.post("jwt/refresh/", {"refresh": pair["access"]})
    assert refused.json == {"detail": "Token has wrong type", "code": "token_not_valid"}


def test_web_tokens_expire() -> None:
    client = known()
    pair = client.pair()
    client.clock.now += 300
    answer = client.get("users/me/", auth=f"JWT {pair['access']}")
    assert answer.json["messages"][0]["message"] == "Token is expired"
    assert client.post("jwt/refresh/", {"refresh": pair["refresh"]}).status == 200
    client.clock.now += 86_400
    assert client.post("jwt/refresh/", {"refresh": pair["refresh"]}).status == 401


def test_rotation_without_a_list_leaves_the_old_token() -> None:
    client = known(with_jwt(ROTATE_REFRESH_TOKENS=True))
    old = {"refresh": client.pair()["refresh"]}
    assert set(client.post("jwt/refresh/", old).json) == {"access", "refresh"}
    assert client.post("jwt/refresh/", old).status == 200


def test_rotation_with_a_list_uses_the_old_token_up() -> None:
    client = known(with_jwt(ROTATE_REFRESH_TOKENS=True, BLACKLIST_AFTER_ROTATION=True))
    old = client.pair()["refresh"]
    new = client.post("jwt/refresh/", {"refresh": old}).json["refresh"]
    refused = client.post("jwt/refresh/", {"refresh": old})
    assert refused.json == {"detail": "Token is blacklisted", "code": "token_not_valid"}
    verified = client.post("jwt/verify/", {"token": old})
    assert verified.json == {"non_field_errors": ["Token is blacklisted"]}
    assert client.post("jwt/verify/", {"token": new}).json == {}


def test_a_changed_password_revokes_web_tokens_where_asked() -> None:
    client = known(with_jwt(CHECK_REVOKE_TOKEN=True))
    header = client.bearer()
    client.world.put_user("ada@example.com", password="staple battery 34")
    answer = client.get("users/me/", auth=header)
    assert answer.json == {
        "detail": "The user's password has been changed.",
        "code": "password_changed",
    }


def test_a_deleted_or_inactive_account_gets_no_new_access() -> None:
    client = known()
    refresh = {"refresh": client.pair()["refresh"]}
    client.world.put_user("ada@example.com", is_active=False)
    refused = client.post("jwt/refresh/", refresh)
    assert refused.json == {"detail": "No active account found for the given token."}
    client.world.reset()
    assert client.post("jwt/refresh/", refresh).json == refused.json


def test_older_simplejwts_refreshed_for_anybody() -> None:
    profile = load_profile("document")
    client = known(replace(profile, versions=replace(profile.versions, simplejwt="5.3.1")))
    refresh = {"refresh": client.pair()["refresh"]}
    client.world.reset()
    assert client.post("jwt/refresh/", refresh).status == 200


def test_without_a_token_model_nobody_gets_a_token() -> None:
    client = known(with_djoser(TOKEN_MODEL=None))
    body = {"email": "ada@example.com", "password": PASSWORD}
    assert client.post("token/login/", body).status == 400


def test_a_login_field_of_its_own_logs_in_by_it() -> None:
    client = Client(with_djoser("djoser", LOGIN_FIELD="email"))
    client.world.put_user("ada", password=PASSWORD, email="a@example.com")
    by_email = {"email": "a@example.com", "password": PASSWORD}
    assert client.post("token/login/", by_email).status == 200
    assert (
        client.post("jwt/create/", {"username": "a@example.com", "password": PASSWORD}).status
        == 200
    )
    assert client.post("jwt/create/", {"username": "ada", "password": PASSWORD}).status == 401


def test_a_token_may_stand_behind_another_word() -> None:
    client = known(replace(load_profile("document"), token_keyword="Bearer"))
    token = str(client.token()).rpartition(" ")[2]
    assert client.get("users/me/", auth=f"Bearer {token}").status == 200
    refused = client.get("users/me/", auth=f"Token {token}")
    assert (refused.status, refused.header("WWW-Authenticate")) == (401, "Bearer")


def test_a_refusal_that_blames_no_field_has_the_key_of_the_profile() -> None:
    client = known(replace(load_profile("document"), non_field_errors_key="errors"))
    body = {"email": "ada@example.com", "password": "wrong"}
    refused = client.post("token/login/", body)
    assert refused.json == {"errors": ["Unable to log in with provided credentials."]}
