"""Reads a profile from a YAML file, refusing whatever it does not know."""

import re
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from authspec_contract import fields as f
from authspec_contract.errors import UsageError, nearest
from authspec_contract.profile import (
    DEFAULT_PERMISSIONS,
    FIELD_TYPES,
    PERMISSION_CLASSES,
    TEXT_TYPES,
    VALIDATORS,
    DjangoSettings,
    DjoserSettings,
    Field,
    MailSettings,
    Profile,
    SimpleJwtSettings,
    UserModel,
    Validator,
    Versions,
)
from authspec_contract.yamlfile import parse_yaml, read_yaml

_PACKAGE = "authspec_contract"
_RATE = re.compile(r"\d+/(s|sec|second|m|min|minute|h|hour|d|day)")


def shipped_profiles() -> tuple[str, ...]:
    """The names of the profiles that come with the contract."""
    folder = files(_PACKAGE) / "profiles"
    return tuple(
        sorted(p.name.removesuffix(".yaml") for p in folder.iterdir() if p.name.endswith(".yaml"))
    )


def load_profile(name_or_file: str) -> Profile:
    """The profile of that shipped name or in that file.

    Raises UsageError, in one sentence, for an unknown name, a missing file, broken YAML, an
    unknown key or a value of the wrong kind.
    """
    if name_or_file in shipped_profiles():
        resource = files(_PACKAGE) / "profiles" / f"{name_or_file}.yaml"
        return profile_from_text(resource.read_text(encoding="utf-8"), source=name_or_file)
    path = Path(name_or_file)
    looks_like_file = path.suffix in {".yaml", ".yml"} or len(path.parts) > 1
    if not looks_like_file and not path.is_file():
        raise UsageError(
            f"There is no profile {name_or_file!r}; give the path of a profile file or a shipped name: "
            f"{nearest(name_or_file, shipped_profiles())}"
        )
    return profile_from_mapping(read_yaml(path, expected="a profile file"), source=str(path))


def profile_from_text(text: str, *, source: str) -> Profile:
    """The profile in a YAML text; `source` is what errors call it."""
    return profile_from_mapping(parse_yaml(text, name=source), source=source)


def profile_from_mapping(raw: Any, *, source: str) -> Profile:
    """The profile in a mapping, as YAML or JSON gives it. Raises UsageError."""
    if not isinstance(raw, Mapping):
        raise UsageError(
            f"{source} holds {type(raw).__name__}; expected a profile, a mapping with 'name'."
        )
    where = f"profile {source}"
    values = dict(raw)
    permissions = _all_permissions(values.pop("permissions", None), f"{where}.permissions")
    profile = f.build(Profile, values, where, _PROFILE)
    profile = replace(profile, source=source, user=_complete(profile, where))
    profile = _with_permissions(profile, permissions)
    _check(profile, where)
    return profile


# --- the parts ------------------------------------------------------------------------------


def _versions(value: Any, where: str) -> Versions:
    def version(item: Any, place: str) -> str:
        if isinstance(item, str) and re.fullmatch(r"\d+(\.\d+)*", item):
            return item
        raise f.wrong(place, item, 'a version in quotes, such as "2.3"')

    return f.build(
        Versions, value, where, dict.fromkeys(("djoser", "django", "drf", "simplejwt"), version)
    )


def _djoser(value: Any, where: str) -> DjoserSettings:
    return f.build(DjoserSettings, value, where, _DJOSER)


def _permissions(value: Any, where: str) -> Mapping[str, tuple[str, ...]]:
    given = {}
    for action, classes in f.mapping(value, where).items():
        if action not in DEFAULT_PERMISSIONS:
            raise UsageError(
                f"{where} has the unknown key {action!r}; {nearest(action, DEFAULT_PERMISSIONS)}"
            )
        given[action] = _permission_classes(classes, f"{where}.{action}")
    return {**DEFAULT_PERMISSIONS, **given}


def _permission_classes(value: Any, where: str) -> tuple[str, ...]:
    """Class names, with or without the module in front, as Django's settings have them."""
    names = tuple(name.rpartition(".")[2] for name in f.texts(value, where))
    for name in names:
        if name not in PERMISSION_CLASSES:
            raise UsageError(f"{where} names {name!r}; {nearest(name, PERMISSION_CLASSES)}")
    return names


def _all_permissions(value: Any, where: str) -> dict[str, tuple[str, ...]]:
    """`permissions` of the file: `default` is DRF's, the other keys are Djoser's actions."""
    raw = f.mapping(value, where)
    for key in raw:
        if key != "default" and key not in DEFAULT_PERMISSIONS:
            known = ("default", *DEFAULT_PERMISSIONS)
            raise UsageError(f"{where} has the unknown key {key!r}; {nearest(key, known)}")
    return {key: _permission_classes(classes, f"{where}.{key}") for key, classes in raw.items()}


def _token_model(value: Any, where: str) -> str | None:
    stock = DjoserSettings.TOKEN_MODEL
    if value is None or value == stock:
        return f.optional_text(value, where)
    raise f.wrong(where, value, f"null or {stock}")


def _link(value: Any, where: str) -> str | None:
    if value is None:
        return None
    template = f.text(value, where)
    if "{uid}" not in template or "{token}" not in template:
        raise f.wrong(where, value, "a link with {uid} and {token} in it")
    return template


def _names(value: Any, where: str) -> Mapping[str, str]:
    return {key: f.text(item, f"{where}.{key}") for key, item in f.mapping(value, where).items()}


_FLAGS = tuple(
    name
    for name, default in vars(DjoserSettings).items()
    if name.isupper() and isinstance(default, bool)
)
_DJOSER: dict[str, f.Reader] = {
    **dict.fromkeys(_FLAGS, f.boolean),
    "USER_ID_FIELD": f.text,
    "LOGIN_FIELD": f.optional_text,
    "TOKEN_MODEL": _token_model,
    "ACTIVATION_URL": _link,
    "PASSWORD_RESET_CONFIRM_URL": _link,
    "USERNAME_RESET_CONFIRM_URL": _link,
    "EMAIL_FRONTEND_DOMAIN": f.optional_text,
    "EMAIL_FRONTEND_PROTOCOL": f.optional_text,
    "EMAIL_FRONTEND_SITE_NAME": f.optional_text,
    "PERMISSIONS": _permissions,
    "SERIALIZERS": _names,
    "EMAIL": _names,
    "CONSTANTS": _names,
    # of URLs that the contract does not cover
    "SOCIAL_AUTH_TOKEN_STRATEGY": f.anything,
    "SOCIAL_AUTH_ALLOWED_REDIRECT_URIS": f.anything,
    "WEBAUTHN": f.anything,
}


def _simple_jwt(value: Any, where: str) -> SimpleJwtSettings:
    raw = f.mapping(value, where)
    if (header := raw.get("AUTH_HEADER_NAME", _HEADER)) != _HEADER:
        raise f.wrong(f"{where}.AUTH_HEADER_NAME", header, f"{_HEADER}, which Djoser's callers use")
    own = {name: item for name, item in raw.items() if name not in _UNSEEN}
    settings = f.build(SimpleJwtSettings, own, where, _SIMPLE_JWT)
    if not settings.AUTH_HEADER_TYPES:
        raise f.wrong(f"{where}.AUTH_HEADER_TYPES", [], "at least one word, such as Bearer")
    return settings


_HEADER = "HTTP_AUTHORIZATION"
_UNSEEN = frozenset({
    "ALGORITHM", "SIGNING_KEY", "VERIFYING_KEY", "AUDIENCE", "ISSUER", "JSON_ENCODER", "JWK_URL", "LEEWAY",
    "AUTH_HEADER_NAME", "USER_AUTHENTICATION_RULE", "AUTH_TOKEN_CLASSES", "TOKEN_TYPE_CLAIM", "JTI_CLAIM",
    "TOKEN_USER_CLASS", "SLIDING_TOKEN_REFRESH_EXP_CLAIM", "SLIDING_TOKEN_LIFETIME",
    "SLIDING_TOKEN_REFRESH_LIFETIME", "TOKEN_REFRESH_SERIALIZER",
    "TOKEN_VERIFY_SERIALIZER", "TOKEN_BLACKLIST_SERIALIZER", "SLIDING_TOKEN_OBTAIN_SERIALIZER",
    "SLIDING_TOKEN_REFRESH_SERIALIZER",
})  # fmt: skip
"""Pasted settings that callers do not notice (rest_framework_simplejwt/settings.py 5.5); nothing is kept of them."""

_SIMPLE_JWT: dict[str, f.Reader] = {
    "ACCESS_TOKEN_LIFETIME": f.seconds,
    "REFRESH_TOKEN_LIFETIME": f.seconds,
    "ROTATE_REFRESH_TOKENS": f.boolean,
    "BLACKLIST_AFTER_ROTATION": f.boolean,
    "UPDATE_LAST_LOGIN": f.boolean,
    "AUTH_HEADER_TYPES": f.texts,
    "USER_ID_FIELD": f.text,
    "USER_ID_CLAIM": f.text,
    "CHECK_REVOKE_TOKEN": f.boolean,
    "REVOKE_TOKEN_CLAIM": f.text,
    "CHECK_USER_IS_ACTIVE": f.boolean,
    "TOKEN_OBTAIN_SERIALIZER": f.text,
}


def _django(value: Any, where: str) -> DjangoSettings:
    readers: dict[str, f.Reader] = {
        "PASSWORD_RESET_TIMEOUT": f.seconds,
        "APPEND_SLASH": f.boolean,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": f.whole,
    }
    return f.build(DjangoSettings, value, where, readers)


def _field(value: Any, where: str) -> Field:
    """A field; what Django's ModelSerializer would conclude from the others is filled in."""
    raw = f.mapping(value, where)
    field = f.build(Field, raw, where, _FIELD)
    name = field.name
    if field.type == "choice" and not field.choices:
        raise UsageError(f"{where}: the field {name!r} is of type choice and lacks 'choices'.")
    # rest_framework/utils/field_mapping.py get_field_kwargs: blank=True gives required=False,
    # allow_blank=True; a default gives required=False
    required = raw.get("required", not field.read_only and field.default is None)
    if field.type == "any" and required and not field.read_only and field.example is None:
        raise UsageError(
            f"{where}: the field {name!r} is of type any and has to be given; add an 'example' of it."
        )
    return replace(
        field,
        volatile=raw.get("volatile", _changes_by_itself(field)),
        required=required and not field.read_only,
        allow_blank=raw.get("allow_blank", not required and field.type in TEXT_TYPES),
        verbose_name=field.verbose_name or name.replace("_", " "),
    )


def _changes_by_itself(field: Field) -> bool:
    """Whether it is the time of a last login or change, by its name."""
    words = ("last", "updated", "modified", "changed", "seen")
    return (
        field.read_only
        and field.type == "datetime"
        and any(word in field.name.lower().split("_") for word in words)
    )


_FIELD: dict[str, f.Reader] = {
    "name": f.text,
    "type": f.one_of(*FIELD_TYPES),
    "read_only": f.boolean,
    "required": f.boolean,
    "allow_blank": f.boolean,
    "allow_null": f.boolean,
    "max_length": f.optional_whole,
    "unique": f.boolean,
    "default": f.anything,
    "choices": f.texts,
    "verbose_name": f.text,
    "volatile": f.boolean,
    "example": f.anything,
}


def _field_or_name(value: Any, where: str) -> Field | str:
    return value if isinstance(value, str) else _field(value, where)


def _user(value: Any, where: str) -> UserModel:
    readers: dict[str, f.Reader] = {
        "login_field": f.text,
        "id": f.one_of("integer", "uuid"),
        "email_field": f.text,
        "fields": f.list_of(_field),
        "create": f.list_of(_field_or_name),
        "verbose_name": f.text,
        "lowercases_email": f.boolean,
    }
    return f.build(UserModel, value, where, readers)


def _validator(value: Any, where: str) -> Validator:
    if isinstance(value, Mapping) and len(value) == 1:
        name, number = next(iter(value.items()))
    else:
        name, number = value, None
    if not isinstance(name, str):
        raise f.wrong(where, value, "the name of a password validator")
    short = name.rpartition(".")[2].removesuffix("Validator")
    if short not in VALIDATORS:
        raise UsageError(f"{where} names {name!r}; {nearest(short, VALIDATORS)}")
    if number is not None and (isinstance(number, bool) or not isinstance(number, int | float)):
        raise f.wrong(where, value, f"{short} with a number")
    return Validator(short, number)


def _mail(value: Any, where: str) -> MailSettings:
    readers = {
        "site_name": f.optional_text,
        "domain": f.optional_text,
        "protocol": f.optional_text,
        "from": f.optional_text,
    }
    return f.build(MailSettings, value, where, readers)


def _throttle(value: Any, where: str) -> Mapping[str, str]:
    rates = f.mapping(value, where)
    for scope, rate in rates.items():
        if scope not in {"anon", "user"}:
            raise UsageError(f"{where} has the unknown key {scope!r}; known are anon, user")
        if not isinstance(rate, str) or not _RATE.fullmatch(rate):
            raise f.wrong(f"{where}.{scope}", rate, "a rate such as 10/min")
    return rates


def _prefix(value: Any, where: str) -> str:
    prefix = f.text(value, where)
    if not (prefix.startswith("/") and prefix.endswith("/")):
        raise f.wrong(where, value, "a path that begins and ends with a slash, such as /auth/")
    return prefix


def _login_page(value: Any, where: str) -> str | None:
    path = f.optional_text(value, where)
    if path is not None and (not path.startswith("/") or {"?", "#", " "} & set(path)):
        raise f.wrong(where, value, "a path from the root, such as /api-auth/login/")
    return path


def _word(value: Any, where: str) -> str:
    word = f.text(value, where)
    if not re.fullmatch(r"[!-~]+", word):
        raise f.wrong(where, value, "one word, such as Token")
    return word


_PROFILE: dict[str, f.Reader] = {
    "name": f.text,
    "versions": _versions,
    "djoser": _djoser,
    "authentication": f.list_of(f.one_of("session", "basic", "token", "jwt")),
    "simple_jwt": _simple_jwt,
    "django": _django,
    "user": _user,
    "password_validators": f.list_of(_validator),
    "mail": _mail,
    "prefix": _prefix,
    "urls": f.list_of(f.one_of("users", "jwt", "token")),
    "session_login": _login_page,
    "throttle": _throttle,
    "language": f.text,
    "renderers": f.list_of(f.one_of("json", "browsable")),
    "parsers": f.list_of(f.one_of("json", "form", "multipart")),
    "token_keyword": _word,
    "non_field_errors_key": f.text,
    "hasher": f.one_of("pbkdf2", "scrypt", "argon2", "bcrypt", "md5"),
}


# --- the whole --------------------------------------------------------------------------------


def _complete(profile: Profile, where: str) -> UserModel:
    """The user model with every name in `create` turned into its field."""
    user = profile.user
    known = {field.name: field for field in user.fields}
    known.setdefault(
        profile.djoser.USER_ID_FIELD,
        Field(profile.djoser.USER_ID_FIELD, user.id, read_only=True, required=False),
    )
    create = []
    for entry in user.create:
        if isinstance(entry, Field):
            create.append(entry)
        elif entry in known:
            create.append(_writable(known[entry], profile))
        else:
            raise UsageError(
                f"{where}.user.create names {entry!r}, which user.fields does not have; "
                "give it there as a mapping with a type."
            )
    return replace(user, create=tuple(create))


def _writable(field: Field, profile: Profile) -> Field:
    """The field as registration has it: what `me` shows read-only is given here, save the id."""
    is_id = field.name == profile.djoser.USER_ID_FIELD and field.name != profile.user.login_field
    if is_id or not field.read_only:
        return field
    required = field.name == profile.user.login_field or field.default is None
    return replace(field, read_only=False, required=required, allow_blank=False)


def _with_permissions(profile: Profile, given: Mapping[str, tuple[str, ...]]) -> Profile:
    """The profile with the file's `permissions` beside those that `djoser.PERMISSIONS` has."""
    actions = {key: classes for key, classes in given.items() if key != "default"}
    return replace(
        profile,
        default_permissions=given.get("default", profile.default_permissions),
        djoser=replace(profile.djoser, PERMISSIONS={**profile.djoser.PERMISSIONS, **actions}),
    )


def _check(profile: Profile, where: str) -> None:
    names = [field.name for field in profile.user.create]
    if profile.user.login_field not in names:
        raise UsageError(
            f"{where}.user.create lacks the login field {profile.user.login_field!r}; "
            "without it nobody can register."
        )
    if not profile.authentication:
        raise UsageError(
            f"{where}.authentication is empty; name at least one of session, basic, token, jwt."
        )
    if profile.session_login and "session" not in profile.authentication:
        raise UsageError(
            f"{where}.session_login is set and {where}.authentication lacks session; without it no "
            "session is known."
        )
    if profile.djoser.SEND_ACTIVATION_EMAIL and not profile.djoser.ACTIVATION_URL:
        raise UsageError(
            f"{where}: SEND_ACTIVATION_EMAIL is on and ACTIVATION_URL is missing; "
            "Djoser answers 500 then, so set it, such as auth/activate/{uid}/{token}."
        )
