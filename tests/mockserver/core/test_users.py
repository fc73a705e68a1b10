"""The user endpoints: what each answers, changes and mails."""

from dataclasses import replace
from typing import Any

import pytest

from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile, profile_from_text

from .client import PASSWORD, Client

OTHER = "staple battery 34"


def with_djoser(name: str = "document", **settings: Any) -> Profile:
    profile = load_profile(name)
    return replace(profile, djoser=replace(profile.djoser, **settings))


def reset_link(client: Client, name: str = "ada") -> dict[str, Any]:
    (mail,) = client.post("users/reset_password/", {"email": f"{name}@example.com"}).mails
    return {"uid": mail.uid, "token": mail.token}


def new_password(password: str) -> dict[str, str]:
    return {"new_password": password, "re_new_password": password}


# --- registration -------------------------------------------------------------------------------


def test_a_registration_mails_an_activation_link() -> None:
    answer = Client().register()
    assert answer.status == 201
    assert answer.json == {"email": "ada@example.com", "id": 1}
    (mail,) = answer.mails
    assert (mail.kind, mail.to, mail.uid) == ("activation", ("ada@example.com",), "MQ")


@pytest.mark.parametrize(
    ("settings", "kinds", "active"),
    [
        ({}, ["activation"], False),
        ({"SEND_ACTIVATION_EMAIL": False}, ["confirmation"], True),
        ({"SEND_ACTIVATION_EMAIL": False, "SEND_CONFIRMATION_EMAIL": False}, [], True),
    ],
)
def test_the_settings_decide_on_mail_and_activity(
    settings: dict[str, Any], kinds: list[str], active: bool
) -> None:
    client = Client(with_djoser(**settings))
    assert [mail.kind for mail in client.register().mails] == kinds
    assert (client.login().status == 200) is active


def test_a_taken_address_is_refused_by_field_and_by_a_list_once_normalised() -> None:
    client = Client()
    client.register()
    taken = "user with this email address already exists."
    assert client.register().json == {"email": [taken]}
    body = {"email": "ada@EXAMPLE.com", "password": PASSWORD, "re_password": PASSWORD}
    assert client.post("users/", body).json == ["Unable to create account."]


def test_the_password_is_judged_before_its_repetition() -> None:
    body = {"email": "ada@example.com", "password": "123", "re_password": "x"}
    assert list(Client().post("users/", body).json) == ["password"]


def test_a_stock_user_registers_by_name_and_without_an_address() -> None:
    client = Client("djoser")
    answer = client.post("users/", {"username": "ada", "password": PASSWORD})
    assert answer.json == {"email": "", "username": "ada", "id": 1}
    twin = client.post("users/", {"username": "ａda", "password": PASSWORD})
    assert twin.json == ["Unable to create account."]


# --- activation ---------------------------------------------------------------------------------


def test_an_activation_works_once() -> None:
    client = Client()
    (mail,) = client.register().mails
    link = {"uid": mail.uid, "token": mail.token}
    first, second = (client.post("users/activation/", link) for _ in range(2))
    assert (first.status, [m.kind for m in first.mails]) == (204, ["confirmation"])
    assert second.status == 403
    assert second.json == {"detail": "Stale token for given user."}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"uid": "OTk", "token": "a-b"}, "uid"),
        ({"uid": "MQ", "token": "a-b"}, "token"),
        ({"uid": "é", "token": "a-b"}, "uid"),
        ({"uid": 1, "token": "a-b"}, "uid"),
        ({"uid": "MQ", "token": 5}, "token"),
        ({"uid": None, "token": "a-b"}, "uid"),
        ({"token": "a-b"}, "uid"),
    ],
)
def test_a_bad_link_is_refused_by_its_part(body: dict[str, Any], key: str) -> None:
    client = Client()
    client.register()
    answer = client.post("users/activation/", body)
    assert (answer.status, list(answer.json)) == (400, [key])


def test_a_resend_mails_inactive_accounts_only() -> None:
    client = Client()
    client.register("ada")
    client.activated("bob")
    counts = {}
    for name in ("ada", "bob", "nobody"):
        answer = client.post("users/resend_activation/", {"email": f"{name}@example.com"})
        assert answer.status == 204
        counts[name] = len(answer.mails)
    assert counts == {"ada": 1, "bob": 0, "nobody": 0}


def test_a_resend_without_activation_is_a_bare_400() -> None:
    client = Client(with_djoser(SEND_ACTIVATION_EMAIL=False))
    answer = client.post("users/resend_activation/", {"email": "ada@example.com"})
    assert (answer.status, answer.response.body) == (400, b"")


def test_older_djosers_told_unknown_addresses() -> None:
    profile = load_profile("document")
    client = Client(replace(profile, versions=replace(profile.versions, djoser="2.2.0")))
    assert client.post("users/resend_activation/", {"email": "no@example.com"}).status == 400


# --- me -----------------------------------------------------------------------------------------


def test_me_takes_what_is_writable_and_ignores_the_rest() -> None:
    client = Client()
    header = client.activated()
    change = {"name": "Ada", "email": "new@example.com", "id": 9, "password": OTHER}
    answer = client.send("PATCH", "users/me/", change, auth=header)
    assert answer.json == {"id": 1, "email": "ada@example.com", "name": "Ada"}
    assert client.login().status == 200


def test_another_address_in_me_has_to_be_activated() -> None:
    client = Client(
        with_djoser("djoser", SEND_ACTIVATION_EMAIL=True, ACTIVATION_URL="{uid}/{token}")
    )
    client.world.put_user("ada", password=PASSWORD, email="ada@example.com")
    change = {"email": "new@example.com"}
    answer = client.send("PATCH", "users/me/", change, auth=client.bearer())
    assert [(m.kind, m.to) for m in answer.mails] == [("activation", ("new@example.com",))]
    assert client.login().status == 401


def test_a_plain_serializer_deactivates_nobody() -> None:
    profile = load_profile("hypersaas")
    djoser = replace(profile.djoser, SEND_ACTIVATION_EMAIL=True)
    client = Client(replace(profile, djoser=djoser))
    client.world.put_user("ada@example.com", password=PASSWORD)
    header = client.bearer()
    answer = client.send("PATCH", "users/me/", {"email": "b@example.com"}, auth=header)
    assert (answer.json["email"], answer.mails) == ("b@example.com", ())
    assert client.get("users/me/", auth=header).status == 200


def test_a_deletion_needs_the_current_password() -> None:
    client = Client()
    header = client.activated()
    wrong = client.send("DELETE", "users/me/", {"current_password": "x"}, auth=header)
    assert wrong.json == {"current_password": ["Invalid password."]}
    right = client.send("DELETE", "users/me/", {"current_password": PASSWORD}, auth=header)
    assert right.status == 204
    assert client.get("users/me/", auth=header).status == 401
    assert client.register().status == 201


# --- passwords ----------------------------------------------------------------------------------


def test_a_password_change_takes_effect() -> None:
    client = Client()
    header = client.activated()
    body = {**new_password(OTHER), "current_password": PASSWORD}
    assert client.post("users/set_password/", body, auth=header).status == 204
    assert client.login(password=PASSWORD).status == 401
    assert client.login(password=OTHER).status == 200


def test_a_password_change_names_every_wrong_field_in_order() -> None:
    client = Client()
    header = client.activated()
    empty = client.post("users/set_password/", {}, auth=header)
    assert list(empty.json) == ["new_password", "re_new_password", "current_password"]
    wrong = {**new_password(""), "current_password": "x"}
    assert client.post("users/set_password/", wrong, auth=header).json == {
        "new_password": ["This field may not be blank."],
        "re_new_password": ["This field may not be blank."],
        "current_password": ["Invalid password."],
    }


def test_a_password_change_can_log_out_and_mail() -> None:
    client = Client(
        with_djoser(LOGOUT_ON_PASSWORD_CHANGE=True, PASSWORD_CHANGED_EMAIL_CONFIRMATION=True)
    )
    client.activated()
    key = client.token()
    body = {**new_password(OTHER), "current_password": PASSWORD}
    answer = client.post("users/set_password/", body, auth=key)
    assert [mail.kind for mail in answer.mails] == ["password_changed"]
    assert client.get("users/me/", auth=key).status == 401


def test_a_reset_link_works_once_and_not_before_the_password_is_good() -> None:
    client = Client()
    client.activated()
    link, path = reset_link(client), "users/reset_password_confirm/"
    weak = client.post(path, {**link, **new_password("1234")})
    assert list(weak.json) == ["new_password"]
    assert client.post(path, {**link, **new_password(OTHER)}).status == 204
    again = client.post(path, {**link, **new_password(PASSWORD)})
    assert again.json == {"token": ["Invalid token for given user."]}


def test_a_reset_does_not_compare_the_password_with_the_account() -> None:
    """Djoser validates before it has read the uid, against whoever is calling."""
    client = Client()
    client.activated()
    own = new_password("ada@example.com")
    answer = client.post("users/reset_password_confirm/", {**reset_link(client), **own})
    assert answer.status == 204


def test_an_unknown_address_is_told_where_the_profile_says_so() -> None:
    client = Client(with_djoser(PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND=True))
    answer = client.post("users/reset_password/", {"email": "no@example.com"})
    assert answer.json == ["User with given email does not exist."]


def test_a_reset_mail_goes_to_one_account_alone_or_to_none() -> None:
    client = Client("djoser")
    for name in ("ada", "bob"):
        client.world.put_user(name, password=PASSWORD, email="both@example.com")
    answer = client.post("users/reset_password/", {"email": "both@example.com"})
    assert (answer.status, answer.mails) == (204, ())


# --- the login field ----------------------------------------------------------------------------


def test_a_login_changes_after_password_and_repetition() -> None:
    client = Client(with_djoser(USERNAME_CHANGED_EMAIL_CONFIRMATION=True))
    header = client.activated()
    body = {"new_email": "b@example.com", "re_new_email": "c@example.com"}
    missing = client.post("users/set_email/", body, auth=header)
    assert list(missing.json) == ["current_password"]
    body["current_password"] = PASSWORD
    differs = client.post("users/set_email/", body, auth=header)
    assert differs.json == {"non_field_errors": ["The two email fields didn't match."]}
    body["re_new_email"] = "b@example.com"
    changed = client.post("users/set_email/", body, auth=header)
    assert [(m.kind, m.to) for m in changed.mails] == [("username_changed", ("b@example.com",))]
    assert client.login("b").status == 200
    assert client.login("ada").status == 401


def test_a_forgotten_login_is_reset_by_mail() -> None:
    client = Client()
    client.activated()
    (mail,) = client.post("users/reset_email/", {"email": "ada@example.com"}).mails
    body = {"uid": mail.uid, "token": mail.token, "new_email": "b@example.com"}
    assert client.post("users/reset_email_confirm/", body).status == 204
    assert client.login("b").status == 200
    assert client.post("users/reset_email_confirm/", body).status == 400


# --- other users --------------------------------------------------------------------------------


def test_hidden_users_see_themselves_alone() -> None:
    client = Client()
    ada = client.activated("ada")
    client.activated("bob")
    assert [u["id"] for u in client.get("users/", auth=ada).json] == [1]
    assert client.get("users/1/", auth=ada).status == 200
    other, none = client.get("users/2/", auth=ada), client.get("users/9/", auth=ada)
    assert (other.status, other.json["detail"]) == (404, "Not found.")
    assert (none.status, none.json["detail"]) == (404, "No User matches the given query.")
    body = {"current_password": PASSWORD}
    assert client.send("DELETE", "users/2/", body, auth=ada).status == 403


def test_staff_see_change_and_delete_everybody() -> None:
    client = Client()
    client.activated("ada")
    client.activated("bob")
    client.world.put_user("ada@example.com", is_staff=True)
    ada = client.bearer("ada")
    assert [u["id"] for u in client.get("users/", auth=ada).json] == [1, 2]
    assert client.send("PATCH", "users/2/", {"name": "B"}, auth=ada).json["name"] == "B"
    body = {"current_password": PASSWORD}
    assert client.send("DELETE", "users/2/", body, auth=ada).status == 204
    assert client.login("bob").status == 401


def test_shown_users_can_be_read_but_not_changed() -> None:
    permissions = {"user": ("CurrentUserOrAdminOrReadOnly",)}
    profile = with_djoser(HIDE_USERS=False)
    merged = {**profile.djoser.PERMISSIONS, **permissions}
    client = Client(replace(profile, djoser=replace(profile.djoser, PERMISSIONS=merged)))
    ada = client.activated("ada")
    client.activated("bob")
    assert len(client.get("users/", auth=ada).json) == 2
    assert client.get("users/2/", auth=ada).status == 200
    assert client.send("PATCH", "users/2/", {"name": "B"}, auth=ada).status == 403


def test_where_anybody_may_see_me_nobody_sees_nobody() -> None:
    profile = profile_from_text(
        "name: open\npermissions: {user: [AllowAny]}\nuser: {login_field: username, "
        "fields: [{name: id, type: integer, read_only: true}, {name: username, type: username, "
        "read_only: true}], create: [username, id]}",
        source="open",
    )
    client = Client(profile)
    assert client.get("users/me/").json == {"id": None, "username": ""}
    assert client.send("PUT", "users/me/", {}).status == 401
