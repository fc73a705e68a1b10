"""HTTP connections that wait no longer for the head of an answer than they are told, however it drips in."""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Timer
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ProtocolError
from urllib3.response import BaseHTTPResponse


class DeadlineAdapter(HTTPAdapter):
    """For one thread's session. A timeout of `requests` bounds each read alone, so that a server which
    sends a byte now and then holds its caller for ever."""

    seconds = 60.0
    """That the next answers' heads may take."""

    def init_poolmanager(self, *args: Any, **keywords: Any) -> None:
        super().init_poolmanager(*args, **keywords)
        self.poolmanager.pool_classes_by_scheme = self._pools()

    def proxy_manager_for(self, *args: Any, **keywords: Any) -> Any:
        manager = super().proxy_manager_for(*args, **keywords)
        manager.pool_classes_by_scheme = self._pools()
        return manager

    def _pools(self) -> dict[str, type[HTTPConnectionPool]]:
        adapter = self

        class Plain(HTTPConnection):
            def getresponse(self) -> Any:
                return _within(adapter.seconds, self.sock, super().getresponse)

        class Secure(HTTPSConnection):
            def getresponse(self) -> Any:
                return _within(adapter.seconds, self.sock, super().getresponse)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        return {"http": PlainPool, "https": SecurePool}


def _within(
    seconds: float, sock: socket.socket, read: Callable[[], BaseHTTPResponse]
) -> BaseHTTPResponse:
    """What `read` gives. Raises ProtocolError where it takes longer."""
    over = False

    def end() -> None:
        nonlocal over
        over = True
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        response = read()
    except Exception as error:
        if over:
            raise ProtocolError("the head of its answer does not end") from error
        raise
    finally:
        timer.cancel()
    if over:  # what had come of it passes for a whole head
        response.close()
        raise ProtocolError("the head of its answer does not end")
    return response
