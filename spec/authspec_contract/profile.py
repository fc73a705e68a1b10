"""A profile: what a deployment is like, in the words of Djoser, simplejwt and Django; frozen values.

Defaults are those of the packages (djoser/conf.py 2.3, rest_framework_simplejwt/settings.py 5.5,
django/conf/global_settings.py 5.2), so that an empty profile is a stock Djoser.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

AuthenticationScheme = Literal["session", "basic", "token", "jwt"]
FieldType = Literal[
    "integer", "string", "email", "username", "boolean", "uuid", "date", "datetime", "choice", "any"
]
"""`any`: JSON that no other type describes, such as a nested object, a list or a decimal."""

FIELD_TYPES = (
    "integer", "string", "email", "username", "boolean", "uuid", "date", "datetime", "choice", "any",
)  # fmt: skip
TEXT_TYPES = frozenset({"string", "email", "username"})
PERMISSION_CLASSES = (
    "AllowAny", "IsAuthenticated", "IsAdminUser", "IsAuthenticatedOrReadOnly",
    "CurrentUserOrAdmin", "CurrentUserOrAdminOrReadOnly",
)  # fmt: skip
VALIDATORS = ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")

DEFAULT_PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "activation": ("AllowAny",),
    "password_reset": ("AllowAny",),
    "password_reset_confirm": ("AllowAny",),
    "set_password": ("CurrentUserOrAdmin",),
    "username_reset": ("AllowAny",),
    "username_reset_confirm": ("AllowAny",),
    "set_username": ("CurrentUserOrAdmin",),
    "user_create": ("AllowAny",),
    "user_delete": ("CurrentUserOrAdmin",),
    "user": ("CurrentUserOrAdmin",),
    "user_list": ("CurrentUserOrAdmin",),
    "token_create": ("AllowAny",),
    "token_destroy": ("IsAuthenticated",),
}
"""djoser/conf.py 2.3: `PERMISSIONS`, by class name."""


@dataclass(frozen=True)
class Versions:
    """What the deployment runs; an expectation may depend on it."""

    djoser: str = "2.3"
    django: str = "5.2"
    drf: str = "3.18"
    simplejwt: str = "5.5"

    def at_least(self, package: str, wanted: str) -> bool:
        """Whether `package` (an attribute of this class) is of version `wanted` or later."""
        return _numbers(getattr(self, package)) >= _numbers(wanted)


@dataclass(frozen=True)
class DjoserSettings:
    """The `DJOSER` dict, with Djoser's names and defaults (djoser/conf.py 2.3)."""

    USER_ID_FIELD: str = "id"
    LOGIN_FIELD: str | None = None
    """None: the user model's `USERNAME_FIELD`."""
    SEND_ACTIVATION_EMAIL: bool = False
    SEND_CONFIRMATION_EMAIL: bool = False
    USER_CREATE_PASSWORD_RETYPE: bool = False
    SET_PASSWORD_RETYPE: bool = False
    PASSWORD_RESET_CONFIRM_RETYPE: bool = False
    SET_USERNAME_RETYPE: bool = False
    USERNAME_RESET_CONFIRM_RETYPE: bool = False
    PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND: bool = False
    USERNAME_RESET_SHOW_EMAIL_NOT_FOUND: bool = False
    PASSWORD_CHANGED_EMAIL_CONFIRMATION: bool = False
    USERNAME_CHANGED_EMAIL_CONFIRMATION: bool = False
    TOKEN_MODEL: str | None = "rest_framework.authtoken.models.Token"
    LOGOUT_ON_PASSWORD_CHANGE: bool = False
    CREATE_SESSION_ON_LOGIN: bool = False
    HIDE_USERS: bool = True
    ACTIVATION_URL: str | None = None
    PASSWORD_RESET_CONFIRM_URL: str | None = None
    USERNAME_RESET_CONFIRM_URL: str | None = None
    EMAIL_FRONTEND_DOMAIN: str | None = None
    EMAIL_FRONTEND_PROTOCOL: str | None = None
    EMAIL_FRONTEND_SITE_NAME: str | None = None
    PERMISSIONS: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: DEFAULT_PERMISSIONS)
    """Action → class names, complete (defaults filled in)."""
    SERIALIZERS: Mapping[str, str] = field(default_factory=dict)
    """Kept as pasted; what the serializers do is said by `user`."""
    EMAIL: Mapping[str, str] = field(default_factory=dict)
    """Kept as pasted; a mock cannot carry it out."""
    CONSTANTS: Mapping[str, str] = field(default_factory=dict)
    """Kept as pasted; a mock cannot carry it out."""
    SOCIAL_AUTH_TOKEN_STRATEGY: Any = None
    SOCIAL_AUTH_ALLOWED_REDIRECT_URIS: Any = ()
    WEBAUTHN: Any = None


@dataclass(frozen=True)
class SimpleJwtSettings:
    """The `SIMPLE_JWT` dict, durations in seconds (rest_framework_simplejwt/settings.py 5.5).

    `BLACKLIST_AFTER_ROTATION` implies that the app `token_blacklist` is installed: without it
    simplejwt does not import.
    """

    ACCESS_TOKEN_LIFETIME: float = 300.0
    REFRESH_TOKEN_LIFETIME: float = 86400.0
    ROTATE_REFRESH_TOKENS: bool = False
    BLACKLIST_AFTER_ROTATION: bool = False
    UPDATE_LAST_LOGIN: bool = False
    AUTH_HEADER_TYPES: tuple[str, ...] = ("Bearer",)
    USER_ID_FIELD: str = "id"
    USER_ID_CLAIM: str = "user_id"
    CHECK_REVOKE_TOKEN: bool = False
    REVOKE_TOKEN_CLAIM: str = "hash_password"
    CHECK_USER_IS_ACTIVE: bool = True
    TOKEN_OBTAIN_SERIALIZER: str = "rest_framework_simplejwt.serializers.TokenObtainPairSerializer"

    @property
    def login_may_say_more(self) -> bool:
        """Whether a login by JWT has a serializer of the project's own, which may answer more than the pair."""
        return self.TOKEN_OBTAIN_SERIALIZER != SimpleJwtSettings.TOKEN_OBTAIN_SERIALIZER


@dataclass(frozen=True)
class DjangoSettings:
    """Settings of Django itself that clients notice (django/conf/global_settings.py 5.2)."""

    PASSWORD_RESET_TIMEOUT: float = 259200.0
    APPEND_SLASH: bool = True
    DATA_UPLOAD_MAX_MEMORY_SIZE: int = 2621440


_OF_A_FORM = re.compile(
    r"(?i)(^|_)(phone|mobile|tel|telephone|fax|url|website|homepage|link|slug|zip|zipcode|postal|postcode|country|"
    r"currency|language|locale|timezone|iban|vat|colou?r|avatar|image|picture|photo)(_|$)"
)
"""Names of texts that a deployment will hardly take in any form."""


@dataclass(frozen=True)
class Field:
    """One field of the user, as its serializer shows it."""

    name: str
    type: FieldType
    read_only: bool = False
    required: bool = True
    allow_blank: bool = False
    allow_null: bool = False
    max_length: int | None = None
    unique: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    verbose_name: str = ""
    """The model field's; Django's messages for a taken value contain it."""
    volatile: bool = False
    """Whether its value may change without being written: a computed one, the time of the last login."""
    example: Any = None
    """A value that the deployment takes, where the type does not say enough; each account gets a number
    of its own for `{n}`."""

    @property
    def free_text(self) -> bool:
        """Whether it can be written with any text, as far as its type, its example and its name tell."""
        return (
            self.type == "string"
            and not self.read_only
            and self.example is None
            and not _OF_A_FORM.search(self.name)
        )

    def sample(self, number: int) -> Any:
        """Its example for the account of that number."""
        example = self.example
        return example.replace("{n}", str(number)) if isinstance(example, str) else example

    @property
    def is_text(self) -> bool:
        return self.type in TEXT_TYPES


@dataclass(frozen=True)
class UserModel:
    """The user model and its serializers."""

    login_field: str = "email"
    """The model's `USERNAME_FIELD`."""
    id: Literal["integer", "uuid"] = "integer"
    email_field: str = "email"
    """The model's `EMAIL_FIELD`: where mails go."""
    fields: tuple[Field, ...] = ()
    """What `me` shows, in this order."""
    create: tuple[Field, ...] = ()
    """What registration answers, in this order; the writable ones are what it takes, besides the password."""
    verbose_name: str = "user"
    lowercases_email: bool = False
    """Whether registration keeps an address in small letters; Django's normalize_email changes its domain alone."""

    def field(self, name: str) -> Field:
        """The field of that name, from `create` first. Raises KeyError."""
        for candidate in (*self.create, *self.fields):
            if candidate.name == name:
                return candidate
        raise KeyError(name)

    @property
    def free_text(self) -> Field | None:
        """The first field of `me` that can be written with any text; None where there is none."""
        return next((field for field in self.fields if field.free_text), None)

    def steady(self, shown: Any) -> Any:
        """What is shown of a user, without what may change by itself."""
        volatile = {f.name for f in (*self.create, *self.fields) if f.volatile}
        if not volatile or not isinstance(shown, dict):
            return shown
        return {name: value for name, value in shown.items() if name not in volatile}


@dataclass(frozen=True)
class Validator:
    """One of Django's password validators, with its one number where it has one."""

    name: str
    number: float | None = None
    """`MinimumLength`: min_length (default 8); `UserAttributeSimilarity`: max_similarity (0.7)."""


@dataclass(frozen=True)
class MailSettings:
    """Where mails say that they come from."""

    site_name: str | None = None
    """None: the request's host, as Django's `RequestSite` has it."""
    domain: str | None = None
    """None: the request's host."""
    protocol: str | None = None
    """None: that of the request."""
    from_: str | None = None
    """None: the profile does not say; Django's own is webmaster@localhost."""


@dataclass(frozen=True)
class Profile:
    """One deployment. `facts` derives from it every condition that a requirement may name."""

    name: str
    versions: Versions = Versions()
    djoser: DjoserSettings = field(default_factory=DjoserSettings)
    authentication: tuple[AuthenticationScheme, ...] = ("token", "jwt")
    simple_jwt: SimpleJwtSettings = SimpleJwtSettings()
    django: DjangoSettings = DjangoSettings()
    user: UserModel = UserModel()
    password_validators: tuple[Validator, ...] = ()
    mail: MailSettings = MailSettings()
    prefix: str = "/auth/"
    urls: tuple[str, ...] = ("users", "jwt", "token")
    """Which of Djoser's URL modules are mounted: `djoser.urls`, `.jwt`, `.authtoken`."""
    session_login: str | None = None
    """Path of the page that begins a session, such as `/api-auth/login/` of `rest_framework.urls`.

    `logout/` beside it ends the session. None: no such page.
    """
    throttle: Mapping[str, str] = field(default_factory=dict)
    """DRF's `DEFAULT_THROTTLE_RATES` for `anon` and `user`; empty: no throttling."""
    language: str = "en"
    renderers: tuple[str, ...] = ("json", "browsable")
    parsers: tuple[str, ...] = ("json", "form", "multipart")
    token_keyword: str = "Token"
    """The word before a token in `Authorization`: `keyword` of DRF's TokenAuthentication."""
    non_field_errors_key: str = "non_field_errors"
    """DRF's `NON_FIELD_ERRORS_KEY`: where a refusal says what no single field is to blame for."""
    default_permissions: tuple[str, ...] = ("AllowAny",)
    """DRF's `DEFAULT_PERMISSION_CLASSES`; of Djoser's views only the API root follows it."""
    hasher: str = "pbkdf2"
    source: str = field(default="", compare=False)
    """The file it was read from; empty for one that was made in Python."""

    @property
    def login_field(self) -> str:
        """Djoser's effective `LOGIN_FIELD`."""
        return self.djoser.LOGIN_FIELD or self.user.login_field

    @property
    def challenge(self) -> str | None:
        """`WWW-Authenticate` of an anonymous refusal; None where DRF answers 403 instead of 401.

        rest_framework/views.py: `get_authenticate_header` asks the first authentication class.
        """
        first = self.authentication[0] if self.authentication else "session"
        return {
            "session": None,
            "basic": 'Basic realm="api"',
            "token": self.token_keyword,
            "jwt": f'{self.simple_jwt.AUTH_HEADER_TYPES[0]} realm="api"',
        }[first]

    @property
    def session_by_token(self) -> bool:
        """Whether a login by token begins a session that callers are known by."""
        return (
            "session" in self.authentication
            and self.djoser.CREATE_SESSION_ON_LOGIN
            and "token" in self.urls
            and bool(self.djoser.TOKEN_MODEL)
        )

    @property
    def anonymous_status(self) -> int:
        """The status of a call that lacks valid credentials."""
        return 403 if self.challenge is None else 401

    def permission(self, action: str) -> tuple[str, ...]:
        """The permission classes of an action, by the keys of Djoser's `PERMISSIONS`."""
        return self.djoser.PERMISSIONS.get(action, DEFAULT_PERMISSIONS["user"])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
