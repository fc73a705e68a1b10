"""A reverse proxy on loopback that stands before a deployment, with the manners of common ones."""

import gzip
import http.client
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Literal, get_args
from urllib.parse import unquote_plus, urlsplit
from uuid import uuid4

Trouble = Literal["drop", "error", "page", "hang", "cut"]
"""No answer, a 500, a page in HTML with 502, an answer that never comes, one that ends too early."""
TROUBLES: tuple[Trouble, ...] = get_args(Trouble)
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length"}
)
"""RFC 9110 §7.6.1; and the length, which a proxy writes anew."""
_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_PATIENCE = 60
_BURST = 10
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_ATTACK = re.compile(rb"(?i)<script|;\s*drop\s+table|union\s+select|\.\./\.\./")


@dataclass(frozen=True)
class Manners:
    """What the proxy does to what it passes on; all of it is allowed, but for the dropped bodies."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Added to every answer, in the place of those of the same name."""
    request_ids: bool = False
    """An `X-Request-Id` of its own for each answer."""
    lower_case: bool = False
    """Header names in lower case, as HTTP/2 has them."""
    chunked: bool = False
    """Bodies go out in chunks, without a length."""
    compress: bool = False
    """Bodies go out in gzip where the caller takes it."""
    sticky: str | None = None
    """A cookie of this name with every answer, as load balancers set one."""
    drop_delete_bodies: bool = False
    """The body of a DELETE does not get through (RFC 9110 §9.3.5: it has no defined meaning)."""
    rate: float = 0.0
    """So many requests a second are let in, as nginx limits them: the others get a page with `limit_status`."""
    limit_status: int = 503
    close: bool = False
    """Each answer ends its connection, as HTTP/1.0 has it."""
    largest: int = 0
    """Bytes of a body that are let in; a larger one gets a page with 413."""
    firewall: bool = False
    """A page with 403 for what looks like an attack, and one with 405 for methods that are not in use."""
    forwarded_proto: bool = True
    """Tells the backend by `X-Forwarded-Proto` what it speaks to the caller."""


class Front:
    """A proxy that serves while the `with` block runs; `url` is where, with the backend's own path.

    `certificate` (a PEM file with its key) makes it speak HTTPS. `trouble` is asked for each request,
    by its number from 1, whether something goes wrong with it.
    """

    def __init__(
        self,
        backend: str,
        manners: Manners | None = None,
        *,
        certificate: Path | None = None,
        trouble: Callable[[int], Trouble | None] = lambda number: None,
    ) -> None:
        parts = urlsplit(backend)
        self.backend = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.manners = manners or Manners()
        self.trouble = trouble
        self.closing = threading.Event()
        self._count = 0
        self._excess, self._last = 0.0, time.monotonic()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.front = self
        self.scheme = "http"
        if certificate is not None:
            self.scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{self.scheme}://127.0.0.1:{self._server.server_address[1]}{parts.path}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def __enter__(self) -> "Front":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def requests(self) -> int:
        """How many have come."""
        return self._count

    def next_trouble(self) -> Trouble | None:
        """What goes wrong with the request that has just come."""
        with self._lock:
            self._count += 1
            number = self._count
        return self.trouble(number)

    def refusal(self, method: str, path: str, body: bytes) -> int | None:
        """The status with which the proxy itself refuses a request."""
        manners = self.manners
        if manners.rate and not self._lets_in():
            return manners.limit_status
        if manners.largest and len(body) > manners.largest:
            return 413
        if manners.firewall and method not in _METHODS:
            return 405
        sent = unquote_plus(path).encode() + body
        return 403 if manners.firewall and _ATTACK.search(sent) else None

    def _lets_in(self) -> bool:
        """nginx's limit_req with a burst of ten, nodelay."""
        with self._lock:
            now = time.monotonic()
            self._excess = max(0.0, self._excess - (now - self._last) * self.manners.rate)
            self._last = now
            if self._excess > _BURST:
                return False
            self._excess += 1
            return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    front: Front

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that goes away, or that does not trust the certificate, is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _PATIENCE
    server: _Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method is passed on."""
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, format: str, *arguments: object) -> None:
        """The proxy keeps no log."""

    def _pass_on(self) -> None:
        front = self.server.front
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        trouble = front.next_trouble()
        if trouble is not None:
            self._fail(trouble)
            return
        if refused := front.refusal(self.command, self.path, body):
            self._plain(
                refused, "text/html", _PAGE.replace(b"502 Bad Gateway", b"Refused"), close=False
            )
            return
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
        headers["X-Forwarded-For"] = "127.0.0.1"
        if front.manners.forwarded_proto:
            headers["X-Forwarded-Proto"] = front.scheme
        if self.command == "DELETE" and front.manners.drop_delete_bodies:
            body, headers = b"", {k: v for k, v in headers.items() if k.lower() != "content-type"}
        connection = http.client.HTTPConnection(*front.backend, timeout=_PATIENCE)
        try:
            connection.putrequest(
                self.command, self.path, skip_host="Host" in headers, skip_accept_encoding=True
            )
            for name, value in headers.items():
                connection.putheader(name, value)
            if body or self.headers.get("Content-Length"):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._fail("page")
            return
        finally:
            connection.close()
        self._answer(answer.status, answer.reason, answer.getheaders(), content)

    def _answer(
        self, status: int, reason: str, headers: Iterable[tuple[str, str]], content: bytes
    ) -> None:
        manners = self.server.front.manners
        kept = [(k, v) for k, v in headers if k.lower() not in _HOP_BY_HOP]
        added = dict(manners.headers)
        if manners.request_ids:
            added["X-Request-Id"] = uuid4().hex
        replaced = {name.lower() for name in added}
        kept = [(k, v) for k, v in kept if k.lower() not in replaced] + list(added.items())
        if manners.sticky:
            kept.append(("Set-Cookie", f"{manners.sticky}={uuid4().hex}; Path=/"))
        has_body = self.command != "HEAD" and status not in {204, 304}
        if manners.compress and has_body and "gzip" in self.headers.get("Accept-Encoding", ""):
            content = gzip.compress(content)
            kept.append(("Content-Encoding", "gzip"))
        if has_body and manners.chunked:
            kept.append(("Transfer-Encoding", "chunked"))
        elif has_body:
            kept.append(("Content-Length", str(len(content))))
        self.send_response_only(status, reason)
        for name, value in kept:
            self.send_header(name.lower() if manners.lower_case else name, value)
        if manners.close:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        if has_body:
            self.wfile.write(_chunks(content) if manners.chunked else content)

    def _fail(self, trouble: Trouble) -> None:
        self.close_connection = True
        if trouble == "hang":
            self.server.front.closing.wait(_PATIENCE)
        elif trouble == "error":
            self._plain(500, "application/json", b'{"detail": "Internal server error"}')
        elif trouble == "page":
            self._plain(502, "text/html", _PAGE)
        elif trouble == "cut":
            self._plain(200, "application/json", b'{"id": 1', missing=40)

    def _plain(
        self, status: int, kind: str, content: bytes, missing: int = 0, *, close: bool = True
    ) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) + missing))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _chunks(content: bytes) -> bytes:
    """The body in chunks of 200 bytes (RFC 9112 §7.1)."""
    pieces = [content[at : at + 200] for at in range(0, len(content), 200)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"
