"""Profiles that between them switch every part of the OpenAPI."""

from typing import Any

import yaml

from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile, profile_from_mapping, shipped_profiles

_VARIATIONS = """
uuids: {user: {login_field: email, id: uuid, create: [{name: email, type: email}, id],
  fields: [{name: id, type: uuid, read_only: true}, {name: email, type: email, read_only: true}]}}
many-fields: {authentication: [jwt, token], user: {login_field: username,
  create: [username, email, phone, born, plan, id], fields: [
  {name: id, type: integer, read_only: true}, {name: username, type: username, max_length: 150, read_only: true},
  {name: email, type: email, required: false, max_length: 254}, {name: phone, type: string, max_length: 20},
  {name: born, type: date, required: false, allow_null: true}, {name: seen, type: datetime, read_only: true},
  {name: key, type: uuid, read_only: true}, {name: age, type: integer, required: false},
  {name: news, type: boolean, default: false}, {name: plan, type: choice, choices: [free, paid], default: free}]}}
json-only: {parsers: [json], renderers: [json], django: {APPEND_SLASH: false}}
throttled: {throttle: {anon: 5/min, user: 9/min}, authentication: [basic, jwt]}
closed: {permissions: {user_create: [IsAdminUser], user_list: [IsAdminUser], default: [IsAuthenticated]}}
without-logins: {urls: [users], authentication: [session]}
without-token-model: {djoser: {TOKEN_MODEL: null}, authentication: [jwt]}
rotating: {simple_jwt: {ROTATE_REFRESH_TOKENS: true, BLACKLIST_AFTER_ROTATION: true, AUTH_HEADER_TYPES: [JWT, Bearer]}}
telling: {djoser: {PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND: true}, prefix: /api/v1/}
at-the-root: {prefix: /, versions: {djoser: "3.0"}}
login-field: {djoser: {LOGIN_FIELD: email}, user: {login_field: username, create: [username, email, id], fields: [
  {name: id, type: integer, read_only: true}, {name: username, type: username, read_only: true},
  {name: email, type: email}]}}
"""
_USER: dict[str, Any] = {
    "login_field": "email",
    "fields": [
        {"name": "id", "type": "integer", "read_only": True},
        {"name": "email", "type": "email", "read_only": True, "max_length": 254},
    ],
    "create": ["email", "id"],
}


def every_profile() -> list[Profile]:
    """The shipped ones and the variations."""
    variations = yaml.safe_load(_VARIATIONS)
    return [load_profile(name) for name in shipped_profiles()] + [
        profile_from_mapping({"user": _USER, **raw, "name": name}, source=name)
        for name, raw in variations.items()
    ]


def variation(name: str) -> Profile:
    return next(profile for profile in every_profile() if profile.name == name)
