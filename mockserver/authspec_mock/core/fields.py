"""DRF's serializer fields: what each takes, turns it into, and says when it does not.

rest_framework/fields.py 3.18; what a ModelSerializer makes of a model field: utils/field_mapping.py.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from authspec_mock.core.accounts import User, read_uuid
from authspec_mock.core.email_rule import MESSAGE as NO_EMAIL
from authspec_mock.core.email_rule import is_email
from authspec_mock.core.multipart import FormData


class Empty:
    """The value that was not sent."""


EMPTY = Empty()


class BadField(Exception):
    """A value that a field does not take, with its messages."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = list(messages)


Check = Callable[[Any, User | None], str | None]
"""A validator: a message for a value that is not allowed; it is told whom it is about."""


class Field:
    """One field of a serializer."""

    kind = "field"
    blank_form_value: Any = EMPTY
    """What a form that lacks the field stands for."""

    def __init__(
        self,
        name: str,
        *,
        source: str | None = None,
        required: bool = True,
        read_only: bool = False,
        write_only: bool = False,
        allow_null: bool = False,
        allow_blank: bool = False,
        label: str | None = None,
        facts: tuple[tuple[str, Any], ...] = (),
        checks: tuple[Check, ...] = (),
    ) -> None:
        self.name = name
        self.source = source or name
        self.required = required and not read_only
        self.read_only = read_only
        self.write_only = write_only
        self.allow_null = allow_null
        self.allow_blank = allow_blank
        self.label = label or name.replace("_", " ").capitalize()
        self.facts = facts
        """What OPTIONS says of it besides, in DRF's order: help_text, max_length, choices…"""
        self.checks = checks

    def value_in(self, data: dict[str, Any], partial: bool) -> Any:
        """The raw value in a body; a blank in a form may mean null or nothing."""
        if not isinstance(data, FormData):
            return data.get(self.name, EMPTY)
        if self.name not in data:
            return EMPTY if partial else self.blank_form_value
        value = data[self.name]
        if value == "" and (self.allow_null or not self.required):
            if self.allow_blank:
                return ""
            return None if self.allow_null else EMPTY
        return value

    def run(self, value: Any, partial: bool, about: User | None) -> Any:
        """The clean value; EMPTY when the field is to be left alone. Raises BadField."""
        if value is EMPTY:
            if self.required and not partial:
                raise BadField("This field is required.")
            return EMPTY
        if value is None:
            if not self.allow_null:
                raise BadField("This field may not be null.")
            return None
        value = self.cleaned(value)
        messages = [m for check in self.checks if (m := check(value, about)) is not None]
        if messages:
            raise BadField(*messages)
        return value

    def cleaned(self, value: Any) -> Any:
        """The value in the field's own type. Raises BadField."""
        return value

    def shown(self, value: Any) -> Any:
        """The stored value as JSON has it."""
        return value


class Text(Field):
    """A CharField: trims, takes numbers, refuses blanks."""

    kind = "string"
    wrong_type = "Not a valid string."

    def run(self, value: Any, partial: bool, about: User | None) -> Any:
        if value == "" or (value is not EMPTY and _is_blank(value)):
            if not self.allow_blank:
                raise BadField("This field may not be blank.")
            return ""
        return super().run(value, partial, about)

    def cleaned(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise BadField(self.wrong_type)
        return str(value).strip()

    def shown(self, value: Any) -> Any:
        return None if value is None else str(value)


class Email(Text):
    kind = "email"
    wrong_type = NO_EMAIL
    """One key, `invalid`, for both complaints."""


class Integer(Field):
    kind = "integer"
    _decimals = re.compile(r"\.0*\s*$")

    def cleaned(self, value: Any) -> int:
        if isinstance(value, str) and len(value) > 1000:
            raise BadField("String value too large.")
        try:
            return int(self._decimals.sub("", str(value)))
        except (ValueError, TypeError):
            raise BadField("A valid integer is required.") from None


class Boolean(Field):
    kind = "boolean"
    _true = frozenset({"t", "y", "yes", "true", "on", "1", 1})
    _false = frozenset({"f", "n", "no", "false", "off", "0", 0})

    def __init__(self, name: str, **more: Any) -> None:
        super().__init__(name, **more)
        self.blank_form_value = None if self.allow_null else False

    def cleaned(self, value: Any) -> bool | None:
        low = value.lower() if isinstance(value, str) else value
        if isinstance(low, str | int | float):
            if low in self._true:
                return True
            if low in self._false:
                return False
            if low in ("null", "") and self.allow_null:
                return None
        raise BadField("Must be a valid boolean.")


class Uuid(Field):
    kind = "string"

    def cleaned(self, value: Any) -> str:
        if isinstance(value, str | int):
            try:
                return read_uuid(value)
            except ValueError:
                pass
        raise BadField("Must be a valid UUID.")


class Date(Field):
    kind = "date"
    _pattern = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})$")

    def cleaned(self, value: Any) -> str:
        try:
            return self._read(value).isoformat()
        except (ValueError, TypeError):
            raise BadField(
                "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
            ) from None

    def _read(self, value: Any) -> date:
        """django/utils/dateparse.py parse_date."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            match = self._pattern.match(value)
            if match is None:
                raise
            return date(int(match["year"]), int(match["month"]), int(match["day"]))


class DateTime(Field):
    kind = "datetime"

    def cleaned(self, value: Any) -> str:
        try:
            return self.written(_read_datetime(value))
        except (ValueError, TypeError):
            raise BadField(
                "Datetime has wrong format. Use one of these formats instead: "
                "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
            ) from None
        except OverflowError:
            raise BadField("Datetime value out of range.") from None

    def written(self, moment: datetime) -> str:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return moment.isoformat().replace("+00:00", "Z")

    def shown(self, value: Any) -> Any:
        """`last_login` is kept in seconds, the rest as text."""
        if isinstance(value, int | float):
            return self.written(datetime.fromtimestamp(value, UTC))
        return value


_DATETIME = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})[T ]"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})"
    r"(?::(?P<second>\d{1,2})(?:[\.,](?P<microsecond>\d{1,6})\d{0,6})?)?"
    r"\s*(?P<tzinfo>Z|[+-]\d{2}(?::?\d{2})?)?$"
)


def _read_datetime(value: Any) -> datetime:
    """django/utils/dateparse.py parse_datetime."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        match = _DATETIME.match(value)
        if match is None:
            raise
        parts = match.groupdict()
        zone = parts.pop("tzinfo") or ""
        parts["microsecond"] = (parts["microsecond"] or "").ljust(6, "0")
        numbers = {name: int(part) for name, part in parts.items() if part is not None}
        return datetime.fromisoformat(datetime(**numbers).isoformat() + zone)  # type: ignore[arg-type]


class Choice(Field):
    kind = "choice"
    choices: tuple[str, ...] = ()

    def cleaned(self, value: Any) -> str:
        if value == "" and self.allow_blank:
            return ""
        if str(value) not in self.choices:
            raise BadField(f'"{value}" is not a valid choice.')
        return str(value)


def _is_blank(value: Any) -> bool:
    return not str(value).strip()


# --- validators, in the words of Django and DRF ---------------------------------------------------


def no_null(value: Any, about: User | None) -> str | None:
    return "Null characters are not allowed." if "\x00" in value else None


def no_surrogates(value: Any, about: User | None) -> str | None:
    if value.isascii():
        return None
    for char in value:
        if "\ud800" <= char <= "\udfff":
            return f"Surrogate characters are not allowed: U+{ord(char):X}."
    return None


def at_most(length: int) -> Check:
    def check(value: Any, about: User | None) -> str | None:
        if len(value) <= length:
            return None
        return f"Ensure this field has no more than {length} characters."

    return check


def valid_email(value: Any, about: User | None) -> str | None:
    return None if is_email(value) else NO_EMAIL


_USERNAME = re.compile(r"[\w.@+-]+")


def valid_username(value: Any, about: User | None) -> str | None:
    """django/contrib/auth/validators.py UnicodeUsernameValidator."""
    if _USERNAME.fullmatch(value):
        return None
    return (
        "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ "
        "characters."
    )


def in_64_bits(value: Any, about: User | None) -> str | None:
    """django/db/backends/sqlite3/operations.py integer_field_range."""
    if value > 9223372036854775807:
        return "Ensure this value is less than or equal to 9223372036854775807."
    if value < -9223372036854775808:
        return "Ensure this value is greater than or equal to -9223372036854775808."
    return None


PLAIN_CHECKS: tuple[Check, ...] = (no_null, no_surrogates)
EMAIL_CHECKS: tuple[Check, ...] = (*PLAIN_CHECKS, valid_email)
