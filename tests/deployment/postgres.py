"""A PostgreSQL server of its own, with a database per deployment, thrown away afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

_SECONDS = 60


def postgres_programs() -> Path | None:
    """The folder of initdb and pg_ctl; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Postgres:
    """A server on loopback that runs while the `with` block does."""

    def __init__(self) -> None:
        self._folder = Path()
        self._port = 0
        self._made = 0

    def __enter__(self) -> "Postgres":
        # not under pytest's folders: those are closed to the user that the server runs as
        self._folder = Path(tempfile.mkdtemp(prefix="real-djoser-pg-", dir="/tmp"))
        self._folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-A", "trust", "--no-sync", "-U", "postgres", "-E", "UTF8")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c fsync=off"
        options += " -c unix_socket_directories='' -c max_connections=100"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def database(self) -> str:
        """The URL of a new, empty database."""
        self._made += 1
        name = f"deployment_{self._made}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self._port), "-U", "postgres", name)
        return f"postgresql://postgres@127.0.0.1:{self._port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        """Runs one of PostgreSQL's programs; initdb and the server refuse to be root."""
        folder = postgres_programs()
        if folder is None:
            raise FileNotFoundError("PostgreSQL is not installed: there is no initdb.")
        command = [str(folder / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        # pg_ctl's server keeps inherited pipes open: its output goes to a file of its own
        subprocess.run(
            command,
            cwd="/",
            check=True,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
