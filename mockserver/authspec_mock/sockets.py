"""Binds the sockets that the mock listens on: one name, both loopback addresses, one port."""

import contextlib
import errno
import socket
from typing import Any

from authspec_contract.errors import UsageError

BOTH = frozenset({"localhost", "127.0.0.1"})
"""Hosts that stand for both loopback addresses: clients resolve `localhost` to either."""
_ATTEMPTS = 50


class PortInUse(UsageError):
    """Somebody else listens on that port."""


def bind(host: str, port: int) -> list[socket.socket]:
    """Listening sockets on that host and port; port 0 takes one that is free everywhere.

    Raises UsageError in one sentence.
    """
    if not 0 <= port <= 65535:
        raise UsageError(f"The port {port} does not exist; give 0 to 65535, 0 for any free one.")
    if host.lower() not in BOTH:
        return [_listening(host, port)]
    for _ in range(_ATTEMPTS):
        first = _listening("127.0.0.1", port)
        try:
            second = _listening_v6(first.getsockname()[1])
        except PortInUse:
            first.close()
            if port:
                raise
        except BaseException:
            first.close()
            raise
        else:
            return [first, second] if second else [first]
    raise UsageError("No port is free on both 127.0.0.1 and ::1; give one with --port.")


def _listening_v6(port: int) -> socket.socket | None:
    """The same port on ::1; None on a machine without IPv6."""
    if not socket.has_ipv6:
        return None
    try:
        return _listening("::1", port)
    except PortInUse:
        raise
    except UsageError:
        return None


def _listening(host: str, port: int) -> socket.socket:
    family, address = _resolved(host, port)
    sock = None
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
        if hasattr(socket, "SO_REUSEADDR") and not _is_windows():
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(2048)
        sock.setblocking(False)
    except OSError as error:
        if sock is not None:
            sock.close()
        raise _sentence(host, port, error) from None
    return sock


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    try:
        name = host.strip("[]")
        found = socket.getaddrinfo(
            # as bytes: for a text, Python imports its codec for international names
            name.encode() if name.isascii() else name,
            port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE,
        )
    except (OSError, UnicodeError):
        raise UsageError(
            f"--host {host} is no address of this machine; give such as 127.0.0.1."
        ) from None
    family, _, _, _, address = found[0]
    return family, address


def _sentence(host: str, port: int, error: OSError) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(
            f"Port {port} on {host} is in use; stop what listens there, or give another --port "
            "(0 takes a free one)."
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return UsageError(f"This user may not listen on port {port}; give one above 1023.")
    return UsageError(f"Cannot listen on {host} port {port}: {error.strerror}.")


def _is_windows() -> bool:
    # there, SO_REUSEADDR lets a second server take a port that is in use
    return socket.__dict__.get("SO_EXCLUSIVEADDRUSE") is not None
