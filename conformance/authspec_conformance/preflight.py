"""Before the first test: is there a server, is it a Djoser, does the prefix fit?"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from authspec_conformance.client import Client
from authspec_conformance.exchange import MISSING, Reply
from authspec_contract.errors import TargetError
from authspec_contract.profile import Profile


@dataclass(frozen=True)
class Identity:
    """What the target says of itself."""

    server: str
    is_mock: bool


def preflight(api: Client, profile: Profile) -> Identity:
    """Looks whether the target can be tested at all; makes no account.

    Raises TargetError, in one sentence, for a server that is not there, that is not a Djoser, or
    that has it under another prefix.
    """
    probe = api.raw("POST", "users/", data=b"{}", headers={"Content-Type": "application/json"})
    where = f"{probe.call.method} {probe.call.url}"
    _check_redirect(probe, where)
    if probe.status >= 500:
        raise TargetError(
            f"{where} answers {probe.status} to an empty registration; expected a 400 with the missing "
            "fields; look into the target's log."
        )
    if probe.status in {404, 405, 501} or probe.status == 200:
        raise TargetError(
            f"{where} answers {probe.status}; expected Djoser's 400 to an empty registration. "
            f"Is Djoser mounted under {profile.prefix!r}? The profile's 'prefix' says so"
            f"{_html(probe)}."
        )
    if probe.status not in {400, 401, 403, 429} or probe.json is MISSING:
        raise TargetError(
            f"{where} answers {probe.status} with {_kind(probe)}; expected Djoser's 400 in JSON. "
            "Is this the right URL?"
        )
    login = profile.user.login_field
    if probe.status == 400 and (not isinstance(probe.json, dict) or "password" not in probe.json):
        raise TargetError(
            f"{where} answers 400 without complaining of the missing password; expected Djoser's object "
            f"of fields, such as {{{login!r}: […], 'password': […]}}. Is this the right URL?"
        )
    return Identity(probe.headers.get("Server", ""), is_mock(api))


def is_mock(api: Client) -> bool:
    """Whether `/_mock/health` answers as our mock does."""
    try:
        reply = api.raw("GET", "/_mock/health")
    except TargetError:
        return False
    return reply.status == 200 and isinstance(reply.json, dict) and reply.json.get("status") == "ok"


def _check_redirect(probe: Reply, where: str) -> None:
    if not 300 <= probe.status < 400:
        return
    location = probe.headers.get("Location", "")
    parts = urlsplit(location)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else location
    raise TargetError(
        f"{where} redirects to {origin or 'nowhere'}; redirects are not followed. "
        "Give the URL that the API itself answers under."
    )


def _kind(probe: Reply) -> str:
    return probe.headers.get("Content-Type", "no body").partition(";")[0]


def _html(probe: Reply) -> str:
    return "; it answered with an HTML page" if "html" in _kind(probe) else ""
