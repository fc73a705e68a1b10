"""The user model, made from the profile's fields in the way of the common project templates."""

import uuid
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from backend.deployment import DEPLOYMENT, PROFILE, USER

LOGIN_FIELD = USER["login_field"]
_DJANGO_FIELDS = ("username", "first_name", "last_name")
"""What AbstractUser brings and a profile may leave out; `email` stays where it is the mail field."""
_OWN = dict(getattr(DEPLOYMENT, "settings", {}))
"""What a deployment has of its own, whatever its profile."""


class UserManager(DjangoUserManager):
    """Creates users by whatever field they log in with."""

    def create_user(self, password: str | None = None, **fields: Any) -> models.Model:
        email = USER["email_field"]
        if email in fields:
            fields[email] = self.normalize_email(fields[email])
            if USER["lowercases_email"]:
                fields[email] = fields[email].lower()
        if email != LOGIN_FIELD:
            fields[LOGIN_FIELD] = self.model.normalize_username(fields[LOGIN_FIELD])
        if _OWN.get("NAMES_BY_ADDRESS"):
            fields.setdefault("name", fields[email].partition("@")[0])
        user = self.model(**fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


def _shown() -> dict[str, dict[str, Any]]:
    """Field name → its description; registration's, where it writes the field, is the fuller one."""
    described = {field["name"]: field for field in USER["fields"]}
    described |= {f["name"]: f for f in USER["create"] if not f["read_only"]}
    return described


def _model_field(field: dict[str, Any]) -> models.Field:
    kind, text = field["type"], field["type"] in ("string", "email", "username", "choice")
    options: dict[str, Any] = {"verbose_name": field["verbose_name"], "unique": field["unique"]}
    if field["name"] == LOGIN_FIELD:
        options["unique"] = True
    # a model field that may be left out is `blank`; read-only ones are never written at all
    if not field["required"] or field["read_only"]:
        options["blank"] = text or field["default"] is None
    if field["allow_blank"]:
        options["blank"] = True
    if field["allow_null"]:
        options["null"] = True
    if field["default"] is not None:
        options["default"] = field["default"]
    elif field["read_only"] and not text:
        options["null"] = True
    if field["name"] in _OF_A_FORM:
        return _OF_A_FORM[field["name"]](**options)
    if kind == "email":
        # one address in any letter case, as PostgreSQL's citext or a collation keeps them
        options["db_collation"] = _OWN.get("EMAIL_COLLATION")
        return models.EmailField(max_length=field["max_length"] or 254, **options)
    if kind == "username":
        checks = [UnicodeUsernameValidator()]
        if pattern := _OWN.get("USERNAME_PATTERN"):
            checks.append(RegexValidator(pattern, "This is no name for a user here."))
        return models.CharField(max_length=field["max_length"] or 150, validators=checks, **options)
    if kind == "choice":
        choices = [(choice, choice) for choice in field["choices"]]
        return models.CharField(max_length=255, choices=choices, **options)
    if kind == "string" and field["max_length"] is None:
        return models.TextField(**options)
    if kind == "string":
        return models.CharField(max_length=field["max_length"], **options)
    plain = {
        "integer": models.IntegerField,
        "boolean": models.BooleanField,
        "uuid": models.UUIDField,
        "date": models.DateField,
        "datetime": models.DateTimeField,
    }
    return plain[kind](**options)


def _phone(**options: Any) -> models.Field:
    checks = [RegexValidator(r"^\+\d{7,15}\Z", "Enter a valid phone number.")]
    return models.CharField(max_length=20, validators=checks, **options)


def _updated_at(**options: Any) -> models.Field:
    return models.DateTimeField(auto_now=True, verbose_name="updated at")


def _balance(**options: Any) -> models.Field:
    return models.DecimalField(max_digits=8, decimal_places=2, **options)


def _terms_accepted(**options: Any) -> models.Field:
    checks = [RegexValidator(r"^True\Z", "The terms have to be accepted.")]
    return models.BooleanField(validators=checks, **options)


def _seats(**options: Any) -> models.Field:
    checks = [MinValueValidator(1), MaxValueValidator(100)]
    return models.PositiveSmallIntegerField(validators=checks, **options)


_OF_A_FORM = {
    "phone": _phone,
    "terms_accepted": _terms_accepted,
    "seats": _seats,
    "website": models.URLField,
    "updated_at": _updated_at,
    "balance": _balance,
    "preferences": lambda **options: models.JSONField(default=dict),
}
"""Fields of common names that a profile describes by their type and an example alone."""
_COMPUTED = ("full_name", "permissions")
"""Fields of the serializer that are in no table."""


def _save_in_small_letters(user: Any, *args: Any, **kwargs: Any) -> None:
    """Keeps an address in small letters, whoever writes it."""
    user.email = user.email.lower()
    AbstractUser.save(user, *args, **kwargs)


def _members() -> dict[str, Any]:
    members: dict[str, Any] = {"__module__": __name__, "objects": UserManager()}
    shown = _shown()
    if USER["id"] == "uuid":
        members["id"] = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    inherited = (*_DJANGO_FIELDS, *(["email"] if USER["email_field"] != "email" else []))
    members |= dict.fromkeys(inherited)
    own = {
        *_COMPUTED,
        "id",
        "pk",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
        "date_joined",
    }
    username = shown.get("username", {})
    if username.get("type") == "username" and username["max_length"] in (None, 150):
        # AbstractUser's own, with its help text and its message for a name that is taken
        own.add("username")
        del members["username"]
    members |= {name: _model_field(f) for name, f in shown.items() if name not in own}
    if _OWN.get("SMALL_LETTERS"):
        members["save"] = _save_in_small_letters
    members["USERNAME_FIELD"] = LOGIN_FIELD
    members["EMAIL_FIELD"] = USER["email_field"]
    members["REQUIRED_FIELDS"] = [
        f["name"]
        for f in USER["create"]
        if f["required"] and not f["read_only"] and f["name"] != LOGIN_FIELD
    ]
    meta = {"verbose_name": USER["verbose_name"], "app_label": "users"}
    members["Meta"] = type("Meta", (), meta)
    return members


User = type("User", (AbstractUser,), _members())
PROFILE_NAME = PROFILE["name"]
