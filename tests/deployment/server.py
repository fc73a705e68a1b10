"""Starts and stops a real Djoser with any profile, on gunicorn and a database of its own."""

import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile

from .environment import CACHE, HERE, REQUIREMENTS, real_python
from .faults import changed_profile, find_fault
from .tables import DeploymentError, make_tables

PROJECT = HERE / "project"
Serving = Literal["threads", "sync", "asgi"]
"""Gunicorn with threads, gunicorn with one request at a time, uvicorn."""
_START_SECONDS = 40.0
_STOP_SECONDS = 5.0

__all__ = ["DeploymentError", "RealDjoser", "as_mapping"]


class RealDjoser:
    """A real Djoser that serves while the `with` block runs.

    `mail` is `file` (Django's file backend, into `mail_dir`) or `smtp://HOST:PORT`; `hasher` is
    `fast` (MD5) or `default` (the profile's, PBKDF2 as a rule); `faults` are names from `faults`;
    `database` is `sqlite` or the URL of an empty PostgreSQL database; `settings` are settings of
    Django that are laid over those that follow from the profile, with `MORE_APPS`, `FIRST_MIDDLEWARE`
    and `LAST_MIDDLEWARE` beside them; `sources` are modules by name, as source text, that stand in
    for the installed ones.
    """

    def __init__(
        self,
        profile: Profile | str,
        *,
        hasher: Literal["fast", "default"] = "fast",
        mail: str = "file",
        mail_dir: Path | None = None,
        faults: Sequence[str] = (),
        workers: int = 1,
        threads: int = 1,
        port: int = 0,
        database: str = "sqlite",
        requirements: Path = REQUIREMENTS,
        settings: Mapping[str, Any] | None = None,
        sources: Mapping[str, str] | None = None,
        serving: Serving = "threads",
    ) -> None:
        loaded = load_profile(profile) if isinstance(profile, str) else profile
        self.profile = loaded
        self.faults = tuple(find_fault(name) for name in faults)
        self.workers, self.threads = workers, threads
        self._hasher, self._mail, self._port = hasher, mail, port
        self._database, self._requirements = database, requirements
        self._settings, self._sources = dict(settings or {}), dict(sources or {})
        self._serving = serving
        self._given_mail_dir = mail_dir
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None
        self._folder: Path | None = None
        self._table = ""
        self.url = ""
        self.mail_dir = Path()

    # --- life ---------------------------------------------------------------------------------

    def __enter__(self) -> "RealDjoser":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts it; returns once it answers. Raises DeploymentError, EnvironmentMissingError."""
        python = real_python(self._requirements)
        self._folder = Path(tempfile.mkdtemp(prefix="real-djoser-"))
        self.mail_dir = self._given_mail_dir or self._folder / "mail"
        self.mail_dir.mkdir(parents=True, exist_ok=True)
        try:
            self._write_deployment()
            make_tables(python, self._deployment_file, self._folder / "db.sqlite3")
            self._launch(python)
            self._await_answer()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops it and removes its folder; what it wrote into a given `mail_dir` stays."""
        if self._process is not None:
            _end(self._process)
            self._process = None
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def restart(self) -> None:
        """Ends the server and starts it again, at the same address and with the same data."""
        assert self._process is not None
        _end(self._process)
        if self._lifeline is not None:
            os.close(self._lifeline)
        self._port = int(self.url.rpartition(":")[2])
        self._launch(real_python(self._requirements))
        self._await_answer()

    # --- what it knows -------------------------------------------------------------------------

    def users(self) -> list[dict[str, Any]]:
        """Every row of the user table, oldest first: what the server really holds."""
        if self._database != "sqlite":
            return self._users_by_django()
        return self.query(f"SELECT * FROM {self.user_table} ORDER BY date_joined, id")

    def _users_by_django(self) -> list[dict[str, Any]]:
        """The same from another database, which only the deployment's own Python can read."""
        done = subprocess.run(
            [str(real_python(self._requirements)), str(PROJECT / "listusers.py")],
            env=django_environment(self._deployment_file),
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode != 0:
            raise DeploymentError(f"The users could not be read: {done.stderr.strip()[-500:]}")
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows

    def make_user(self, **values: Any) -> None:
        """Makes an active user, as an administrator would; `values` include the password."""
        done = subprocess.run(
            [str(real_python(self._requirements)), str(PROJECT / "makeuser.py")],
            env=django_environment(self._deployment_file),
            input=json.dumps(values),
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode != 0:
            raise DeploymentError(f"No user could be made: {done.stderr.strip()[-500:]}")

    def query(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query on its SQLite database."""
        if self._folder is None or self._database != "sqlite":
            raise DeploymentError("Only a running deployment on SQLite can be asked for its rows.")
        with sqlite3.connect(self._folder / "db.sqlite3", timeout=20) as connection:
            connection.row_factory = sqlite3.Row
            rows = [dict(row) for row in connection.execute(sql)]
        connection.close()
        return rows

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Changes its SQLite database, as an administrator would: staff, deactivated users."""
        assert self._folder is not None
        with sqlite3.connect(self._folder / "db.sqlite3", timeout=20) as connection:
            connection.execute(sql, tuple(parameters))
        connection.close()

    def execute_all(self, script: str) -> None:
        """Runs several statements on its SQLite database."""
        assert self._folder is not None
        with sqlite3.connect(self._folder / "db.sqlite3", timeout=20) as connection:
            connection.executescript(script)
        connection.close()

    def clear_cache(self) -> None:
        """Forgets what throttles have counted."""
        assert self._folder is not None
        shutil.rmtree(self._folder / "cache", ignore_errors=True)

    @property
    def user_table(self) -> str:
        """The name of the table of users."""
        if not self._table:
            names = self.query(
                "SELECT name FROM sqlite_master WHERE name IN ('users_user', 'auth_user')"
            )
            self._table = str(names[0]["name"])
        return self._table

    def log(self) -> str:
        """What the server has written: start-up problems and tracebacks of 500s."""
        if self._folder is None:
            return ""
        file = self._folder / "server.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    # --- the parts of starting -----------------------------------------------------------------

    @property
    def _deployment_file(self) -> Path:
        assert self._folder is not None
        return self._folder / "deployment.json"

    def _write_deployment(self) -> None:
        assert self._folder is not None
        profile = changed_profile(as_mapping(self.profile), self.faults)
        database = self._database
        deployment = {
            "profile": profile,
            "hasher": self._hasher,
            "mail": str(self.mail_dir) if self._mail == "file" else self._mail,
            "database": str(self._folder / "db.sqlite3") if database == "sqlite" else database,
            "secret": secrets.token_hex(32),
            "folder": str(self._folder),
            "faults": [fault.name for fault in self.faults],
            "sources": self._sources,
            "settings": self._settings,
        }
        self._deployment_file.write_text(json.dumps(deployment), encoding="utf-8")

    def _launch(self, python: Path) -> None:
        assert self._folder is not None
        listener = socket.create_server(("127.0.0.1", self._port), backlog=256)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        reading, self._lifeline = os.pipe()
        with (self._folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [str(python), "-m", *self._command(listener.fileno())],
                env=django_environment(self._deployment_file) | {"AUTHSPEC_LIFELINE": str(reading)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(listener.fileno(), reading),
                start_new_session=True,
            )
        os.close(reading)
        listener.close()

    def _command(self, listener: int) -> list[str]:
        """The module that serves, with its arguments."""
        if self._serving == "asgi":
            return [
                "uvicorn",
                "--fd",
                str(listener),
                "--log-level",
                "warning",
                "backend.asgi:application",
            ]
        command = [
            "gunicorn",
            "-c",
            str(PROJECT / "gunicorn.conf.py"),
            "--bind",
            f"fd://{listener}",
        ]
        command += ["--chdir", str(self._folder), "--workers", str(self.workers)]
        if self._serving == "sync":
            command += ["--worker-class", "sync"]
        else:
            command += ["--threads", str(self.threads)]
        return [*command, "backend.wsgi:application"]

    def _await_answer(self) -> None:
        """Waits for the first answer, whatever its status; the socket listens before the workers do."""
        deadline = time.monotonic() + _START_SECONDS
        url = f"{self.url}{self.profile.prefix}users/me/"
        assert self._process is not None
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise self._not_up(f"it ended with code {self._process.returncode}")
            try:
                urllib.request.urlopen(url, timeout=1).close()
            except urllib.error.HTTPError as error:
                error.close()
                if error.code >= 500:
                    raise self._not_up(f"it answered {error.code}") from None
                return
            except OSError:
                continue
            return
        raise self._not_up(f"it did not answer within {_START_SECONDS:.0f} s")

    def _not_up(self, why: str) -> DeploymentError:
        tail = "\n".join(self.log().splitlines()[-15:])
        return DeploymentError(
            f"The real Djoser of profile {self.profile.name!r} did not come up: {why}. Its log:\n{tail}"
        )


def as_mapping(profile: Profile) -> dict[str, Any]:
    """The profile as nested mappings and lists, as the Django process reads it."""
    mapping: dict[str, Any] = json.loads(json.dumps(asdict(profile), default=_plain))
    return mapping


def django_environment(deployment_file: Path) -> dict[str, str]:
    """The environment variables of a Django process of the project."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "LANG") if key in os.environ}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join((str(PROJECT), str(HERE))),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(CACHE / "pycache"),
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "AUTHSPEC_DEPLOYMENT": str(deployment_file),
    }


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends gunicorn at once, and its workers with it where it does not obey."""
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(_STOP_SECONDS)
