"""Django's settings, derived from the profile: what a team with that profile would have written."""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import django

from backend.deployment import DEPLOYMENT, PROFILE, STOCK_USER, USER

_djoser = PROFILE["djoser"]
_jwt = PROFILE["simple_jwt"]
_mail = PROFILE["mail"]
_folder = Path(DEPLOYMENT.folder)

DEBUG = False
SECRET_KEY = DEPLOYMENT.secret
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "backend.urls"
WSGI_APPLICATION = "backend.wsgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = PROFILE["language"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
AUTH_USER_MODEL = "auth.User" if STOCK_USER else "users.User"

APPEND_SLASH = PROFILE["django"]["APPEND_SLASH"]
PASSWORD_RESET_TIMEOUT = int(PROFILE["django"]["PASSWORD_RESET_TIMEOUT"])
DATA_UPLOAD_MAX_MEMORY_SIZE = PROFILE["django"]["DATA_UPLOAD_MAX_MEMORY_SIZE"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    *(["rest_framework_simplejwt.token_blacklist"] if _jwt["BLACKLIST_AFTER_ROTATION"] else []),
    "djoser",
    *([] if STOCK_USER else ["backend.users"]),
]
STATIC_URL = "static/"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- storage -----------------------------------------------------------------------------------


def _database() -> dict:
    if DEPLOYMENT.database.startswith("postgresql://"):
        from urllib.parse import urlsplit

        url = urlsplit(DEPLOYMENT.database)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": url.hostname,
            "PORT": url.port or 5432,
            "USER": url.username or "",
            "PASSWORD": url.password or "",
            "NAME": url.path.lstrip("/"),
            "CONN_MAX_AGE": 60,
        }
    options = {"timeout": 20}
    if django.VERSION >= (5, 1):
        options["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DEPLOYMENT.database,
        "OPTIONS": options,
        "CONN_MAX_AGE": None,
    }


DATABASES = {"default": _database()}


class _NoMigrations:
    """Every app's tables are made from its models: the user model differs from profile to profile."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


MIGRATION_MODULES = _NoMigrations()

CACHES = {
    # shared by all workers, as a throttle needs it
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(_folder / "cache"),
    }
}

# --- passwords and logins ------------------------------------------------------------------------

_HASHERS = {
    "pbkdf2": "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "scrypt": "django.contrib.auth.hashers.ScryptPasswordHasher",
    "argon2": "django.contrib.auth.hashers.Argon2PasswordHasher",
    "bcrypt": "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "md5": "django.contrib.auth.hashers.MD5PasswordHasher",
}
PASSWORD_HASHERS = [_HASHERS["md5" if DEPLOYMENT.hasher == "fast" else PROFILE["hasher"]]]

_VALIDATORS = {
    "UserAttributeSimilarity": ("UserAttributeSimilarityValidator", "max_similarity"),
    "MinimumLength": ("MinimumLengthValidator", "min_length"),
    "CommonPassword": ("CommonPasswordValidator", None),
    "NumericPassword": ("NumericPasswordValidator", None),
}


def _validator(name: str, number: float | None) -> dict:
    path, option = _VALIDATORS[name]
    options = {} if number is None or option is None else {option: number}
    return {"NAME": f"django.contrib.auth.password_validation.{path}", "OPTIONS": options}


AUTH_PASSWORD_VALIDATORS = [
    _validator(item["name"], item["number"]) for item in PROFILE["password_validators"]
]

AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
if _djoser["LOGIN_FIELD"] not in (None, USER["login_field"]) and find_spec("djoser.auth_backends"):
    # since djoser 2.3 a login field of its own works with this backend only
    AUTHENTICATION_BACKENDS = ["djoser.auth_backends.LoginFieldBackend"]

# --- mail --------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = _mail["from_"] or "webmaster@localhost"
if DEPLOYMENT.mail.startswith("smtp://"):
    _host, _, _port = DEPLOYMENT.mail.removeprefix("smtp://").rpartition(":")
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = _host, int(_port), 10
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DEPLOYMENT.mail
# django-templated-mail's names, which djoser/email.py still reads
if _mail["domain"]:
    DOMAIN = _mail["domain"]
if _mail["site_name"]:
    SITE_NAME = _mail["site_name"]

# --- DRF, Djoser, simplejwt ---------------------------------------------------------------------

_CLASSES = {
    "session": "rest_framework.authentication.SessionAuthentication",
    "basic": "rest_framework.authentication.BasicAuthentication",
    "token": (
        "rest_framework.authentication.TokenAuthentication"
        if PROFILE["token_keyword"] == "Token"
        else "backend.authentication.OtherTokenAuthentication"
    ),
    "jwt": "rest_framework_simplejwt.authentication.JWTAuthentication",
    "json": "rest_framework.renderers.JSONRenderer",
    "browsable": "rest_framework.renderers.BrowsableAPIRenderer",
    "anon": "rest_framework.throttling.AnonRateThrottle",
    "user": "rest_framework.throttling.UserRateThrottle",
}
_PARSERS = {
    "json": "rest_framework.parsers.JSONParser",
    "form": "rest_framework.parsers.FormParser",
    "multipart": "rest_framework.parsers.MultiPartParser",
}


def _permissions(names: list) -> list:
    """The dotted paths of permission classes that a profile names without their module."""
    return [
        f"djoser.permissions.{name}"
        if name.startswith("CurrentUser")
        else f"rest_framework.permissions.{name}"
        for name in names
    ]


REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [_CLASSES[name] for name in PROFILE["authentication"]],
    "DEFAULT_PERMISSION_CLASSES": _permissions(PROFILE["default_permissions"]),
    "DEFAULT_RENDERER_CLASSES": [_CLASSES[name] for name in PROFILE["renderers"]],
    "DEFAULT_PARSER_CLASSES": [_PARSERS[name] for name in PROFILE["parsers"]],
    "DEFAULT_THROTTLE_CLASSES": [_CLASSES[name] for name in PROFILE["throttle"]],
    "DEFAULT_THROTTLE_RATES": PROFILE["throttle"],
    "NON_FIELD_ERRORS_KEY": PROFILE["non_field_errors_key"],
}

_FLAGS = {key: value for key, value in _djoser.items() if isinstance(value, bool)}
_TEXTS = (
    "ACTIVATION_URL",
    "PASSWORD_RESET_CONFIRM_URL",
    "USERNAME_RESET_CONFIRM_URL",
    "EMAIL_FRONTEND_DOMAIN",
    "EMAIL_FRONTEND_PROTOCOL",
    "EMAIL_FRONTEND_SITE_NAME",
    "LOGIN_FIELD",
)
DJOSER = {
    **_FLAGS,
    **{key: _djoser[key] for key in _TEXTS if _djoser[key] is not None},
    "USER_ID_FIELD": _djoser["USER_ID_FIELD"],
    "TOKEN_MODEL": _djoser["TOKEN_MODEL"],
    "PERMISSIONS": {key: _permissions(names) for key, names in _djoser["PERMISSIONS"].items()},
}
if _mail["protocol"] and not _djoser["EMAIL_FRONTEND_PROTOCOL"]:
    DJOSER["EMAIL_FRONTEND_PROTOCOL"] = _mail["protocol"]

_GENERATED = {
    "user": "backend.users.api.serializers.ProfileUserSerializer",
    "current_user": "backend.users.api.serializers.ProfileUserSerializer",
    "user_create": "backend.users.api.serializers.ProfileUserCreateSerializer",
    "user_create_password_retype": (
        "backend.users.api.serializers.ProfileUserCreatePasswordRetypeSerializer"
    ),
}
_pasted = {
    key: path
    for key, path in _djoser["SERIALIZERS"].items()
    if path.startswith(("backend.", "djoser."))
}
if _pasted:
    DJOSER["SERIALIZERS"] = _pasted
elif not STOCK_USER:
    DJOSER["SERIALIZERS"] = _GENERATED

_LIFETIMES = ("ACCESS_TOKEN_LIFETIME", "REFRESH_TOKEN_LIFETIME")
SIMPLE_JWT = {
    **{key: timedelta(seconds=_jwt[key]) for key in _LIFETIMES},
    **{key: value for key, value in _jwt.items() if key not in _LIFETIMES},
    # the project has none of the names that a profile may paste
    "TOKEN_OBTAIN_SERIALIZER": "rest_framework_simplejwt.serializers.TokenObtainPairSerializer",
    "AUTH_HEADER_TYPES": tuple(_jwt["AUTH_HEADER_TYPES"]),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}


def _laid_over(below: object, above: object) -> object:
    """Two settings as one; lists and plain values of the upper one win."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {key: _laid_over(below.get(key), value) for key, value in above.items()}


# what a deployment has of its own, whatever its profile
_own = dict(getattr(DEPLOYMENT, "settings", {}))
INSTALLED_APPS = [*INSTALLED_APPS, *_own.pop("MORE_APPS", [])]
MIDDLEWARE = [*_own.pop("FIRST_MIDDLEWARE", []), *MIDDLEWARE, *_own.pop("LAST_MIDDLEWARE", [])]
globals().update(_laid_over(globals(), _own))


def _rsa_keys() -> dict:
    """A pair of the process that all workers are forked from."""
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    secret = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
    public = key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
    return {"SIGNING_KEY": secret.decode(), "VERIFYING_KEY": public.decode()}


if SIMPLE_JWT.get("ALGORITHM", "HS256").startswith("RS"):
    SIMPLE_JWT = {**SIMPLE_JWT, **_rsa_keys()}
