"""Waits until a mock answers: `authspec mock wait URL`, for containers and scripts without curl."""

import http.client
import json
import time
from urllib.parse import urlsplit

from authspec_contract.errors import TargetError, UsageError

_PAUSE = 0.05
_PATH = "/_mock/health"


def wait_for(url: str, seconds: float) -> str:
    """The name of the profile of the mock that answers there.

    Raises UsageError for what is no URL, TargetError when the time is up.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == -1:
        raise UsageError(f"{url!r} is not a web address; give such as http://127.0.0.1:8000.")
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        profile, why = _asked(parts.scheme, parts.hostname, port, parts.path, max(left, _PAUSE))
        if profile is not None:
            return profile
        if deadline - time.monotonic() <= 0:
            raise TargetError(f"No mock at {url} within {seconds:g} s: {why}.")
        time.sleep(_PAUSE)


def _asked(
    scheme: str, host: str, port: int | None, path: str, timeout: float
) -> tuple[str | None, str]:
    """The profile, or why there is none."""
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=timeout)
    try:
        connection.request("GET", path.rstrip("/") + _PATH)
        response = connection.getresponse()
        body = response.read(65536)
    except (OSError, http.client.HTTPException) as error:
        return None, f"{error or type(error).__name__}"
    finally:
        connection.close()
    if response.status != 200:
        return None, f"{_PATH} answered {response.status}"
    try:
        return str(json.loads(body)["profile"]), ""
    except (ValueError, KeyError, TypeError):
        return None, f"what answers at {_PATH} is not authspec's mock"
