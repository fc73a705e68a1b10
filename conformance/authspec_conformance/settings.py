"""One run's configuration: the command line over `authspec.toml` over the defaults; frozen."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from authspec_conformance.session_login import SessionNames
from authspec_contract import fields as f
from authspec_contract.errors import UsageError, nearest

Mode = Literal["default", "fast", "thorough"]
FILE = "authspec.toml"
_PROJECT = "pyproject.toml"
_SECRET = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


@dataclass(frozen=True)
class GivenAccount:
    """An account that exists on the target, for runs that cannot make their own."""

    login: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Waiver:
    """Lets one requirement fail in one way, for a reason and until a day."""

    requirement: str
    failure: str
    """A piece of the failure's text."""
    reason: str
    until: date


@dataclass(frozen=True)
class Limits:
    """What a run may cost its target."""

    accounts: int = 150
    mails: int = 400
    requests: int = 20_000
    rate: float = 0.0
    timeout: float = 20.0
    mail_wait: float = 15.0


@dataclass(frozen=True)
class Settings:
    """Everything that `authspec check` was told."""

    url: str | None = None
    profile: str = "document"
    mailbox: str | None = None
    report: Path = Path("authspec-report")
    level: Literal["must", "should", "may"] = "must"
    only: tuple[str, ...] = ()
    mode: Mode = "default"
    exitfirst: bool = False
    seed: int | None = None
    workers: int = 1
    shard: tuple[int, int] = (1, 1)
    max_seconds: float | None = None
    baseline: Path | None = None
    quirks: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca: str | None = None
    proxy: str | None = None
    delete_bodies: bool = True
    """Whether the body of a DELETE reaches the target."""
    scheme: str | None = None
    login_url: str | None = None
    """Path of the page that begins a session, where the profile's `session_login` is not it."""
    session: SessionNames = field(default_factory=SessionNames)
    address: str = "authspec+{run}-{n}@example.com"
    given: tuple[GivenAccount, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    limits: Limits = Limits()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What came from the environment; kept out of everything that is written."""
    file: Path | None = None

    @property
    def all_secrets(self) -> tuple[str, ...]:
        """Whatever of the settings nothing written may contain."""
        urls = [_password_in(url) for url in (self.mailbox, self.proxy) if url]
        passwords = [account.password for account in self.given]
        return (*self.secrets, *passwords, *urls, *map(unquote, urls))


def _password_in(url: str) -> str:
    user = url.partition("://")[2].partition("/")[0].rpartition("@")[0]
    return user.partition(":")[2]


def read_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """The settings in a configuration file: `path`, else `authspec.toml`, else `[tool.authspec]`.

    Raises UsageError for a file that is missing or broken, an unknown key, or a secret's variable
    that is not set.
    """
    found = _find(path)
    if found is None:
        return Settings()
    file, raw = found
    secrets: dict[str, str] = {}
    raw = _expanded(raw, environment, str(file), secrets)
    try:
        return _read(file, raw, secrets)
    except UsageError as error:
        raise UsageError(_named(str(error), secrets)) from None


def _read(file: Path, raw: dict[str, Any], secrets: Mapping[str, str]) -> Settings:
    for key in raw:
        if key not in _SECTIONS:
            found_ = f"section [{key}]" if isinstance(raw[key], dict) else f"key {key!r}"
            raise UsageError(f"{file} has the unknown {found_}; {nearest(key, _SECTIONS)}")
    settings = Settings(file=file, secrets=tuple(secrets.values()))
    for section, value in raw.items():
        settings = _SECTIONS[section](settings, value, f"{file}: [{section}]")
    return settings


def _named(text: str, secrets: Mapping[str, str]) -> str:
    """The text with each secret's name in the place of the secret."""
    for name, secret in sorted(secrets.items(), key=lambda item: -len(item[1])):
        if secret:
            text = text.replace(secret, f"${name}")
    return text


def _find(path: Path | None) -> tuple[Path, dict[str, Any]] | None:
    if path is not None:
        return path, _own_part(path, _table(path)) or {}
    if (own := Path(FILE)).is_file():
        return own, _table(own)
    project = Path(_PROJECT)
    if project.is_file() and (table := _own_part(project, _table(project))) is not None:
        return project, table
    return None


def _own_part(path: Path, raw: dict[str, Any]) -> dict[str, Any] | None:
    """Of a pyproject.toml the table `[tool.authspec]`, or None; of other files the whole."""
    if path.name != _PROJECT and "tool" not in raw:
        return raw
    tools = raw.get("tool")
    table = tools.get("authspec") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise UsageError(f"{path}: tool.authspec is {table!r}; expected a table, [tool.authspec].")
    return table


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist; expected a configuration file.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} cannot be read: it is not UTF-8, as TOML has to be.") from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read as a configuration file ({error.strerror})."
        ) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from None


def _expanded(
    value: Any, environment: Mapping[str, str], where: str, secrets: dict[str, str]
) -> Any:
    """The value with every `$NAME` that is a whole text, or stands in one, taken from the environment.

    `$$` stands for a dollar sign.
    """
    if isinstance(value, dict):
        return {
            key: _expanded(item, environment, f"{where}.{key}", secrets)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_expanded(item, environment, where, secrets) for item in value]
    if not isinstance(value, str):
        return value

    def look_up(match: re.Match[str]) -> str:
        if match[1]:
            return "$"
        name = match[2] or match[3]
        if name not in environment:
            raise UsageError(
                f"{where} wants the environment variable {name}, which is not set; set it, or write "
                "$$ for a dollar sign."
            )
        secrets[name] = environment[name]
        return environment[name]

    return _SECRET.sub(look_up, value)


# --- sections -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _TargetSection:
    url: str | None = None
    profile: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ca: str | None = None
    proxy: str | None = None
    delete_bodies: bool = True
    username: str | None = None
    password: str | None = None


def _headers(value: Any, where: str) -> Mapping[str, str]:
    return {name: f.text(item, f"{where}.{name}") for name, item in f.mapping(value, where).items()}


def _target(settings: Settings, value: Any, where: str) -> Settings:
    readers: dict[str, f.Reader] = {
        **dict.fromkeys(("url", "profile", "ca", "proxy", "username", "password"), f.text),
        "headers": _headers,
        "delete_bodies": f.boolean,
    }
    section = f.build(_TargetSection, value, where, readers)
    if section.username is not None:
        # basic auth in front of a staging server; Authorization belongs to the API itself, so the
        # credentials travel in a header of the proxy's
        raise UsageError(
            f"{where}: username and password cannot be sent beside the API's own Authorization; "
            'give the gate\'s credentials as a header, such as headers = {X-Gate = "$GATE"}.'
        )
    if section.ca is not None and not Path(section.ca).is_file():
        raise f.wrong(f"{where}.ca", section.ca, "a file of CA certificates in PEM")
    return replace(
        settings,
        url=section.url,
        profile=section.profile or settings.profile,
        headers=section.headers,
        ca=section.ca,
        proxy=section.proxy,
        delete_bodies=section.delete_bodies,
    )


@dataclass(frozen=True)
class _LoginSection(SessionNames):
    scheme: str | None = None
    url: str | None = None


def _login(settings: Settings, value: Any, where: str) -> Settings:
    names = tuple(SessionNames.__dataclass_fields__)
    readers: dict[str, f.Reader] = {
        "scheme": f.one_of("jwt", "token", "session"),
        "url": _page,
        **dict.fromkeys(names, _some_text),
    }
    section = f.build(_LoginSection, value, where, readers)
    return replace(
        settings,
        scheme=section.scheme,
        login_url=section.url,
        session=SessionNames(**{name: getattr(section, name) for name in names}),
    )


def _page(value: Any, where: str) -> str:
    path = f.text(value, where)
    if not path.startswith("/"):
        raise f.wrong(where, value, "a path on the target, such as /api-auth/login/")
    return path


@dataclass(frozen=True)
class _MailboxSection:
    url: str | None = None
    wait: float | None = None


def _mailbox(settings: Settings, value: Any, where: str) -> Settings:
    section = f.build(_MailboxSection, value, where, {"url": f.text, "wait": f.seconds})
    limits = settings.limits
    if section.wait is not None:
        limits = replace(limits, mail_wait=section.wait)
    return replace(settings, mailbox=section.url, limits=limits)


@dataclass(frozen=True)
class _AccountsSection:
    address: str | None = None
    given: tuple[GivenAccount, ...] = ()


def _is_template(address: str) -> bool:
    """Whether it gives mail addresses that differ, and has no other places to fill."""
    try:
        first, second = (address.format(run="run", n=n) for n in (1, 2))
    except (LookupError, ValueError, AttributeError):
        return False
    local, at, domain = first.partition("@")
    return first != second and bool(local and at and domain) and "@" not in domain


def _given(value: Any, where: str) -> GivenAccount:
    return f.build(GivenAccount, value, where, {"login": f.text, "password": f.text})


def _accounts(settings: Settings, value: Any, where: str) -> Settings:
    section = f.build(
        _AccountsSection, value, where, {"address": f.text, "given": f.list_of(_given)}
    )
    address = settings.address if section.address is None else section.address
    if not _is_template(address):
        raise f.wrong(
            f"{where}.address",
            address,
            "a mail address with {n}, and better {run}, in it, such as qa+{run}-{n}@example.com",
        )
    return replace(settings, address=address, given=section.given)


@dataclass(frozen=True)
class _LimitsSection(Limits):
    max_seconds: float | None = None


def _limits(settings: Settings, value: Any, where: str) -> Settings:
    def number(item: Any, place: str) -> float:
        if isinstance(item, bool) or not isinstance(item, int | float) or not 0 <= item <= 1e6:
            raise f.wrong(place, item, "a number from 0 to a million")
        return float(item)

    readers: dict[str, f.Reader] = {
        **dict.fromkeys(("accounts", "mails", "requests"), f.whole),
        "rate": number,
        "timeout": _some_seconds,
        "mail_wait": f.seconds,
        "max_seconds": _some_seconds,
    }
    given = {"mail_wait": settings.limits.mail_wait, **f.mapping(value, where)}
    section = f.build(_LimitsSection, given, where, readers)
    limits = Limits(**{name: getattr(section, name) for name in Limits.__dataclass_fields__})
    return replace(settings, limits=limits, max_seconds=section.max_seconds)


def _some_seconds(value: Any, where: str) -> float:
    seconds = f.seconds(value, where)
    if seconds == 0:
        raise f.wrong(where, value, "more than 0 seconds")
    return seconds


def _waivers(settings: Settings, value: Any, where: str) -> Settings:
    return replace(settings, waivers=waivers_from(value, where))


def waivers_from(value: Any, where: str) -> tuple[Waiver, ...]:
    """Waivers from a mapping: requirement → failure, reason, until. Raises UsageError."""
    found = []
    for id_, entry in f.mapping(value, where).items():
        raw = {"requirement": id_, **f.mapping(entry, f"{where}.{id_}")}
        readers: dict[str, f.Reader] = {
            "requirement": f.text,
            "failure": _some_text,
            "reason": _some_text,
            "until": _day,
        }
        found.append(f.build(Waiver, raw, f"{where}.{id_}", readers))
    return tuple(found)


def _some_text(value: Any, where: str) -> str:
    if not f.text(value, where).strip():
        raise f.wrong(where, value, "a text that is not empty")
    return str(value)


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers in a TOML file of their own: a table per requirement. Raises UsageError."""
    raw = _own_part(path, _table(path)) or {}
    return waivers_from(raw.get("waivers", raw), str(path))


def _day(value: Any, where: str) -> date:
    if type(value) is date:  # a datetime is one as well, and cannot be compared with it
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise f.wrong(where, value, "a day such as 2030-12-31") from None


_SECTIONS = {
    "target": _target,
    "login": _login,
    "mailbox": _mailbox,
    "accounts": _accounts,
    "waivers": _waivers,
    "limits": _limits,
}


def environment() -> Mapping[str, str]:
    """The process's environment; the only place that reads it."""
    return os.environ
