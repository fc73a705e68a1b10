"""The key that a run's passwords come from, kept on this machine until the run has cleaned up.

A results file must not open the accounts of its run, and `authspec clean` must. So the passwords are
made from a key that no report contains: it lies in the user's own state folder, readable by nobody
else, under the run's id, and is removed once nothing is left on the target. Where the run and its
clean-up happen on different machines, both get the key by `AUTHSPEC_CLEAN_KEY`.
"""

import hmac
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

VARIABLE = "AUTHSPEC_CLEAN_KEY"
LETTERS = "gjknqrvwyzGJKNQRVWYZ"
"""Of passwords: none that the run's addresses are made of, so that no similarity validator, however
strict, takes a password for its address (django/contrib/auth/password_validation.py 5.2)."""
_LONGEST_KEPT = 30 * 86400.0


def password(key: bytes, run: str, number: int) -> str:
    """The password of that number: one that every sensible validator accepts."""
    return made_of(hmac.digest(key, f"{run}:{number}".encode(), "sha256"))


def made_of(chance: bytes) -> str:
    """A password with a capital, a digit and a sign that every list of signs has; no letter comes twice
    in a row, which some validators refuse."""
    letters = ""
    for byte in chance[:14]:
        others = [letter for letter in LETTERS if letter.lower() != letters[-1:].lower()]
        letters += others[byte % len(others)]
    return f"Vq7!{letters}"


def new_key(run: str, environment: Mapping[str, str]) -> bytes:
    """The key of a run that begins: from the environment, else a fresh one that is kept.

    Where the state folder cannot be written, the run goes on; only `clean` will need a mailbox then.
    """
    if given := environment.get(VARIABLE):
        return given.encode()
    key = secrets.token_hex(32)
    path = _path(run, environment)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _forget_old(path.parent)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(key)
    return key.encode()


def kept_key(run: str, environment: Mapping[str, str]) -> bytes | None:
    """The key of a run that broke off; None where this machine does not have it."""
    if given := environment.get(VARIABLE):
        return given.encode()
    try:
        return _path(run, environment).read_bytes().strip() or None
    except OSError:
        return None


def forget_key(run: str, environment: Mapping[str, str]) -> None:
    """Nothing is left that the key would open."""
    with suppress(OSError):
        _path(run, environment).unlink()


def _path(run: str, environment: Mapping[str, str]) -> Path:
    """In the folder that the XDG Base Directory Specification gives to a program's state."""
    home = environment.get("XDG_STATE_HOME")
    folder = Path(home) if home else Path(os.path.expanduser("~")) / ".local" / "state"
    return folder / "authspec" / f"{run}.key"


def _forget_old(folder: Path) -> None:
    for path in folder.glob("*.key"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _LONGEST_KEPT:
                path.unlink()
