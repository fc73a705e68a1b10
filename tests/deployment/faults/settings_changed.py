"""Deployments whose settings are not those that their profile declares."""

from collections.abc import Callable
from typing import Any

from .profiles import BY_EMAIL, EVERYWHERE, REVOKING, USERNAMES, UUIDS
from .registry import djoser_setting, fault, wrong_setting

wrong_setting(
    "activation-switched-off",
    "SEND_ACTIVATION_EMAIL is off.",
    djoser_setting("SEND_ACTIVATION_EMAIL", False),
    breaks="POST /users/: one activation mail; the account is inactive",
)
wrong_setting(
    "activation-switched-on",
    "SEND_ACTIVATION_EMAIL is on although the profile says that accounts are active at once.",
    djoser_setting("SEND_ACTIVATION_EMAIL", True),
    breaks="POST /users/: the account is active at once",
    profiles=("hypersaas",),
    steps=2,
)
wrong_setting(
    "confirmation-switched-off",
    "SEND_CONFIRMATION_EMAIL is off.",
    djoser_setting("SEND_CONFIRMATION_EMAIL", False),
    breaks="SEND_CONFIRMATION_EMAIL: one confirmation mail",
    profiles=BY_EMAIL,
    steps=2,
)
wrong_setting(
    "create-retype-switched-off",
    "USER_CREATE_PASSWORD_RETYPE is off.",
    djoser_setting("USER_CREATE_PASSWORD_RETYPE", False),
    breaks="POST /users/: re_password is required",
    profiles=BY_EMAIL,
)
wrong_setting(
    "create-retype-switched-on",
    "USER_CREATE_PASSWORD_RETYPE is on.",
    djoser_setting("USER_CREATE_PASSWORD_RETYPE", True),
    breaks="POST /users/: the documented fields are enough",
    profiles=("djoser",),
)
wrong_setting(
    "set-password-retype-switched-off",
    "SET_PASSWORD_RETYPE is off.",
    djoser_setting("SET_PASSWORD_RETYPE", False),
    breaks="POST /users/set_password/: re_new_password is required",
    steps=3,
)
wrong_setting(
    "reset-retype-switched-off",
    "PASSWORD_RESET_CONFIRM_RETYPE is off.",
    djoser_setting("PASSWORD_RESET_CONFIRM_RETYPE", False),
    breaks="POST /users/reset_password_confirm/: re_new_password is required",
    steps=3,
)
wrong_setting(
    "set-email-retype-switched-off",
    "SET_USERNAME_RETYPE is off.",
    djoser_setting("SET_USERNAME_RETYPE", False),
    breaks="POST /users/set_email/: re_new_email is required",
    steps=3,
)
wrong_setting(
    "email-not-found-shown",
    "PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND is on.",
    djoser_setting("PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND", True),
    breaks="POST /users/reset_password/: known and unknown addresses cannot be told apart",
    profiles=EVERYWHERE,
)
wrong_setting(
    "password-change-confirmed-by-mail",
    "PASSWORD_CHANGED_EMAIL_CONFIRMATION is on.",
    djoser_setting("PASSWORD_CHANGED_EMAIL_CONFIRMATION", True),
    breaks="POST /users/set_password/: no mail",
    profiles=EVERYWHERE,
    steps=3,
)
wrong_setting(
    "address-change-confirmed-by-mail",
    "USERNAME_CHANGED_EMAIL_CONFIRMATION is on.",
    djoser_setting("USERNAME_CHANGED_EMAIL_CONFIRMATION", True),
    breaks="POST /users/set_email/: no mail",
    profiles=EVERYWHERE,
    steps=3,
)
wrong_setting(
    "logout-on-password-change",
    "LOGOUT_ON_PASSWORD_CHANGE is on.",
    djoser_setting("LOGOUT_ON_PASSWORD_CHANGE", True),
    breaks="POST /users/set_password/: the token login goes on",
    profiles=EVERYWHERE,
    steps=5,
)
wrong_setting(
    "session-on-login",
    "CREATE_SESSION_ON_LOGIN is on.",
    djoser_setting("CREATE_SESSION_ON_LOGIN", True),
    breaks="POST /token/login/: no session cookie",
    profiles=EVERYWHERE,
    steps=3,
)
wrong_setting(
    "users-not-hidden",
    "HIDE_USERS is off and the list is open to every user.",
    djoser_setting("HIDE_USERS", False),
    breaks="GET /users/: nobody sees another's account",
    profiles=EVERYWHERE,
    steps=4,
)


def _top(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(profile: dict[str, Any]) -> None:
        profile[name] = value

    return change


wrong_setting(
    "no-validators",
    "AUTH_PASSWORD_VALIDATORS is empty.",
    _top("password_validators", []),
    breaks="POST /users/: Django's password validators apply",
    profiles=EVERYWHERE,
)


def _without_validator(name: str) -> Callable[[dict[str, Any]], None]:
    def change(profile: dict[str, Any]) -> None:
        kept = [item for item in profile["password_validators"] if item["name"] != name]
        profile["password_validators"] = kept

    return change


for _name in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword"):
    wrong_setting(
        f"no-validator-{_name}",
        f"{_name}Validator is missing.",
        _without_validator(_name),
        breaks=f"POST /users/: {_name}Validator applies",
        profiles=EVERYWHERE,
    )


def _jwt(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(profile: dict[str, Any]) -> None:
        profile["simple_jwt"][name] = value

    return change


wrong_setting(
    "header-type-bearer",
    "JWTs are taken behind the word Bearer, no longer behind JWT.",
    _jwt("AUTH_HEADER_TYPES", ["Bearer"]),
    breaks="GET /users/me/: the header type of the profile",
    profiles=BY_EMAIL,
)
wrong_setting(
    "refresh-rotates",
    "ROTATE_REFRESH_TOKENS is on.",
    _jwt("ROTATE_REFRESH_TOKENS", True),
    breaks="POST /jwt/refresh/: answers the access token alone",
    profiles=EVERYWHERE,
    steps=3,
)
wrong_setting(
    "jwt-login-kills-links",
    "UPDATE_LAST_LOGIN is on, so that a JWT login makes mail links useless.",
    _jwt("UPDATE_LAST_LOGIN", True),
    breaks="POST /users/reset_password_confirm/: a link survives a JWT login",
    profiles=EVERYWHERE,
    steps=5,
)
wrong_setting(
    "password-change-kills-jwt",
    "CHECK_REVOKE_TOKEN is on, so that a password change ends JWT logins.",
    _jwt("CHECK_REVOKE_TOKEN", True),
    breaks="POST /users/set_password/: a JWT lives until it expires",
    profiles=EVERYWHERE,
    steps=4,
)
wrong_setting(
    "tokens-not-accepted",
    "TokenAuthentication is missing.",
    _top("authentication", ["jwt"]),
    breaks="GET /users/me/: an auth token logs in",
    profiles=("document", "djoser"),
)
wrong_setting(
    "jwt-not-accepted",
    "JWTAuthentication is missing.",
    _top("authentication", ["token"]),
    breaks="GET /users/me/: a JWT logs in",
    profiles=("document", "djoser"),
    steps=3,
)
wrong_setting(
    "session-comes-first",
    "SessionAuthentication stands first, which turns 401 into 403.",
    _top("authentication", ["session", "token", "jwt"]),
    breaks="GET /users/me/: 401 without credentials",
    profiles=("document", "djoser"),
)


def _without_name(profile: dict[str, Any]) -> None:
    fields = [field for field in profile["user"]["fields"] if field["name"] != "name"]
    profile["user"]["fields"] = fields


wrong_setting(
    "name-not-shown",
    "`me` does not show the name.",
    _without_name,
    breaks="GET /users/me/: id, email and name",
    profiles=("document",),
    steps=3,
)


def _email_writable(profile: dict[str, Any]) -> None:
    for field in profile["user"]["fields"]:
        if field["name"] == "email":
            field["read_only"] = False


wrong_setting(
    "email-writable",
    "`me` lets the e-mail address be changed without the password.",
    _email_writable,
    breaks="PATCH /users/me/: the login field is read-only",
    steps=3,
)
wrong_setting(
    "registration-mails-unasked",
    "A registration sends a confirmation mail, and the profile has none.",
    djoser_setting("SEND_CONFIRMATION_EMAIL", True),
    breaks="POST /users/: no mail without SEND_ACTIVATION_EMAIL and SEND_CONFIRMATION_EMAIL",
    profiles=("djoser",),
)
wrong_setting(
    "activation-mails-unasked",
    "An activation sends a confirmation mail, and the profile has none.",
    djoser_setting("SEND_CONFIRMATION_EMAIL", True),
    breaks="POST /users/activation/: no mail without SEND_CONFIRMATION_EMAIL",
    profiles=USERNAMES,
    steps=2,
)
wrong_setting(
    "used-refresh-token-lives",
    "A refresh token goes on after a rotation.",
    _jwt("BLACKLIST_AFTER_ROTATION", False),
    breaks="POST /jwt/refresh/: BLACKLIST_AFTER_ROTATION",
    profiles=UUIDS,
    steps=4,
)
wrong_setting(
    "access-token-outlives-password",
    "An access token goes on after its account has another password.",
    _jwt("CHECK_REVOKE_TOKEN", False),
    breaks="POST /users/set_password/: CHECK_REVOKE_TOKEN",
    profiles=REVOKING,
    steps=4,
)
wrong_setting(
    "address-change-unconfirmed",
    "No mail tells of a changed address.",
    djoser_setting("USERNAME_CHANGED_EMAIL_CONFIRMATION", False),
    breaks="POST /users/set_email/: exactly one mail",
    profiles=REVOKING,
    steps=3,
)


@fault(
    "reset-login-retype-optional",
    "A reset of the login does not compare the new login with the retyped one.",
    breaks="POST /users/reset_username_confirm/: another one retyped is refused",
    profiles=USERNAMES,
    steps=4,
)
def _() -> None:
    from djoser.conf import settings

    settings.USERNAME_RESET_CONFIRM_RETYPE = False


def _longer_passwords(profile: dict[str, Any]) -> None:
    for validator in profile["password_validators"]:
        if validator["name"] == "MinimumLength":
            validator["number"] = 10


wrong_setting(
    "passwords-of-ten",
    "Passwords must have ten characters, and the profile says eight.",
    _longer_passwords,
    breaks="POST /users/reset_password_confirm/: a password of the least length is taken",
)
