"""What the mock carries out; a profile that asks for more is refused, never half obeyed."""

import string

from authspec_contract.errors import UsageError
from authspec_contract.profile import Profile

_LINK_WORDS = frozenset({"uid", "token", "protocol", "domain", "site_name"})
_DESCRIBED = frozenset({"user", "current_user", "user_create", "user_create_password_retype"})
_LINKS = ("ACTIVATION_URL", "PASSWORD_RESET_CONFIRM_URL", "USERNAME_RESET_CONFIRM_URL")


def check_supported(profile: Profile) -> None:
    """Raises UsageError, in one sentence, for the first setting that the mock cannot carry out."""
    checks = (_language, _custom_code, _serializers, _version, _renderers, _links, _fields, _ids)
    for complaint in checks:
        sentence = complaint(profile)
        if sentence is not None:
            raise UsageError(f"The profile {profile.name} asks for what the mock lacks: {sentence}")


def _language(profile: Profile) -> str | None:
    if profile.language.lower() in ("en", "en-us"):
        return None
    return f"messages in {profile.language!r}; it speaks English only, so set 'language: en'."


def _custom_code(profile: Profile) -> str | None:
    djoser = profile.djoser
    for name in ("EMAIL", "CONSTANTS"):
        if getattr(djoser, name):
            return f"{name}, which names code of your project; leave it out to get Djoser's own."
    return None


def _serializers(profile: Profile) -> str | None:
    """Those of the user are what the profile's `user` describes; the others are Djoser's own."""
    for name, path in profile.djoser.SERIALIZERS.items():
        if name not in _DESCRIBED and not path.startswith("djoser."):
            return f"SERIALIZERS.{name}, which names code of your project; leave it out."
    return None


def _renderers(profile: Profile) -> str | None:
    return None if profile.renderers else "no renderers; name json, browsable, or both."


def _version(profile: Profile) -> str | None:
    if profile.versions.at_least("djoser", "4"):
        return f"djoser {profile.versions.djoser}; it knows 2.1 to 3.0."
    return None


def _links(profile: Profile) -> str | None:
    for name in _LINKS:
        template = getattr(profile.djoser, name)
        if template is None:
            continue
        try:
            words = {word for _, word, _, _ in string.Formatter().parse(template) if word}
        except ValueError as error:
            return f"{name} is {template!r}, which is no format string ({error})."
        unknown = sorted(words - _LINK_WORDS)
        if unknown:
            known = ", ".join(sorted(_LINK_WORDS))
            return f"{name} with {{{unknown[0]}}} in it; it can fill in {known}."
    return None


def _fields(profile: Profile) -> str | None:
    model = profile.user
    names = {field.name for field in (*model.create, *model.fields)} | {"id"}
    for wanted, setting in (
        (profile.login_field, "djoser.LOGIN_FIELD"),
        (profile.djoser.USER_ID_FIELD, "djoser.USER_ID_FIELD"),
        (profile.simple_jwt.USER_ID_FIELD, "simple_jwt.USER_ID_FIELD"),
    ):
        if wanted not in names:
            return f"{setting} is {wanted!r}, a field that user.fields and user.create lack."
    if model.email_field not in names and _mails(profile):
        return f"mails to {model.email_field!r}, a field that user.fields and user.create lack."
    return None


def _mails(profile: Profile) -> bool:
    djoser = profile.djoser
    return any(getattr(djoser, name) for name in _LINKS) or djoser.SEND_CONFIRMATION_EMAIL


def _ids(profile: Profile) -> str | None:
    for field in profile.user.fields:
        if field.name == "id" and not field.read_only:
            return "a writable 'id'; give it read_only: true."
    return None
