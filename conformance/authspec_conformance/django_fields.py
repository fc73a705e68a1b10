"""Describes the fields of a Django REST framework serializer in the words of a profile."""

from importlib import import_module
from typing import Any

_SECRETS = {"password", "re_password"}
_TEXT = {"string", "email", "username"}
_TYPES = (
    ("EmailField", "email"),
    ("UUIDField", "uuid"),
    ("BooleanField", "boolean"),
    ("IntegerField", "integer"),
    ("DateTimeField", "datetime"),
    ("DateField", "date"),
    ("ChoiceField", "choice"),
    ("CharField", "string"),
)
"""rest_framework.fields; the first class that a field is made from decides."""
_EXAMPLES = {
    "URLField": "https://example.com/{n}", "SlugField": "name-{n}", "DecimalField": "1", "FloatField": 1.5,
}  # fmt: skip
_HARMLESS = {
    "MaxLengthValidator", "MinLengthValidator", "UniqueValidator", "ProhibitNullCharactersValidator",
    "ProhibitSurrogateCharactersValidator",
}  # fmt: skip
"""What a generated text passes (rest_framework/validators.py, django/core/validators.py)."""


def described_fields(serializer: Any, model: Any, notes: list[str]) -> list[dict[str, Any]]:
    """What the serializer shows, in its order; what a profile cannot say goes into `notes`."""
    found = []
    for name, field in serializer().fields.items():
        if name in _SECRETS:
            continue
        kind = _type(field, _model_field(model, field))
        if field.write_only:
            _note(
                notes, f"{serializer.__name__} takes {name!r} and never shows it; it is left out."
            )
        else:
            source = _model_field(model, field)
            described = _described(name, field, kind, source) | _of_its_own(field, source)
            if needs_example(described, field):
                _note(notes, f"{name!r} has to be given, and its {type(field).__name__} takes certain "
                      "values alone; add an 'example' of one.")  # fmt: skip
            found.append(described)
    return found


def needs_example(described: dict[str, Any], field: Any) -> bool:
    """Whether a required field may refuse what its type would have the suite send."""
    if not field.required or "example" in described or described["type"] in {"username", "email"}:
        return False
    checks = {type(check).__name__ for check in field.validators} - _HARMLESS
    return described["type"] == "any" or bool(checks and described["type"] == "string")


def _of_its_own(field: Any, source: Any) -> dict[str, Any]:
    """An example for fields whose type says too little, and whether the value changes by itself."""
    found: dict[str, Any] = {}
    kind = type(field).__name__
    if not field.read_only and kind in _EXAMPLES:
        found["example"] = _EXAMPLES[kind]
    changes = getattr(source, "auto_now", False) or getattr(source, "name", "") == "last_login"
    if field.read_only and (changes or source is None):
        found["volatile"] = True  # computed, by a method or from other tables
    return found


def _note(notes: list[str], text: str) -> None:
    if text not in notes:
        notes.append(text)


def _model_field(model: Any, field: Any) -> Any:
    try:
        return model._meta.get_field(field.source)
    except Exception:  # FieldDoesNotExist, of a Django that this file does not import
        return None


def _type(field: Any, source: Any) -> str:
    drf = import_module("rest_framework.fields")
    kind = next((word for name, word in _TYPES if isinstance(field, getattr(drf, name))), "any")
    if type(field).__name__ == "ReadOnlyField" and source is not None and source.primary_key:
        return "integer"
    if type(field).__name__ == "PrimaryKeyRelatedField":
        return "integer"
    if kind == "string" and _checks_user_names(field, source):
        return "username"
    return kind


def _checks_user_names(field: Any, source: Any) -> bool:
    """Whether Django's UnicodeUsernameValidator or its ASCII sister is at work."""
    checks = [*field.validators, *getattr(source, "validators", [])]
    return any(type(check).__name__.endswith("UsernameValidator") for check in checks)


def _described(name: str, field: Any, kind: str, source: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "type": kind}
    if field.read_only:
        found["read_only"] = True
    else:
        default = _default(source)
        if default is not None and not field.required:
            found["default"] = default
        elif not field.required:
            found["required"] = False
        blank = getattr(field, "allow_blank", False)
        # the profile file concludes this much by itself, as DRF does from the model
        if kind in _TEXT and blank != (not field.required):
            found["allow_blank"] = blank
        elif kind == "choice" and blank:
            found["allow_blank"] = True
        if field.allow_null:
            found["allow_null"] = True
    if kind == "choice":
        found["choices"] = [str(choice) for choice in field.choices]
    longest = getattr(field, "max_length", None) or getattr(source, "max_length", None)
    if longest and kind in _TEXT:
        found["max_length"] = longest
    if name != "id" and getattr(source, "unique", False):
        found["unique"] = True
    verbose = str(getattr(source, "verbose_name", ""))
    if verbose and name != "id" and verbose != name.replace("_", " "):
        found["verbose_name"] = verbose
    return found


def _default(source: Any) -> Any:
    """The model field's default, where it is a plain value that says something."""
    if source is None or not source.has_default() or callable(source.default):
        return None
    value = source.default
    return (
        value
        if isinstance(value, bool | int | float) or (isinstance(value, str) and value)
        else None
    )
