"""How a mock is set up: one frozen value, made from the command line or from `MockServer`'s arguments."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from authspec_contract import fields as f
from authspec_contract.errors import UsageError
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile, profile_from_mapping

_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")
_TOKEN = re.compile(r"[!-~]+")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Options:
    """What the HTTP face needs to know besides sockets."""

    profile: Profile
    host: str = "127.0.0.1"
    frontend: str | None = None
    """Where the links of mails point; None: where the profile says."""
    cors: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    control_token: str | None = field(default=None, repr=False)
    smtp: tuple[str, int] | None = None
    seed: int | None = None
    quirks: tuple[str, ...] = ()
    state: Mapping[str, Any] | None = field(default=None, repr=False)
    """What every world starts from, as `/_mock/state` gives it."""

    def __post_init__(self) -> None:
        if self.control_token is not None and not _TOKEN.fullmatch(self.control_token):
            raise UsageError(
                "--control-token is empty, or holds what no header can carry; give printable "
                "ASCII without spaces."
            )
        if not is_loopback(self.host) and not self.control_token:
            raise UsageError(
                f"--host {self.host} opens the control API, passwords and mails to the network; "
                "add --control-token TOKEN, or leave the host at 127.0.0.1."
            )

    @property
    def effective_profile(self) -> Profile:
        return with_frontend(self.profile, self.frontend)


def options_from(
    profile: str | Path | Mapping[str, Any] | Profile | None = None,
    *,
    host: str = "127.0.0.1",
    quirks: Iterable[str] = (),
    frontend: str | None = None,
    seed: int | None = None,
    load: str | Path | Mapping[str, Any] | None = None,
    cors: Iterable[str] = (),
    allow_hosts: Iterable[str] = (),
    control_token: str | None = None,
    smtp: str | None = None,
) -> Options:
    """The options in the loose forms that a caller may give them in. Raises UsageError.

    Without a profile, the one of the loaded state, or else `document`.
    """
    state = read_state_file(Path(load)) if isinstance(load, str | Path) else load
    if state is not None:
        if profile is None and "profile" in state:
            profile = state["profile"]
        state = {key: value for key, value in state.items() if key != "profile"}
    options = Options(
        profile=_profile(profile if profile is not None else "document"),
        host=host,
        frontend=frontend,
        cors=tuple(map(origin, cors)),
        allow_hosts=tuple(allow_hosts),
        control_token=control_token,
        smtp=None if smtp is None else smtp_address(smtp),
        seed=seed,
        quirks=tuple(quirks),
        state=state,
    )
    assert options.effective_profile  # a frontend that is no URL is refused here and not later
    return options


def _profile(given: str | Path | Mapping[str, Any] | Profile) -> Profile:
    if isinstance(given, Profile):
        return given
    if isinstance(given, Mapping):
        return profile_from_mapping(given, source=str(given.get("name", "the profile")))
    return load_profile(str(given))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on that address."""
    return host.lower() in LOOPBACK or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def with_frontend(profile: Profile, frontend: str | None) -> Profile:
    """The profile with its mail links on that frontend. Raises UsageError for what is no URL."""
    if frontend is None:
        return profile
    parts = urlsplit(frontend)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            f"The frontend {frontend!r} is not a web address; give such as http://localhost:3000."
        )
    place = (parts.netloc + parts.path).rstrip("/")
    # djoser/email.py 2.3: EMAIL_FRONTEND_* win over the site's own; older ones have the site only
    return replace(
        profile,
        mail=replace(profile.mail, domain=place, protocol=parts.scheme),
        djoser=replace(
            profile.djoser, EMAIL_FRONTEND_DOMAIN=place, EMAIL_FRONTEND_PROTOCOL=parts.scheme
        ),
    )


def origin(text: str) -> str:
    """An origin as browsers send it. Raises UsageError for anything else."""
    parts = urlsplit(text)
    if not parts.scheme or not parts.netloc or parts.path.strip("/") or parts.query:
        raise UsageError(f"--cors {text!r} is not an origin; give such as https://app.example.com.")
    return f"{parts.scheme}://{parts.netloc}".lower()


def host_name(text: str) -> str:
    """A host name without its port, for `--allow-host`. Raises UsageError."""
    if not _HOST.fullmatch(text):
        raise UsageError(f"--allow-host {text!r} is not a host name; give such as mock.internal.")
    return text.lower()


def smtp_address(text: str) -> tuple[str, int]:
    """`HOST:PORT`. Raises UsageError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"--smtp {text!r} is not HOST:PORT; give such as 127.0.0.1:1025.")
    return host.strip("[]"), int(port)


def read_state_file(path: Path) -> Mapping[str, Any]:
    """The state in a file that `GET /_mock/state` wrote. Raises UsageError."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"{path} does not exist; expected the JSON that GET /_mock/state gives."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is not JSON ({error}); expected what GET /_mock/state gives."
        ) from None
    return f.mapping(raw, str(path))
