"""Before the first test: is there a server, is it a Djoser, does the prefix fit?"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from authspec_conformance.client import Client
from authspec_conformance.errors import Inconclusive
from authspec_conformance.exchange import MISSING, Reply
from authspec_conformance.login import schemes
from authspec_conformance.signs import ENOUGH, signs_of_djoser
from authspec_contract.errors import TargetError
from authspec_contract.profile import Profile


@dataclass(frozen=True)
class Identity:
    """What the target says of itself."""

    server: str
    is_mock: bool
    note: str | None = None
    """What it asks for otherwise than the profile says, so that no login may work."""


def preflight(api: Client, profile: Profile) -> Identity:
    """Looks whether the target can be tested at all; makes no account.

    A Djoser that refuses otherwise than it should is tested, and fails. Raises TargetError, in one
    sentence, for a server that is not there, that is not a Djoser, or that has it under another prefix.
    """
    probe = _probe(api)
    where = f"{probe.call.method} {probe.call.url}"
    _check_redirect(probe, where)
    complaint = _complaint(probe, where, profile)
    if complaint is not None or probe.status != 400:
        found = len(signs_of_djoser(api, profile, probe))
        if found < (1 if complaint is None else ENOUGH):
            raise TargetError(complaint or _closed(probe, where))
    if not schemes(profile):
        raise TargetError(_nobody_logs_in(profile))
    return Identity(probe.headers.get("Server", ""), is_mock(api), _other_login(api, profile))


def _complaint(probe: Reply, where: str, profile: Profile) -> str | None:
    """In what the answer to an empty registration is not a Djoser's; None where it is one."""
    if probe.status >= 500 and probe.status != 501:
        return (
            f"{where} answers {probe.status} to an empty registration; expected a 400 with the missing "
            "fields; look into the target's log."
        )
    if probe.status in {404, 405, 501} or probe.status == 200:
        return (
            f"{where} answers {probe.status}; expected Djoser's 400 to an empty registration. "
            f"Is Djoser mounted under {profile.prefix!r}? The profile's 'prefix' says so"
            f"{_html(probe)}."
        )
    if probe.status not in {400, 401, 403} or probe.json is MISSING:
        return (
            f"{where} answers {probe.status} with {_kind(probe)}; expected Djoser's 400 in JSON. "
            "Is this the right URL?"
        )
    if probe.status in {401, 403} and not _has_detail(probe):
        return (
            f"{where} answers {probe.status} without the 'detail' that Django REST framework gives; "
            "expected Djoser's 400 to an empty registration. Is this the right URL?"
        )
    login = profile.user.login_field
    if probe.status == 400 and (not isinstance(probe.json, dict) or "password" not in probe.json):
        return (
            f"{where} answers 400 without complaining of the missing password; expected Djoser's object "
            f"of fields, such as {{{login!r}: […], 'password': […]}}. Is this the right URL?"
        )
    return None


def _nobody_logs_in(profile: Profile) -> str:
    """Without a login no account that a run makes could be used, or deleted."""
    lifetime = profile.simple_jwt.ACCESS_TOKEN_LIFETIME
    if "jwt" in profile.urls and "jwt" in profile.authentication:
        return (
            f"The profile's access tokens live {lifetime:g} s, and a story needs one for a minute; raise "
            "ACCESS_TOKEN_LIFETIME on the deployment that is tested, and in the profile."
        )
    return (
        "The profile has no login that a caller is known by: neither jwt nor token in both 'urls' and "
        "'authentication', nor a session_login; add the one that the target has."
    )


def _closed(probe: Reply, where: str) -> str:
    return (
        f"{where} answers {probe.status}, and nothing else there answers as Djoser does; expected "
        "Djoser's 400 to an empty registration. Is this the right URL?"
    )


def _probe(api: Client) -> Reply:
    """An empty registration: it makes no account anywhere."""
    headers = {"Content-Type": "application/json"}
    try:
        return api.raw("POST", "users/", data=b"{}", headers=headers)
    except Inconclusive as reason:
        raise TargetError(f"The target cannot be tested: {reason}.") from None
    except TargetError as error:
        raise TargetError(f"{error} Is the target running, and is this its URL?") from None


def is_mock(api: Client) -> bool:
    """Whether `/_mock/health` answers as our mock does."""
    try:
        reply = api.raw("GET", "/_mock/health")
    except (TargetError, Inconclusive):
        return False
    return reply.status == 200 and isinstance(reply.json, dict) and reply.json.get("status") == "ok"


def _other_login(api: Client, profile: Profile) -> str | None:
    """The sentence for a target that logs in otherwise than the profile says: nothing could go on.

    Neither call costs a password hash: the one has no password, the other a token of nobody.
    """
    calls = {
        "jwt": ("jwt_verify", {"token": "of.no.body"}),
        "token": ("token_login", {profile.login_field: "nobody@authspec.invalid"}),
    }
    for scheme in schemes(profile):
        page = profile.session_login if scheme == "session" else None
        try:
            refused = api.raw("GET", page) if page else api(*calls.get(scheme, calls["token"]))
        except (TargetError, Inconclusive):
            return None
        where = f"{refused.call.method} {refused.path}"
        # a login view that takes JSON alone has no page
        if refused.status == 404 or (refused.status == 405 and not page):
            return (
                f"{where} answers {refused.status}, and the profile has login by {scheme}. "
                "If the target is right, mend "
                f"""{"'session_login'" if page else "'urls' and 'authentication'"} in the profile."""
            )
        # rest_framework_simplejwt/views.py TokenViewBase.get_authenticate_header
        word = refused.headers.get("WWW-Authenticate", "").partition(" ")[0]
        known = profile.simple_jwt.AUTH_HEADER_TYPES
        if scheme == "jwt" and word and word not in known:
            return (
                f"{where} asks for the word {word} in Authorization, and the profile has "
                f"{' or '.join(known)}. If the target is right, mend 'simple_jwt.AUTH_HEADER_TYPES' in "
                "the profile."
            )
    return None


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


def _has_detail(probe: Reply) -> bool:
    return isinstance(probe.json, dict) and isinstance(probe.json.get("detail"), str)


def _kind(probe: Reply) -> str:
    if probe.body and "json" in probe.headers.get("Content-Type", "") and probe.json is MISSING:
        return "JSON that cannot be decoded"
    return probe.headers.get("Content-Type", "no body").partition(";")[0]


def _html(probe: Reply) -> str:
    return "; it answered with an HTML page" if "html" in _kind(probe) else ""
