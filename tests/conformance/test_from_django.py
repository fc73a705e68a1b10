"""The profile that is read from a backend's settings is the profile that the backend was made from."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from authspec_contract.facts import facts
from authspec_contract.profile import Profile
from authspec_contract.profile_file import (
    load_profile,
    profile_from_mapping,
    profile_from_text,
    shipped_profiles,
)
from tests.deployment.environment import real_python, unavailable
from tests.deployment.server import as_mapping, django_environment
from tests.soundness.deployments import deployments

ROOT = Path(__file__).parent.parent.parent
PROFILES = sorted((ROOT / "tests" / "fidelity" / "profiles").glob("*.yaml"))
SOURCES = os.pathsep.join(str(ROOT / name) for name in ("spec", "conformance"))
MAIN = "import sys; from authspec_conformance.cli import main; sys.exit(main(sys.argv[1:]))"
ODD = """
SECRET_KEY = "nothing is signed"
ROOT_URLCONF = "odd_urls"
USE_I18N = True
LANGUAGE_CODE = "de"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sites",
    "rest_framework", "rest_framework.authtoken", "djoser",
]
MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "odd_parts.NoFlowers"}]
SIMPLE_JWT = {"AUTH_HEADER_TYPES": "Ticket"}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["odd_parts.OwnTokens", "odd_parts.ByMoonlight"],
    "DEFAULT_PERMISSION_CLASSES": ["odd_parts.OnSundays"],
}
DJOSER = {"PERMISSIONS": {"user_list": ["odd_parts.OnSundays"]}}
"""
ODD_PARTS = """
from rest_framework.authentication import BaseAuthentication, TokenAuthentication
from rest_framework.permissions import BasePermission

class OwnTokens(TokenAuthentication): pass
class ByMoonlight(BaseAuthentication): pass
class OnSundays(BasePermission): pass
class NoFlowers:
    def validate(self, password, user=None): pass
    def get_help_text(self): return ""
"""
ODD_URLS = """
from django.urls import include, path
inner = [path("auth/", include("djoser.urls")), path("auth/", include("djoser.urls.authtoken"))]
urlpatterns = [path("api/v1/", include(inner))]
"""


def printed(profile: Profile, tmp_path: Path) -> str:
    """What the command prints in the environment of a backend with this profile."""
    deployment = {
        "profile": as_mapping(profile),
        "hasher": "default",
        "mail": str(tmp_path),
        "database": str(tmp_path / "none.sqlite3"),
        "secret": "nothing is signed",
        "folder": str(tmp_path),
        "faults": [],
    }
    file = tmp_path / "deployment.json"
    file.write_text(json.dumps(deployment))
    done = from_django("backend.settings", django_environment(file), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def from_django(
    module: str, environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Runs the command in a backend's environment and folder."""
    path = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), SOURCES)))
    return subprocess.run(
        [real_python(), "-c", MAIN, "profile", "from-django", module],
        env={**environment, "PYTHONPATH": path},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


def told_apart(profile: Profile) -> dict[str, object]:
    """What clients see of a profile, for a comparison that says what differs."""
    djoser = profile.djoser
    return {
        # the printed profile states the sender, which a shorter one leaves to Django
        **{name: holds for name, holds in facts(profile).items() if name != "sender_stated"},
        "authentication": profile.authentication,
        "header types": profile.simple_jwt.AUTH_HEADER_TYPES,
        "lifetimes": (
            profile.simple_jwt.ACCESS_TOKEN_LIFETIME,
            profile.simple_jwt.REFRESH_TOKEN_LIFETIME,
        ),
        "claim": profile.simple_jwt.USER_ID_CLAIM,
        "links": (
            djoser.ACTIVATION_URL,
            djoser.PASSWORD_RESET_CONFIRM_URL,
            djoser.USERNAME_RESET_CONFIRM_URL,
        ),
        "frontend": (
            djoser.EMAIL_FRONTEND_DOMAIN or profile.mail.domain,
            djoser.EMAIL_FRONTEND_PROTOCOL or profile.mail.protocol,
            djoser.EMAIL_FRONTEND_SITE_NAME or profile.mail.site_name,
            profile.mail.from_ or "webmaster@localhost",
        ),
        "login field": profile.login_field,
        "token model": djoser.TOKEN_MODEL,
        "id field": djoser.USER_ID_FIELD,
        "permissions": djoser.PERMISSIONS,
        "default permissions": profile.default_permissions,
        "user": (profile.user.login_field, profile.user.id, profile.user.verbose_name),
        "fields": [seen(field) for field in profile.user.fields],
        "create": [seen(field) for field in profile.user.create],
        "validators": [
            (v.name, v.number or {"MinimumLength": 8, "UserAttributeSimilarity": 0.7}.get(v.name))
            for v in profile.password_validators
        ],
        "django": profile.django,
        "prefix": (profile.prefix, profile.urls, profile.session_login),
        "throttle": profile.throttle,
        "media": (profile.renderers, profile.parsers),
        "language": profile.language,
        "hasher": profile.hasher,
    }


def seen(field: object) -> dict[str, object]:
    """What of a field matters to a client: a read-only one is but a name and a type."""
    values = dict(vars(field))
    if values["name"] == "id":
        return {"name": "id"}
    if values["read_only"]:
        return {key: values[key] for key in ("name", "type", "read_only")}
    if values["type"] in {"email", "username"}:
        values["max_length"] = (
            values["max_length"] or {"email": 254, "username": 150}[values["type"]]
        )
    return values


@pytest.mark.parametrize(
    "name", [*shipped_profiles(), *(pytest.param(str(p), id=p.stem) for p in PROFILES)]
)
@pytest.mark.real
@pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
def test_the_printed_profile_is_the_one_that_the_backend_was_made_from(
    name: str, tmp_path: Path
) -> None:
    profile = load_profile(name)
    text = printed(profile, tmp_path)
    assert told_apart(profile_from_text(text, source="the printed profile")) == told_apart(profile)


@pytest.mark.real
@pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
@pytest.mark.parametrize("name", ["times-and-computed-fields", "fields-of-a-form"])
def test_a_field_whose_type_does_not_say_enough_is_described_further(
    name: str, tmp_path: Path
) -> None:
    deployment = next(d for d in deployments() if d.name == name)
    text = printed(profile_from_mapping(deployment.raw_profile(), source=name), tmp_path)
    fields = {f.name: f for f in profile_from_text(text, source="the printed profile").user.fields}
    if name == "fields-of-a-form":
        assert fields["website"].example == "https://example.com/{n}"
        assert (fields["balance"].type, fields["balance"].example) == ("any", "1")
        assert "'phone' has to be given" in text
    else:
        assert {n for n, f in fields.items() if f.volatile} == {
            "full_name", "permissions", "last_login", "updated_at",
        }  # fmt: skip
        assert fields["preferences"].type == "any"


@pytest.mark.real
@pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
def test_what_a_profile_cannot_say_stands_in_the_comments(tmp_path: Path) -> None:
    for name, text in (("settings", ODD), ("parts", ODD_PARTS), ("urls", ODD_URLS)):
        (tmp_path / f"odd_{name}.py").write_text(text)
    done = from_django("odd_settings", {"PATH": os.environ["PATH"]}, tmp_path)
    assert done.returncode == 0, done.stderr
    profile = profile_from_text(done.stdout, source="the printed profile")
    assert (profile.prefix, profile.urls) == ("/api/v1/auth/", ("users", "token"))
    assert (profile.authentication, profile.language) == (("token",), "de")
    assert profile.simple_jwt.AUTH_HEADER_TYPES == ("Ticket",)
    assert (profile.password_validators, profile.hasher) == ((), "argon2")
    assert profile.django.APPEND_SLASH is False
    comments = [line for line in done.stdout.splitlines() if line.strip().startswith("#")]
    for word in ("ByMoonlight", "OwnTokens", "NoFlowers", "OnSundays", "LocaleMiddleware", "sites"):
        assert any(word in comment for comment in comments), word


@pytest.mark.real
@pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
@pytest.mark.parametrize(
    ("module", "text", "expected"),
    [
        ("no_such_settings", "", "'no_such_settings' cannot be imported"),
        ("broken_settings", "SECRET_KEY = 1 / 0", "ZeroDivisionError"),
        ("empty_settings", "SECRET_KEY = 'x'", "cannot be set up"),
    ],
)
def test_settings_that_do_not_work_are_refused_in_one_sentence(
    module: str, text: str, expected: str, tmp_path: Path
) -> None:
    if text:
        (tmp_path / f"{module}.py").write_text(text)
    done = from_django(module, {"PATH": os.environ["PATH"]}, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_django_it_says_which_environment_it_needs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", MAIN, "profile", "from-django", "config.settings"],
        env={"PYTHONPATH": SOURCES},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "the environment of the backend" in done.stderr
