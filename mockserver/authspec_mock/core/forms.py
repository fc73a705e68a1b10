"""Djoser's serializers as field lists, made once per profile (djoser/serializers.py 2.3)."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from authspec_contract.profile import Field as ProfileField
from authspec_mock.core import fields as f
from authspec_mock.core.accounts import User
from authspec_mock.core.part import Part
from authspec_mock.core.rejections import Invalid

if TYPE_CHECKING:
    from authspec_mock.core.world import World

Judge = Callable[[Any], str | None]
_NO_JUDGES: Mapping[str, Judge] = {}


class Form:
    """The fields of one serializer, and how a body is cleaned by them."""

    def __init__(self, *fields: f.Field) -> None:
        self.fields = fields
        self.written = tuple(field for field in fields if not field.read_only)
        self.read = tuple(field for field in fields if not field.write_only)

    def clean(
        self,
        data: Any,
        *,
        partial: bool = False,
        about: User | None = None,
        judges: Mapping[str, Judge] = _NO_JUDGES,
    ) -> dict[str, Any]:
        """The clean values by source. Raises Invalid with every field's errors.

        A judge is the serializer's `validate_…` of a field: it sees the clean value, and says no.
        rest_framework/serializers.py Serializer.to_internal_value and BaseSerializer.errors.
        """
        if data is None:
            raise Invalid({"non_field_errors": ["No data provided"]})
        if not isinstance(data, dict):
            kind = type(data).__name__
            message = f"Invalid data. Expected a dictionary, but got {kind}."
            raise Invalid({"non_field_errors": [message]})
        values: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for field in self.written:
            try:
                value = field.run(field.value_in(data, partial), partial, about)
                if judges and field.name in judges and value is not f.EMPTY:
                    verdict = judges[field.name](value)
                    if verdict is not None:
                        raise f.BadField(verdict)
            except f.BadField as bad:
                errors[field.name] = bad.messages
            else:
                if value is not f.EMPTY:
                    values[field.source] = value
        if errors:
            raise Invalid(errors)
        return values

    def show(self, user: User) -> dict[str, Any]:
        """The user as this serializer shows them."""
        return {field.name: field.shown(user.get(field.source)) for field in self.read}


class Forms(Part):
    """All serializers of a profile."""

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        profile = self._profile = world.profile
        djoser = profile.djoser
        login = profile.login_field
        retype_login = (_text(f"re_new_{login}"),) if djoser.SET_USERNAME_RETYPE else ()
        retype_reset = (_text(f"re_new_{login}"),) if djoser.USERNAME_RESET_CONFIRM_RETYPE else ()
        create = tuple(self.model_field(field) for field in profile.user.create)
        self.user = Form(*(self.model_field(field) for field in profile.user.fields))
        password = _text("password", write_only=True)
        # user_create_password_retype appends its field (UserCreatePasswordRetypeSerializer)
        again = (
            (_text("re_password", write_only=True),) if djoser.USER_CREATE_PASSWORD_RETYPE else ()
        )
        self.create = Form(*create, password, *again)
        self.email = Form(_email(profile.user.email_field))
        self.activation = Form(_text("uid"), _text("token"))
        self.delete = Form(self.current_password())
        self.set_password = Form(
            *self._new_password(djoser.SET_PASSWORD_RETYPE), self.current_password()
        )
        self.reset_password = Form(
            *self.activation.fields, *self._new_password(djoser.PASSWORD_RESET_CONFIRM_RETYPE)
        )
        new_login = self.model_field(profile.user.field(login), name=f"new_{login}", writable=True)
        self.set_login = Form(self.current_password(), new_login, *retype_login)
        # uid and token are no fields here: Meta.fields does not name them (a ModelSerializer)
        self.reset_login = Form(new_login, *retype_reset)
        self.token = Form(_text("password", required=False), _text(login, required=False))
        self.pair = Form(_text(profile.user.login_field, write_only=True), password)
        access = f.Field if not profile.versions.at_least("simplejwt", "5") else f.Text
        self.refresh = Form(_text("refresh"), access("access", read_only=True))
        self.verify = Form(_text("token", write_only=True))

    def current_password(self) -> f.Field:
        return _text("current_password")

    def _new_password(self, retype: bool) -> tuple[f.Field, ...]:
        return (_text("new_password"), *((_text("re_new_password"),) if retype else ()))

    def model_field(
        self, field: ProfileField, *, name: str | None = None, writable: bool = False
    ) -> f.Field:
        """The serializer field of a model field; `writable`: even where `me` shows it read-only."""
        name = name or field.name
        own = _KINDS[field.type]
        read_only = field.read_only and not writable
        more: dict[str, Any] = {
            "source": field.name,
            "required": field.required,
            "read_only": read_only,
            "allow_null": field.allow_null,
            "allow_blank": field.allow_blank,
            "label": _label(field, name),
            "facts": _facts(field, read_only),
            "checks": () if read_only else self._checks(field),
        }
        made = own(name, **more)
        if isinstance(made, f.Choice):
            made.choices = field.choices
        return made

    def _checks(self, field: ProfileField) -> tuple[f.Check, ...]:
        """In DRF's order: the model's own, uniqueness, length, characters, e-mail."""
        checks: list[f.Check] = []
        if field.type == "username":
            checks.append(f.valid_username)
        if field.type == "integer":
            checks.append(f.in_64_bits)
        if field.unique or field.name == self._profile.user.login_field:
            checks.append(self.unique(field))
        if field.is_text:
            if field.max_length is not None:
                checks.append(f.at_most(field.max_length))
            checks.extend(f.EMAIL_CHECKS if field.type == "email" else f.PLAIN_CHECKS)
        return tuple(checks)

    def unique(self, field: ProfileField) -> f.Check:
        """rest_framework/validators.py UniqueValidator, with Django's sentence."""
        # "auth.User" has a sentence of its own for user names (contrib/auth/models.py)
        name = self._profile.user.verbose_name
        message = (
            "A user with that username already exists."
            if field.type == "username"
            else f"{name} with this {field.verbose_name} already exists."
        )

        def check(value: Any, about: User | None) -> str | None:
            return message if self.world.accounts.is_taken(field.name, value, about) else None

        return check


_KINDS: dict[str, type[f.Field]] = {
    "integer": f.Integer, "string": f.Text, "username": f.Text, "email": f.Email,
    "boolean": f.Boolean, "uuid": f.Uuid, "date": f.Date, "datetime": f.DateTime,
    "choice": f.Choice, "any": f.Field,
}  # fmt: skip


def _text(name: str, **more: Any) -> f.Field:
    return f.Text(name, checks=f.PLAIN_CHECKS, **more)


def _email(name: str) -> f.Field:
    return f.Email(name, checks=f.EMAIL_CHECKS)


_OWN_LABELS = {
    "is_staff": "Staff status",
    "is_active": "Active",
    "is_superuser": "Superuser status",
}
_HELP = {
    "is_staff": "Designates whether the user can log into this admin site.",
    "is_active": (
        "Designates whether this user should be treated as active. Unselect this instead of "
        "deleting accounts."
    ),
    "is_superuser": (
        "Designates that this user has all permissions without explicitly assigning them."
    ),
}
"""What AbstractUser says of its own fields (django/contrib/auth/models.py)."""


def _label(field: ProfileField, name: str) -> str:
    """rest_framework/utils/field_mapping.py needs_label: the model's verbose name, capitalised."""
    if field.name == "id" and field.type == "integer":
        return "ID"
    if field.name in _OWN_LABELS:
        return _OWN_LABELS[field.name]
    words = field.verbose_name or field.name.replace("_", " ")
    return words[:1].upper() + words[1:]


_USERNAME_HELP = "Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only."


def _facts(field: ProfileField, read_only: bool) -> tuple[tuple[str, Any], ...]:
    facts: list[tuple[str, Any]] = []
    if field.type == "username":
        facts.append(("help_text", _USERNAME_HELP))
    if field.name in _HELP:
        facts.append(("help_text", _HELP[field.name]))
    if not read_only:
        if field.is_text and field.max_length is not None:
            facts.append(("max_length", field.max_length))
        if field.type == "integer":
            facts += [("min_value", -9223372036854775808), ("max_value", 9223372036854775807)]
        if field.type == "choice":
            facts.append(("choices", [{"value": c, "display_name": c} for c in field.choices]))
    return tuple(facts)
