"""Findings as a profile file with the evidence beside each setting, and held against a declared profile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from authspec_conformance.probe.findings import Finding, Findings
from authspec_conformance.profile_text import Noted, Unset, profile_text
from authspec_contract.profile import DjoserSettings, Field, Profile, SimpleJwtSettings

_NOT_FROM_OUTSIDE = {
    "versions.djoser": "nothing that was seen depends on it",
    "versions.django": "nothing that clients see depends on it",
    "versions.drf": "nothing that clients see depends on it",
    "versions.simplejwt": "nothing that was seen depends on it",
    "django.PASSWORD_RESET_TIMEOUT": "a mail's link would have to be kept until it expires",
    "django.DATA_UPLOAD_MAX_MEMORY_SIZE": "it would take uploads of megabytes",
    "throttle": "no call was answered 429, and a probe does not press on until one is",
    "hasher": "times over a network do not tell",
    "simple_jwt.USER_ID_FIELD": "the id of a token and that of the account are the same",
    "simple_jwt.CHECK_USER_IS_ACTIVE": "it takes an administrator to deactivate an account",
    "simple_jwt.REVOKE_TOKEN_CLAIM": "no token carries such a claim",
    "djoser.PERMISSIONS": "only what was met on the way is known: nothing contradicts the defaults",
    "mail.domain": "it needs a mailbox and a mail with a link",
    "mail.protocol": "it needs a mailbox and a mail with a link",
    "mail.site_name": "it needs a mailbox and one of Djoser's own subjects",
    "mail.from": "it needs a mailbox",
}
_KEPT_AS_PASTED = {
    "SERIALIZERS", "EMAIL", "CONSTANTS", "SOCIAL_AUTH_TOKEN_STRATEGY",
    "SOCIAL_AUTH_ALLOWED_REDIRECT_URIS", "WEBAUTHN", "EMAIL_FRONTEND_DOMAIN",
    "EMAIL_FRONTEND_PROTOCOL", "EMAIL_FRONTEND_SITE_NAME",
}  # fmt: skip
"""What clients do not see as such; frontend domain, protocol and name are told under `mail`."""

SETTINGS = (
    *(f"versions.{name}" for name in ("djoser", "django", "drf", "simplejwt")),
    *(f"djoser.{f.name}" for f in fields(DjoserSettings) if f.name not in _KEPT_AS_PASTED),
    "authentication",
    *(f"simple_jwt.{f.name}" for f in fields(SimpleJwtSettings)),
    *(
        f"django.{name}"
        for name in ("APPEND_SLASH", "PASSWORD_RESET_TIMEOUT", "DATA_UPLOAD_MAX_MEMORY_SIZE")
    ),
    *(f"user.{name}" for name in ("login_field", "id", "email_field", "verbose_name")),
    "user.fields", "user.create", "password_validators",
    *(f"mail.{name}" for name in ("site_name", "domain", "protocol", "from")),
    "prefix", "urls", "session_login", "throttle", "token_keyword",
    "language", "renderers", "parsers", "permissions.default", "hasher",
)  # fmt: skip
"""Every setting that a probe has a word on, in the order of the profile file."""


def settled(findings: Findings) -> Mapping[str, Finding]:
    """A finding for each of SETTINGS."""
    _join_fields(findings)
    for setting in SETTINGS:
        if setting in _NOT_FROM_OUTSIDE:
            findings.cannot(setting, _NOT_FROM_OUTSIDE[setting])
        findings.cannot(setting, _why_not(setting, findings))
    return {setting: findings.all[setting] for setting in SETTINGS}


def _why_not(setting: str, findings: Findings) -> str:
    group = setting.partition(".")[0]
    if group == "simple_jwt" and "jwt" not in findings.get("urls", []):
        return "no login by web token is mounted here"
    if setting in {
        "djoser.LOGOUT_ON_PASSWORD_CHANGE", "djoser.CREATE_SESSION_ON_LOGIN", "djoser.TOKEN_MODEL",
    }:  # fmt: skip
        return "only a login by DRF token shows it, and none worked here"
    if setting == "djoser.ACTIVATION_URL":
        return "no activation mail came"
    return "the probe met nothing that shows it"


# --- fields -------------------------------------------------------------------------------------


def _join_fields(findings: Findings) -> None:
    """What `me` and registration showed, put together as the profile file has it."""
    unique, verbose = findings.notes.get("unique", []), findings.notes.get("verbose names", {})
    login = findings.get("user.login_field")
    shown: list[dict[str, Any]] = []
    for field in findings.get("me", []):
        entry = dict(field)
        if entry["name"] in unique or entry["name"] == login:
            entry["unique"] = True
        if entry["name"] in verbose:
            entry["verbose_name"] = verbose[entry["name"]]
        shown.append(entry)
    source = findings.all.get("me")
    if source is not None and source.told:
        findings.tell("user.fields", shown, source.evidence, holds=_same_fields(shown))
    elif source is not None:
        findings.cannot("user.fields", source.evidence)
    made = findings.all.get("create")
    if made is not None and made.told:
        known = {field["name"]: field for field in shown}
        create = [_entry(field, known, unique, verbose) for field in made.value]
        findings.tell("user.create", create, made.evidence, holds=_same_create(made.value))
    elif made is not None:
        findings.cannot("user.create", made.evidence)


def _entry(
    field: dict[str, Any], known: Mapping[str, Any], unique: list[str], verbose: Mapping[str, str]
) -> Any:
    """A name, where `fields` describes it well enough; else a mapping."""
    name = field["name"]
    same = known.get(name)
    if name == "id" and field.get("read_only"):
        return name
    writable = not field.get("read_only")
    if (
        writable
        and same is not None
        and not same.get("read_only")
        and _required(field) == _required(same)
    ):
        return name
    entry = {key: value for key, value in field.items() if key != "hidden"}
    for key in ("max_length", "type"):
        if same is not None and key in same:
            entry[key] = same[key]
    if name in unique:
        entry["unique"] = True
    if name in verbose:
        entry["verbose_name"] = verbose[name]
    return entry


def _required(field: Mapping[str, Any]) -> bool:
    return bool(field.get("required", True))


def _same_fields(found: list[dict[str, Any]]) -> Any:
    def holds(profile: Profile) -> bool:
        declared = {field.name: field for field in profile.user.fields}
        return [f["name"] for f in found] == [f.name for f in profile.user.fields] and all(
            _same(field, declared[field["name"]]) for field in found
        )

    return holds


def _same_create(found: list[dict[str, Any]]) -> Any:
    visible = [field for field in found if not field.get("hidden")]

    def holds(profile: Profile) -> bool:
        declared = {field.name: field for field in profile.user.create}
        return [f["name"] for f in visible] == [f.name for f in profile.user.create] and all(
            bool(f.get("read_only")) == declared[f["name"]].read_only
            and (
                declared[f["name"]].read_only
                or f.get("required", True) == declared[f["name"]].required
            )
            for f in visible
        )

    return holds


def _same(found: dict[str, Any], declared: Field) -> bool:
    if bool(found.get("read_only")) != declared.read_only:
        return False
    if not declared.read_only and found.get("required", True) != declared.required:
        return False
    texts = {"string", "username"}
    return found["type"] == declared.type or {found["type"], declared.type} <= texts


# --- as text ------------------------------------------------------------------------------------


def as_profile(findings: Findings, heading: list[str]) -> str:
    """The profile file: what was told with its evidence, the rest as comments with the reason."""
    tree: dict[str, Any] = {"name": "probed"}
    for setting, finding in settled(findings).items():
        group, _, key = setting.rpartition(".")
        place = tree.setdefault(group, {}) if group else tree
        place[key] = (
            Noted(finding.value, finding.evidence)
            if finding.told
            else Unset(f"cannot tell: {finding.evidence}")
        )
    return profile_text(tree, heading=heading)


# --- against a profile --------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A setting that is not as declared."""

    setting: str
    declared: Any
    found: Any
    evidence: str


_NEED_NOT_BE_SAID = {"mail.from"}
"""Settings that a profile may leave open: then any value agrees with it."""


def differences(findings: Findings, profile: Profile) -> Iterator[Difference]:
    """Where the deployment is not what the profile says; what cannot be told is no difference."""
    for setting, finding in settled(findings).items():
        declared = declared_value(profile, setting)
        if declared is None and setting in _NEED_NOT_BE_SAID:
            continue
        if finding.holds is not None:
            agrees = finding.holds(profile)
        elif finding.told:
            agrees = _plain(declared) == _plain(finding.value)
        else:
            continue
        if not agrees:
            yield Difference(setting, declared, finding.value, finding.evidence)


def declared_value(profile: Profile, setting: str) -> Any:
    """The profile's value of a setting in dotted form."""
    if setting == "permissions.default":
        return profile.default_permissions
    value: Any = profile
    for name in setting.split("."):
        value = getattr(value, f"{name}_" if name == "from" else name)
    if setting.startswith("user.") and isinstance(value, tuple):
        return [field.name for field in value]
    return value


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
