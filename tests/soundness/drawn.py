"""Correct deployments that nobody thought of: profiles drawn by chance, the same for the same number."""

from random import Random
from typing import Any

from ..deployment.front import Manners
from .deployments import Deployment

_OLDER = ("djoser-2.3.1-django-4.2.txt", "djoser-2.3.1-django-5.2.txt")
_OLDEST = "djoser-2.2.3-django-4.2.txt"
_LANGUAGES = ("en", "en", "en", "en-gb", "de", "fr", "es", "it", "ja", "pt-br", "ru", "nl")
_PREFIXES = ("/auth/", "/auth/", "/api/v1/", "/api/v2/auth/", "/", "/accounts/api/")
_LINKS = (
    "{name}/{{uid}}/{{token}}", "#/{name}/{{uid}}/{{token}}", "app/{name}?uid={{uid}}&token={{token}}",
    "{name}/{{uid}}/{{token}}/",
)  # fmt: skip
_FLAGS = (
    "USER_CREATE_PASSWORD_RETYPE", "SET_PASSWORD_RETYPE", "PASSWORD_RESET_CONFIRM_RETYPE",
    "SET_USERNAME_RETYPE", "USERNAME_RESET_CONFIRM_RETYPE", "PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND",
    "USERNAME_RESET_SHOW_EMAIL_NOT_FOUND", "PASSWORD_CHANGED_EMAIL_CONFIRMATION",
    "USERNAME_CHANGED_EMAIL_CONFIRMATION", "LOGOUT_ON_PASSWORD_CHANGE", "CREATE_SESSION_ON_LOGIN",
    "SEND_CONFIRMATION_EMAIL",
)  # fmt: skip
_EXTRA: tuple[dict[str, Any], ...] = (
    {"name": "name", "type": "string", "max_length": 255, "required": False},
    {"name": "nickname", "type": "string", "max_length": 20},
    {"name": "first_name", "type": "string", "max_length": 150, "required": False},
    {"name": "about", "type": "string", "required": False},
    {"name": "age", "type": "integer", "required": False, "allow_null": True},
    {"name": "points", "type": "integer", "default": 3},
    {"name": "newsletter", "type": "boolean", "default": False},
    {"name": "born", "type": "date", "required": False, "allow_null": True},
    {"name": "seen", "type": "datetime", "required": False, "allow_null": True},
    {"name": "plan", "type": "choice", "choices": ["free", "paid"], "default": "free"},
    {"name": "reference", "type": "uuid", "required": False, "allow_null": True},
    {"name": "phone", "type": "string", "max_length": 16, "required": False},
    {"name": "second_email", "type": "email", "max_length": 254, "required": False},
)


def drawn(number: int) -> Deployment:
    """The deployment of this number."""
    random = Random(number)
    name = f"drawn-{number}"
    raw = drawn_profile(random, name)
    front = pins = None
    if random.random() < 0.25:
        front = Manners(
            chunked=_chance(random), compress=_chance(random), lower_case=_chance(random),
            request_ids=_chance(random), sticky="lb" if _chance(random) else None,
            headers={"Server": "front"},
        )  # fmt: skip
    if _chance(random, 20):
        # before 2.3 a LOGIN_FIELD of its own does not work
        pins = random.choice(_OLDER if "LOGIN_FIELD" in raw["djoser"] else (*_OLDER, _OLDEST))
    return Deployment(name=name, profile="drawn", raw=raw, front=front, pins=pins)


def drawn_profile(random: Random, name: str) -> dict[str, Any]:
    """A profile as its file has it."""
    by_email = _chance(random, 65)
    urls = random.choice((["jwt"], ["token"], ["jwt", "token"], ["jwt", "token"]))
    return {
        "name": name,
        "djoser": _djoser(random, by_email, urls),
        "authentication": _authentication(random, urls),
        "urls": ["users", *urls],
        "simple_jwt": _simple_jwt(random),
        "django": {
            "APPEND_SLASH": _chance(random, 80),
            "PASSWORD_RESET_TIMEOUT": random.choice((600, "3d", "14d")),
        },
        "user": _user(random, by_email),
        "password_validators": _validators(random),
        "mail": _mail(random),
        "prefix": random.choice(_PREFIXES),
        "language": random.choice(_LANGUAGES),
        "renderers": random.choice((["json"], ["json", "browsable"])),
        "parsers": random.choice((["json"], ["json", "form"], ["json", "form", "multipart"])),
        "permissions": {"default": [random.choice(("AllowAny", "IsAuthenticated"))]},
    }


def _djoser(random: Random, by_email: bool, urls: list[str]) -> dict[str, Any]:
    settings: dict[str, Any] = {flag: True for flag in _FLAGS if _chance(random, 35)}
    shape = random.choice(_LINKS)
    settings["PASSWORD_RESET_CONFIRM_URL"] = shape.format(name="password/reset")
    if _chance(random):
        settings["SEND_ACTIVATION_EMAIL"] = True
        settings["ACTIVATION_URL"] = shape.format(name="activate")
    if _chance(random):
        settings["USERNAME_RESET_CONFIRM_URL"] = shape.format(name="login/reset")
    if "token" not in urls:
        settings["TOKEN_MODEL"] = None
        settings.pop("CREATE_SESSION_ON_LOGIN", None)
    if _chance(random, 25):
        settings["HIDE_USERS"] = False
    if not by_email and _chance(random, 25):
        settings["LOGIN_FIELD"] = "email"
    if _chance(random, 20):
        settings["EMAIL_FRONTEND_DOMAIN"] = "app.example.org"
        settings["EMAIL_FRONTEND_SITE_NAME"] = "The <App> & Co"
        if _chance(random):
            settings["EMAIL_FRONTEND_PROTOCOL"] = "https"
    return settings


def _authentication(random: Random, urls: list[str]) -> list[str]:
    schemes = [*urls, *(scheme for scheme in ("session", "basic") if _chance(random, 25))]
    random.shuffle(schemes)
    return schemes


def _simple_jwt(random: Random) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "AUTH_HEADER_TYPES": random.choice((["JWT"], ["Bearer"], ["Bearer", "JWT"])),
        "ACCESS_TOKEN_LIFETIME": random.choice(("5m", "15m", "1d")),
    }
    if _chance(random, 30):
        settings["ROTATE_REFRESH_TOKENS"] = True
        settings["BLACKLIST_AFTER_ROTATION"] = _chance(random)
    if _chance(random, 20):
        settings["UPDATE_LAST_LOGIN"] = True
    if _chance(random, 20):
        settings["CHECK_REVOKE_TOKEN"] = True
    return settings


def _user(random: Random, by_email: bool) -> dict[str, Any]:
    kind = random.choice(("integer", "integer", "uuid"))
    id_ = {"name": "id", "type": kind, "read_only": True}
    extra = [dict(field) for field in random.sample(_EXTRA, random.randrange(5))]
    email: dict[str, Any] = {"name": "email", "type": "email", "max_length": 254}
    email["verbose_name"] = "email address"
    if by_email:
        email |= {"unique": True, "read_only": _chance(random, 70)}
        fields = [id_, email, *extra]
    else:
        email |= {"unique": True} if _chance(random, 70) else {}
        email |= {} if email.get("unique") or _chance(random) else {"required": False}
        username = {"name": "username", "type": "username", "max_length": 150, "unique": True}
        fields = [id_, {**username, "read_only": _chance(random, 80)}, email, *extra]
    # the login field's own unique constraint is the model's; registration always writes it
    random.shuffle(fields)
    at_registration = [f["name"] for f in extra if f.get("required", "default" not in f)]
    at_registration += [
        f["name"] for f in extra if f["name"] not in at_registration and _chance(random, 30)
    ]
    create = ["email", "id", *at_registration, *([] if by_email else ["username"])]
    random.shuffle(create)
    return {
        "login_field": "email" if by_email else "username",
        "id": kind,
        "fields": fields,
        "create": create,
    }


def _validators(random: Random) -> list[Any]:
    every: list[Any] = [
        "UserAttributeSimilarity", {"MinimumLength": random.choice((6, 8, 10, 12))}, "CommonPassword",
        "NumericPassword",
    ]  # fmt: skip
    return [validator for validator in every if _chance(random, 70)]


def _mail(random: Random) -> dict[str, Any]:
    mail: dict[str, Any] = {}
    if _chance(random, 70):
        mail["domain"] = random.choice(("localhost:3000", "app.example.com"))
    if _chance(random, 70):
        mail["site_name"] = "Backend"
    if _chance(random, 40):
        mail["protocol"] = random.choice(("http", "https"))
    if _chance(random, 40):
        mail["from"] = "Team <team@example.org>"
    return mail


def _chance(random: Random, percent: int = 50) -> bool:
    return random.randrange(100) < percent
