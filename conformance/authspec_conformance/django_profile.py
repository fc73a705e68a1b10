"""Reads a profile out of a Django process that has been set up; Django is imported by name, late."""

from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from authspec_conformance.django_fields import described_fields
from authspec_conformance.profile_text import Unset
from authspec_contract.profile import (
    DEFAULT_PERMISSIONS,
    PERMISSION_CLASSES,
    VALIDATORS,
    DjangoSettings,
    DjoserSettings,
    Profile,
    SimpleJwtSettings,
)

_PACKAGES = {
    "djoser": "djoser",
    "django": "Django",
    "drf": "djangorestframework",
    "simplejwt": "djangorestframework_simplejwt",
}
_AUTHENTICATION = {
    "jwt": "rest_framework_simplejwt.authentication.JWTAuthentication",
    "token": "rest_framework.authentication.TokenAuthentication",
    "session": "rest_framework.authentication.SessionAuthentication",
    "basic": "rest_framework.authentication.BasicAuthentication",
}
_RENDERERS = {
    "browsable": "rest_framework.renderers.BrowsableAPIRenderer",
    "json": "rest_framework.renderers.JSONRenderer",
}
_PARSERS = {
    "json": "rest_framework.parsers.JSONParser",
    "form": "rest_framework.parsers.FormParser",
    "multipart": "rest_framework.parsers.MultiPartParser",
}
_THROTTLES = {
    "anon": "rest_framework.throttling.AnonRateThrottle",
    "user": "rest_framework.throttling.UserRateThrottle",
}
_HASHERS = ("pbkdf2", "scrypt", "argon2", "bcrypt", "md5")
_PASTED = ("SERIALIZERS", "EMAIL", "CONSTANTS")
_OF_OTHER_URLS = ("SOCIAL_AUTH_TOKEN_STRATEGY", "SOCIAL_AUTH_ALLOWED_REDIRECT_URIS", "WEBAUTHN")

Tree = dict[str, Any]


def read_profile(name: str) -> tuple[Tree, list[str]]:
    """The profile as nested mappings, and what is to be said of it at the top."""
    reader = _Reader()
    tree = reader.tree(name)
    return tree, reader.notes


class _Reader:
    """Reads one group of settings after the other; collects what a profile cannot say."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.django: Any = import_module("django.conf").settings
        self.drf: Any = import_module("rest_framework.settings").api_settings
        self.djoser: Any = import_module("djoser.conf").settings
        self.user: Any = import_module("django.contrib.auth").get_user_model()

    def tree(self, name: str) -> Tree:
        from authspec_conformance.django_urls import login_page, mounted

        prefix, urls = mounted(self.notes)
        authentication = self._known("DEFAULT_AUTHENTICATION_CLASSES", _AUTHENTICATION)
        tree: Tree = {
            "name": name,
            "versions": _versions(),
            "djoser": self._djoser(),
            "authentication": authentication,
            "simple_jwt": self._simple_jwt(),
            "django": self._django(),
            "user": self._user(),
            "password_validators": self._validators(),
            "mail": self._mail(),
            "prefix": prefix or Unset("no URL of djoser.urls was found; /auth/ is the default"),
            "urls": urls,
            "session_login": login_page() if "session" in authentication else None,
            "throttle": self._throttle(),
            "language": self._language(),
            "renderers": self._known("DEFAULT_RENDERER_CLASSES", _RENDERERS),
            "parsers": self._known("DEFAULT_PARSER_CLASSES", _PARSERS),
            "permissions": self._permissions(),
            "token_keyword": self._token_keyword(),
            "non_field_errors_key": self._non_field_errors_key(),
            "hasher": self._hasher(),
        }
        return {key: value for key, value in tree.items() if value not in ({}, None)}

    # --- Djoser -------------------------------------------------------------------------------

    def _djoser(self) -> Tree:
        found: Tree = {}
        defaults = DjoserSettings()
        skipped = {*_PASTED, *_OF_OTHER_URLS, "PERMISSIONS", "TOKEN_MODEL", "LOGIN_FIELD"}
        for setting in fields(DjoserSettings):
            if setting.name not in skipped:
                default = getattr(defaults, setting.name)
                value = getattr(self.djoser, setting.name, default)
                if value != default:
                    found[setting.name] = value
        if self.djoser.LOGIN_FIELD != self.user.USERNAME_FIELD:
            found["LOGIN_FIELD"] = self.djoser.LOGIN_FIELD
        self._token_model(found)
        self._action_permissions(found)
        self._pasted(found)
        return found

    def _token_model(self, found: Tree) -> None:
        model = self.djoser.TOKEN_MODEL
        if model is None:
            found["TOKEN_MODEL"] = None
        elif _path(model) != DjoserSettings.TOKEN_MODEL:
            self.notes.append(f"TOKEN_MODEL {_path(model)} is read as DRF's own token.")

    def _action_permissions(self, found: Tree) -> None:
        given: Tree = {}
        for action, stock in DEFAULT_PERMISSIONS.items():
            classes = dict.get(self.djoser.PERMISSIONS, action)
            names = [_short(item) for item in classes or ()]
            if classes is None or tuple(names) == stock:
                continue
            if unknown := [name for name in names if name not in PERMISSION_CLASSES]:
                given[action] = Unset(f"{', '.join(unknown)} is not one that a profile knows")
            else:
                given[action] = names
        if given:
            found["PERMISSIONS"] = given

    def _pasted(self, found: Tree) -> None:
        """As the settings have them; what the serializers do is said under `user`."""
        own = getattr(self.django, "DJOSER", {})
        for key in _PASTED:
            value = own.get(key)
            if isinstance(value, Mapping) and value:
                kept = {
                    name: _path(item)
                    for name, item in value.items()
                    if key != "SERIALIZERS" or not self._updates_as_djoser_does(name)
                }
                if kept:
                    found[key] = kept

    def _updates_as_djoser_does(self, name: str) -> bool:
        """Whether this serializer is one of Djoser's for users, as far as what an update sets off."""
        own = import_module("djoser.serializers").UserSerializer
        found = getattr(self.djoser.SERIALIZERS, name, None)
        return (
            isinstance(found, type)
            and issubclass(found, own)
            and getattr(found, "update", None) is own.update
        )

    # --- simplejwt and Django -----------------------------------------------------------------

    def _simple_jwt(self) -> Tree:
        try:
            settings = import_module("rest_framework_simplejwt.settings").api_settings
        except ImportError:
            return {}
        found: Tree = {}
        defaults = SimpleJwtSettings()
        for setting in fields(SimpleJwtSettings):
            default = getattr(defaults, setting.name)
            value = _plain(getattr(settings, setting.name, default))
            if value != default:
                found[setting.name] = _duration(value) if "LIFETIME" in setting.name else value
        words = settings.AUTH_HEADER_TYPES
        found["AUTH_HEADER_TYPES"] = [words] if isinstance(words, str) else list(words)
        return found

    def _django(self) -> Tree:
        found: Tree = {}
        defaults = DjangoSettings()
        slash = self.django.APPEND_SLASH and any(
            name.endswith("CommonMiddleware") for name in self.django.MIDDLEWARE
        )
        if slash != defaults.APPEND_SLASH:
            found["APPEND_SLASH"] = slash
        if self.django.PASSWORD_RESET_TIMEOUT != defaults.PASSWORD_RESET_TIMEOUT:
            found["PASSWORD_RESET_TIMEOUT"] = _duration(self.django.PASSWORD_RESET_TIMEOUT)
        most = self.django.DATA_UPLOAD_MAX_MEMORY_SIZE
        if most is None:
            found["DATA_UPLOAD_MAX_MEMORY_SIZE"] = Unset(
                "unlimited here, which a profile cannot say"
            )
        elif most != defaults.DATA_UPLOAD_MAX_MEMORY_SIZE:
            found["DATA_UPLOAD_MAX_MEMORY_SIZE"] = most
        return found

    # --- users --------------------------------------------------------------------------------

    def _user(self) -> Tree:
        serializers = self.djoser.SERIALIZERS
        retype = self.djoser.USER_CREATE_PASSWORD_RETYPE
        creating = serializers.user_create_password_retype if retype else serializers.user_create
        shown = described_fields(serializers.current_user, self.user, self.notes)
        created = described_fields(creating, self.user, self.notes)
        by_name = {field["name"]: field for field in shown}
        models = import_module("django.db.models")
        found: Tree = {
            "login_field": self.user.USERNAME_FIELD,
            "id": "uuid" if isinstance(self.user._meta.pk, models.UUIDField) else "integer",
            "email_field": self.user.get_email_field_name(),
            "verbose_name": str(self.user._meta.verbose_name),
            "fields": shown,
            "create": [f["name"] if by_name.get(f["name"]) == f else f for f in created],
        }
        normalize = getattr(self.user._default_manager, "normalize_email", str)
        if normalize("A@example.com") == "a@example.com":
            found["lowercases_email"] = True
        stock = {"email_field": "email", "verbose_name": "user"}
        return {key: value for key, value in found.items() if stock.get(key) != value}

    def _validators(self) -> list[Any]:
        validation = import_module("django.contrib.auth.password_validation")
        found: list[Any] = []
        for validator in validation.get_default_password_validators():
            name = type(validator).__name__.removesuffix("Validator")
            if name not in VALIDATORS:
                self.notes.append(f"The password validator {_path(type(validator))} is left out.")
            elif name == "MinimumLength":
                found.append({name: validator.min_length})
            elif name == "UserAttributeSimilarity" and validator.max_similarity != 0.7:
                found.append({name: validator.max_similarity})
            else:
                found.append(name)
        return found

    def _mail(self) -> Tree:
        found: Tree = {"from": self.django.DEFAULT_FROM_EMAIL}
        # names of django-templated-mail, which djoser/email.py reads before the site's
        for key, setting in (("site_name", "SITE_NAME"), ("domain", "DOMAIN")):
            if value := getattr(self.django, setting, ""):
                found[key] = value
            elif "django.contrib.sites" in self.django.INSTALLED_APPS:
                found[key] = Unset("it stands in the table of django.contrib.sites")
        return found

    # --- DRF ----------------------------------------------------------------------------------

    def _known(self, setting: str, known: Mapping[str, str]) -> list[str]:
        """The classes of a setting by the profile's words; a subclass counts as its parent."""
        found = []
        for class_ in getattr(self.drf, setting):
            word = next((w for w, path in known.items() if _is(class_, path)), None)
            if word is None:
                self.notes.append(f"{_path(class_)}, of {setting}, is left out.")
                continue
            found.append(word)
            if _path(class_) != known[word]:
                self.notes.append(f"{_path(class_)} is read as its parent {known[word]}.")
        return found

    def _throttle(self) -> Tree:
        found: Tree = {}
        for class_ in self.drf.DEFAULT_THROTTLE_CLASSES:
            word = next((w for w, path in _THROTTLES.items() if _is(class_, path)), None)
            rate = getattr(class_, "rate", None) or self.drf.DEFAULT_THROTTLE_RATES.get(word or "")
            if word and rate:
                found[word] = rate
            elif word is None:
                self.notes.append(f"The throttle {_path(class_)} is left out.")
        return found

    def _permissions(self) -> Tree:
        names = [_short(class_) for class_ in self.drf.DEFAULT_PERMISSION_CLASSES]
        if unknown := [name for name in names if name not in PERMISSION_CLASSES]:
            return {"default": Unset(f"{', '.join(unknown)} is not one that a profile knows")}
        return {} if names == ["AllowAny"] else {"default": names}

    def _token_keyword(self) -> str | None:
        """The word of the first authentication by token, where it is not DRF's own."""
        stock = _AUTHENTICATION["token"]
        words = [c.keyword for c in self.drf.DEFAULT_AUTHENTICATION_CLASSES if _is(c, stock)]
        return str(words[0]) if words and words[0] != Profile.token_keyword else None

    def _non_field_errors_key(self) -> str | None:
        key = str(self.drf.NON_FIELD_ERRORS_KEY)
        return key if key != Profile.non_field_errors_key else None

    def _language(self) -> str:
        if not self.django.USE_I18N:
            return "en"
        if any(name.endswith("LocaleMiddleware") for name in self.django.MIDDLEWARE):
            self.notes.append(
                "LocaleMiddleware: the language follows the caller's Accept-Language."
            )
        code = str(self.django.LANGUAGE_CODE)
        return "en" if code.startswith("en") else code

    def _hasher(self) -> Any:
        first = self.django.PASSWORD_HASHERS[0].rpartition(".")[2].lower()
        known = next((name for name in _HASHERS if first.startswith(name)), None)
        return known or Unset(f"{first} is not one that a profile knows")


def _versions() -> Tree:
    found: Tree = {}
    for name, package in _PACKAGES.items():
        try:
            numbers = [part for part in version(package).split(".")[:3] if part.isdigit()]
            found[name] = ".".join(numbers)
        except PackageNotFoundError:
            continue
    return found


def _is(class_: Any, path: str) -> bool:
    """Whether the class is the named one or made from it."""
    return any(_path(parent) == path for parent in getattr(class_, "__mro__", ()))


def _path(thing: Any) -> str:
    """The dotted path of a class; a text is one already."""
    return thing if isinstance(thing, str) else f"{thing.__module__}.{thing.__qualname__}"


def _short(thing: Any) -> str:
    return _path(thing).rpartition(".")[2]


def _plain(value: Any) -> Any:
    """A duration in seconds, as the profile's dataclasses hold it."""
    return float(value.total_seconds()) if hasattr(value, "total_seconds") else value


def _duration(seconds: float) -> Any:
    """`14d`, `5m`, or the seconds where no unit fits."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return seconds
