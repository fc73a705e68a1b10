"""The conditions that a requirement, a statement or an element of the OpenAPI may name, per profile.

A condition is a list of names that must all hold; `not NAME` turns one round.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache

from authspec_contract.errors import ContractError, nearest
from authspec_contract.profile import DjoserSettings, Profile, SimpleJwtSettings


def facts(profile: Profile) -> Mapping[str, bool]:
    """Every condition's name → whether it holds for this profile.

    The boolean settings of Djoser and simplejwt stand under their own names; the others are
    named in `_derived`.
    """
    settings = {
        field.name: bool(getattr(group, field.name))
        for group in (profile.djoser, profile.simple_jwt)
        for field in fields(group)
        if isinstance(getattr(group, field.name), bool)
    }
    return settings | _derived(profile)


_SHORTEST = 60.0
"""Seconds that a token has to live so that a run over a network can use it."""


PUBLIC_ACTIONS = (
    "activation", "password_reset", "password_reset_confirm", "username_reset",
    "username_reset_confirm", "user_create",
)  # fmt: skip
"""What Djoser leaves to strangers unless PERMISSIONS says otherwise (djoser/conf.py)."""
OWN_ACTIONS = ("set_password", "set_username", "user_delete")
"""What it leaves to each account for itself; without the rights to read it no test has an account."""


def _derived(profile: Profile) -> dict[str, bool]:
    djoser, user = profile.djoser, profile.user
    validators = {validator.name for validator in profile.password_validators}
    me = {field.name: field for field in user.fields}
    email_in_me = me.get(user.email_field)
    # what is over before a test has used it cannot be tested from outside
    lasting = profile.simple_jwt.ACCESS_TOKEN_LIFETIME >= _SHORTEST
    usable = profile.django.PASSWORD_RESET_TIMEOUT >= _SHORTEST

    def everybody(action: str) -> bool:
        return set(profile.permission(action)) == {"AllowAny"}

    return {
        # how callers are known
        "jwt": "jwt" in profile.authentication and "jwt" in profile.urls,
        "token": "token" in profile.authentication
        and "token" in profile.urls
        and bool(djoser.TOKEN_MODEL),
        "session": "session" in profile.authentication,
        "session_page": "session" in profile.authentication and bool(profile.session_login),
        "session_by_token": profile.session_by_token,
        "session_login": "session" in profile.authentication
        and (bool(profile.session_login) or profile.session_by_token),
        "basic": "basic" in profile.authentication,
        "jwt_urls": "jwt" in profile.urls,
        "access_lasts": lasting,
        "token_urls": "token" in profile.urls and bool(djoser.TOKEN_MODEL),
        "challenged": profile.challenge is not None,
        # the user model
        "login_by_email": user.login_field == user.email_field,
        "login_field_differs": profile.login_field != user.login_field,
        "email_unique": _unique(profile, user.email_field),
        "email_registered": any(
            f.name == user.email_field and not f.read_only for f in user.create
        ),
        "email_required": any(f.name == user.email_field and f.required for f in user.create),
        "email_shown": email_in_me is not None,
        "email_writable": email_in_me is not None and not email_in_me.read_only,
        # djoser/serializers.py UserSerializer.update deactivates; a serializer of the project's may not
        "own_update": djoser.SERIALIZERS.get("current_user", "djoser.").startswith("djoser."),
        "name_shown": "name" in me,
        "name_writable": "name" in me and not me["name"].read_only,
        "some_writable": any(not f.read_only for f in user.fields),
        "text_writable": any(f.free_text for f in user.fields),
        "some_required": any(
            f.required and not f.read_only and f.name != user.login_field for f in user.create
        ),
        "bounded_text_writable": any(f.free_text and f.max_length for f in user.fields),
        "writable_required": any(f.required and not f.read_only for f in user.fields),
        "user_own_only": profile.permission("user") == ("CurrentUserOrAdmin",)
        and profile.permission("user_delete") == ("CurrentUserOrAdmin",),
        "user_read_by_others": profile.permission("user") == ("CurrentUserOrAdminOrReadOnly",),
        "list_open": "IsAdminUser" not in profile.permission("user_list"),
        "closed_to_strangers": not all(everybody(action) for action in PUBLIC_ACTIONS),
        "closed_to_accounts": any("IsAdminUser" in profile.permission(a) for a in OWN_ACTIONS),
        # djoser/views.py permission_denied: with HIDE_USERS a refusal looks as if nobody were there
        "list_hidden": djoser.HIDE_USERS and "IsAdminUser" in profile.permission("user_list"),
        "id_integer": user.id == "integer",
        "id_uuid": user.id == "uuid",
        # what a mail may do
        "activation_link": djoser.SEND_ACTIVATION_EMAIL
        and bool(djoser.ACTIVATION_URL)
        and usable
        and everybody("activation"),
        "reset_link": bool(djoser.PASSWORD_RESET_CONFIRM_URL)
        and usable
        and everybody("password_reset")
        and everybody("password_reset_confirm"),
        "login_reset_link": bool(djoser.USERNAME_RESET_CONFIRM_URL)
        and profile.login_field == user.login_field
        and usable
        and everybody("username_reset")
        and everybody("username_reset_confirm"),
        # what mails are made of; classes of the deployment's own may make anything of them
        "sender_stated": bool(profile.mail.from_) and not djoser.EMAIL,
        "site_named": bool(djoser.EMAIL_FRONTEND_SITE_NAME or profile.mail.site_name)
        and not djoser.EMAIL,
        # djoser/views.py resend_activation: a bare 400 where it is off, and before 2.2.1 for nobody
        "resend_refused_empty": not djoser.SEND_ACTIVATION_EMAIL
        or not profile.versions.at_least("djoser", "2.2.1"),
        "any_mail": djoser.SEND_ACTIVATION_EMAIL
        or djoser.SEND_CONFIRMATION_EMAIL
        or djoser.PASSWORD_CHANGED_EMAIL_CONFIRMATION
        or djoser.USERNAME_CHANGED_EMAIL_CONFIRMATION
        or (bool(djoser.PASSWORD_RESET_CONFIRM_URL) and everybody("password_reset")),
        "fixed_link_host": bool(djoser.EMAIL_FRONTEND_DOMAIN or profile.mail.domain),
        "confirmation_at_registration": djoser.SEND_CONFIRMATION_EMAIL
        and not djoser.SEND_ACTIVATION_EMAIL,
        "show_email_not_found": djoser.PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND
        or djoser.USERNAME_RESET_SHOW_EMAIL_NOT_FOUND,
        # rules and ways of DRF
        "any_validator": bool(validators),
        **{f"validator:{name}": name in validators for name in _VALIDATORS},
        "parses_json": "json" in profile.parsers,
        "parses_form": "form" in profile.parsers,
        "parses_multipart": "multipart" in profile.parsers,
        "browsable": "browsable" in profile.renderers,
        "throttled": bool(profile.throttle),
        "english": profile.language.split("-")[0] == "en",
        # versions that clients can tell apart
        "djoser>=2.2": profile.versions.at_least("djoser", "2.2"),
        "djoser>=2.2.1": profile.versions.at_least("djoser", "2.2.1"),
        "djoser>=2.3": profile.versions.at_least("djoser", "2.3"),
        "djoser>=3": profile.versions.at_least("djoser", "3"),
        "simplejwt>=5.4": profile.versions.at_least("simplejwt", "5.4"),
    }


_VALIDATORS = ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")


def _unique(profile: Profile, name: str) -> bool:
    return name == profile.user.login_field or any(
        field.name == name and field.unique
        for field in (*profile.user.create, *profile.user.fields)
    )


@lru_cache(maxsize=1)
def fact_names() -> frozenset[str]:
    """Every name that a condition may use."""
    return frozenset(
        facts(Profile(name="", djoser=DjoserSettings(), simple_jwt=SimpleJwtSettings()))
    )


def check_condition(condition: Iterable[str], *, where: str) -> tuple[str, ...]:
    """The condition as a tuple. Raises ContractError for a name that no profile has."""
    names = tuple(condition)
    for name in names:
        plain = name.removeprefix("not ")
        if plain not in fact_names():
            raise ContractError(
                f"{where} names the unknown condition {plain!r}; {nearest(plain, fact_names())}"
            )
    return names


def failing(condition: Iterable[str], known: Mapping[str, bool]) -> str | None:
    """The first part of a condition that does not hold, or None where all do."""
    for name in condition:
        plain = name.removeprefix("not ")
        if known[plain] == name.startswith("not "):
            return name
    return None
