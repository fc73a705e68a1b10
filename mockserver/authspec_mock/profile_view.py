"""A profile as the mapping of its file, and changes merged into it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from authspec_contract import fields as f
from authspec_contract.profile import Profile
from authspec_contract.profile_file import profile_from_mapping

_OUTSIDE = ("SOCIAL_AUTH_TOKEN_STRATEGY", "SOCIAL_AUTH_ALLOWED_REDIRECT_URIS", "WEBAUTHN")
"""Of Djoser's other URL modules: shown only where a profile sets them."""


def profile_as_json(profile: Profile) -> dict[str, Any]:
    """The mapping that `profile_from_mapping` reads back as this profile."""
    raw = _plain(asdict(profile))
    del raw["source"]
    for key in _OUTSIDE:
        if not raw["djoser"][key]:
            del raw["djoser"][key]
    raw["mail"]["from"] = raw["mail"].pop("from_")
    raw["permissions"] = {"default": raw.pop("default_permissions")}
    raw["password_validators"] = [
        validator["name"]
        if validator["number"] is None
        else {validator["name"]: validator["number"]}
        for validator in raw["password_validators"]
    ]
    assert isinstance(raw, dict)
    return raw


def changed(profile: Profile, patch: Any) -> Profile:
    """The profile with the mapping's values in place of its own. Raises UsageError.

    Mappings are merged key by key, anything else is replaced.
    """
    given = f.mapping(patch, "The change")
    return profile_from_mapping(_merged(profile_as_json(profile), given), source="/_mock/profile")


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        merged[key] = _merged(before, value) if both else value  # type: ignore[arg-type]
    return merged


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
