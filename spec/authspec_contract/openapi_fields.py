"""Turns a profile's fields and settings into the JSON Schemas that the OpenAPI parts leave open.

Each builder is named by an `x-build` annotation; it takes the annotated element, as it stands in
the parts, and gives the one of the deployment.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from authspec_contract.profile import Field, Profile

Schema = dict[str, Any]
Builder = Callable[[Schema, Profile], Schema]

_NO_BLANK = {"minLength": 1, "pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"}
_TEXT = {"$ref": "#/components/schemas/Text"}
_FORMATS = {"email": "email", "uuid": "uuid", "date": "date", "datetime": "date-time"}
_SAMPLES: Mapping[str, Any] = {
    "integer": 1,
    "string": "Ada Lovelace",
    "email": "user@example.com",
    "username": "ada",
    "boolean": True,
    "uuid": "7d1a6d5e-3b59-4b1c-9d52-1f2f3a4b5c6d",
    "date": "2024-02-29",
    "datetime": "2024-02-29T12:00:00Z",
    "any": {},
}


def answered(field: Field) -> Schema:
    """The schema of a field in an answer."""
    schema = _plain(field)
    if field.type == "email" and (field.allow_blank or not field.required):
        schema = {"anyOf": [schema, {"const": ""}]}
    # a read-only field's profile need not say that it is empty at first, as last_login is
    times = field.read_only and field.type.startswith("date")
    return _nullable(schema, field, always=times)


def accepted(field: Field) -> Schema:
    """The schema of a field in a request: what the deployment accepts, as far as a schema can say."""
    schema = _plain(field)
    if field.type == "username":
        # django/contrib/auth/validators.py 5.2, UnicodeUsernameValidator
        schema["pattern"] = r"^[\w.@+-]+$"
    if field.is_text and field.allow_blank and field.type != "string":
        schema = {"anyOf": [schema, {"const": ""}]}
    elif field.is_text and not field.allow_blank:
        schema = {**_NO_BLANK, **schema}
    return _nullable(schema, field)


def _plain(field: Field) -> Schema:
    if field.type == "choice":
        return {"enum": list(field.choices)}
    if field.type == "any":
        return {}
    kind = field.type if field.type in ("integer", "boolean") else "string"
    schema: Schema = {"type": kind}
    if field.type in _FORMATS:
        schema["format"] = _FORMATS[field.type]
    if field.max_length is not None and kind == "string":
        schema["maxLength"] = field.max_length
    return schema


def _nullable(schema: Schema, field: Field, *, always: bool = False) -> Schema:
    if not schema:
        return schema
    nullable = field.allow_null or always
    return {"anyOf": [schema, {"type": "null"}]} if nullable else schema


def _sample(field: Field) -> Any:
    if field.example is not None:
        return field.sample(1)
    value = field.choices[0] if field.type == "choice" else _SAMPLES[field.type]
    return value[: field.max_length] if isinstance(value, str) else value


# --- objects ----------------------------------------------------------------------------------


def _object(
    base: Schema,
    properties: Mapping[str, Schema],
    *,
    required: Iterable[str],
    example: Mapping[str, Any],
    closed: bool = False,
) -> Schema:
    """An object in place of `base`, which keeps its words and the statements of like properties."""
    known = base.get("properties", {})
    kept: Schema = {
        key: base[key] for key in ("description", "x-statements", "x-in-document") if key in base
    }
    wanted = list(required)
    return {
        **kept,
        "type": "object",
        "properties": {name: _annotated(s, known.get(name)) for name, s in properties.items()},
        **({"required": wanted} if wanted else {}),
        **({"additionalProperties": False} if closed else {}),
        "examples": [dict(example)],
    }


def _annotated(schema: Schema, base: Schema | None) -> Schema:
    notes: Schema = {k: base[k] for k in ("description", "x-statements") if base and k in base}
    return {**schema, **notes}


def _answer(base: Schema, fields: tuple[Field, ...]) -> Schema:
    return _object(
        base,
        {field.name: answered(field) for field in fields},
        required=[field.name for field in fields],
        example={field.name: _sample(field) for field in fields},
        closed=True,
    )


def _registration(base: Schema, profile: Profile) -> Schema:
    fields = [field for field in profile.user.create if not field.read_only]
    passwords = [name for name in ("password", "re_password") if name in base["properties"]]
    known = {name: base["properties"][name] for name in passwords}
    return _object(
        base,
        {**{field.name: accepted(field) for field in fields}, **known},
        required=[*(field.name for field in fields if field.required), *passwords],
        example={
            **{field.name: _sample(field) for field in fields},
            **dict.fromkeys(passwords, "secure-password-123"),
        },
    )


def _profile_request(base: Schema, profile: Profile, *, whole: bool) -> Schema:
    fields = [field for field in profile.user.fields if not field.read_only]
    return _object(
        base,
        {field.name: accepted(field) for field in fields},
        required=[field.name for field in fields if field.required and whole],
        example={field.name: _sample(field) for field in fields},
    )


def _new_login(base: Schema, profile: Profile) -> Schema:
    """The request of set_{login} or of reset_{login}_confirm, by whichever names the base has."""
    login = profile.login_field
    field = profile.user.field(login)
    properties: dict[str, Schema] = {}
    example: dict[str, Any] = {}
    for name, schema in base["properties"].items():
        if name == "new_email":
            properties[f"new_{login}"], example[f"new_{login}"] = accepted(field), _sample(field)
        elif name == "re_new_email":
            properties[f"re_new_{login}"] = dict(_TEXT)
            example[f"re_new_{login}"] = _sample(field)
        else:
            properties[name] = schema
            example[name] = base["examples"][0][name]
    return _object(base, properties, required=properties, example=example)


def _address(base: Schema, profile: Profile) -> Schema:
    name = profile.user.email_field
    schema = {"type": "string", "format": "email", "minLength": 1}
    return _object(base, {name: schema}, required=[name], example={name: _SAMPLES["email"]})


def _credentials(base: Schema, profile: Profile, name: str) -> Schema:
    sample = _sample(profile.user.field(name))
    return _object(
        base,
        {name: _TEXT, "password": _TEXT},
        required=[name, "password"],
        example={name: sample, "password": "secure-password-123"},
    )


# --- single elements --------------------------------------------------------------------------


def _new_password(base: Schema, profile: Profile) -> Schema:
    lengths = [
        8 if validator.number is None else int(validator.number)
        for validator in profile.password_validators
        if validator.name == "MinimumLength"
    ]
    return {**base, "minLength": max([1, *lengths])}


def _challenge(base: Schema, profile: Profile) -> Schema:
    value = profile.challenge or ""
    return {**base, "schema": {"type": "string", "const": value}, "example": value}


def _jwt_challenge(base: Schema, profile: Profile) -> Schema:
    value = f'{profile.simple_jwt.AUTH_HEADER_TYPES[0]} realm="api"'
    return {**base, "schema": {"type": "string", "const": value}, "example": value}


def _jwt_scheme(base: Schema, profile: Profile) -> Schema:
    words = profile.simple_jwt.AUTH_HEADER_TYPES
    notes = {key: base[key] for key in ("x-in-document",) if key in base}
    if words[0] == "Bearer":
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of jwt/create.",
            **notes,
        }
    choices = " or ".join(f"`Authorization: {word} <access token>`" for word in words)
    return {**base, "description": f"{choices}, the token from jwt/create."}


def _jwt_pair(base: Schema, profile: Profile) -> Schema:
    more = profile.simple_jwt.login_may_say_more
    return {k: v for k, v in base.items() if not (more and k == "additionalProperties")}


def _token_scheme(base: Schema, profile: Profile) -> Schema:
    word = profile.token_keyword
    return {**base, "description": f"`Authorization: {word} <key>`, the key from token/login."}


BUILDERS: Mapping[str, Builder] = {
    "registration": _registration,
    "registered_user": lambda base, profile: _answer(base, profile.user.create),
    "current_user": lambda base, profile: _answer(base, profile.user.fields),
    "user": lambda base, profile: _answer(base, profile.user.fields),
    "profile_replacement": lambda base, profile: _profile_request(base, profile, whole=True),
    "profile_change": lambda base, profile: _profile_request(base, profile, whole=False),
    "login_change": _new_login,
    "login_reset": _new_login,
    "address": _address,
    "jwt_credentials": lambda base, profile: _credentials(base, profile, profile.user.login_field),
    "token_credentials": lambda base, profile: _credentials(base, profile, profile.login_field),
    "new_password": _new_password,
    "challenge": _challenge,
    "jwt_challenge": _jwt_challenge,
    "jwt_scheme": _jwt_scheme,
    "token_scheme": _token_scheme,
    "jwt_pair": _jwt_pair,
}
