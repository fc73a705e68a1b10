"""Mail servers for a deployment: one that is slow and mixes the order, MailDev, and Dovecot for IMAP."""

import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MAILDEV = Path(__file__).parent.parent / "node_modules" / "maildev" / "dist" / "bin" / "maildev.js"
_START_SECONDS = 60


class MailServerMissingError(Exception):
    """The program is not installed; its text says which."""


@dataclass(frozen=True)
class MailServer:
    """A running one."""

    smtp: str
    """What a deployment's `mail` is: `smtp://127.0.0.1:PORT`."""
    mailbox: str
    """What the suite's `--mailbox` is."""


@contextmanager
def maildir_server(
    folder: Path, *, slowest: float = 0.0, fastest: float = 0.0, seed: int = 1
) -> Iterator[MailServer]:
    """Takes mails by SMTP and drops each into a Maildir, `fastest` to `slowest` seconds later.

    Each mail draws its own delay, so that they overtake each other.
    """
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    postman = _Postman(folder, fastest, slowest, seed)
    controller = Controller(postman, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield MailServer(f"smtp://127.0.0.1:{controller.port}", f"file://{folder}")
    finally:
        controller.stop()
        postman.stop()


class _Postman:
    """Delivers each mail in a thread of its own."""

    def __init__(self, folder: Path, fastest: float, slowest: float, seed: int) -> None:
        self._folder = folder
        self._fastest, self._slowest = fastest, slowest
        self._random = random.Random(seed)
        self._stopped = threading.Event()
        self._count = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self._count += 1
        name = f"{time.time_ns()}.{self._count}.authspec"
        delay = self._random.uniform(self._fastest, self._slowest)
        content = envelope.original_content or b""
        threading.Thread(target=self._deliver, args=(name, content, delay), daemon=True).start()
        return "250 OK"

    def stop(self) -> None:
        self._stopped.set()

    def _deliver(self, name: str, content: bytes, delay: float) -> None:
        if delay and self._stopped.wait(delay):
            return
        draft = self._folder / "tmp" / name
        draft.write_bytes(content)
        draft.chmod(0o644)
        draft.rename(self._folder / "new" / name)


@contextmanager
def maildev_server() -> Iterator[MailServer]:
    """MailDev from npm. Raises MailServerMissingError where it is not installed."""
    if shutil.which("node") is None or not MAILDEV.exists():
        raise MailServerMissingError("MailDev is not here: npm ci --prefix tests (Node 20).")
    smtp, web = free_port(), free_port()
    command = ["node", str(MAILDEV), "--silent", "--ip", "127.0.0.1", "--web-ip", "127.0.0.1"]
    with _running([*command, "--smtp", str(smtp), "--web", str(web)], (smtp, web)):
        yield MailServer(f"smtp://127.0.0.1:{smtp}", f"maildev+http://127.0.0.1:{web}")


@contextmanager
def dovecot_server() -> Iterator[MailServer]:
    """A Maildir that Dovecot serves by IMAP. Raises MailServerMissingError where it is not installed."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if program is None:
        raise MailServerMissingError("Dovecot is not here: apt-get install dovecot-imapd.")
    # not under pytest's folders: those are closed to the users that Dovecot runs as
    folder = Path(tempfile.mkdtemp(prefix="real-djoser-imap-", dir="/tmp"))
    folder.chmod(0o755)
    port = free_port()
    try:
        file = folder / "dovecot.conf"
        file.write_text(_DOVECOT.format(folder=folder, port=port), encoding="utf-8")
        with maildir_server(folder / "mail") as taking:
            subprocess.run(["chown", "-R", "nobody", str(folder / "mail")], check=True, timeout=10)
            for part in ("tmp", "new", "cur"):
                (folder / "mail" / part).chmod(0o777)
            with _running([program, "-F", "-c", str(file)], (port,)):
                yield MailServer(taking.smtp, f"imap://qa:imap-pa55word@127.0.0.1:{port}/INBOX")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_DOVECOT = """
protocols = imap
base_dir = {folder}/base
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = nobody
default_login_user = nobody
first_valid_uid = 1
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password=imap-pa55word
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@contextmanager
def _running(command: Sequence[str], ports: Sequence[int]) -> Iterator[None]:
    """The program, from the moment that all its ports listen."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            for port in ports:
                _wait_for(port, process)
            yield
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise MailServerMissingError(f"Nothing listens on port {port}: the mail server does not start.")


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
