"""How often a call makes the target compute a password hash: the slow part of a real run."""

from typing import Any

from authspec_conformance.exchange import Reply
from authspec_contract.profile import Profile


def password_computations(reply: Reply, profile: Profile) -> int:
    """Hashes that the target computed for this exchange, by what Djoser 2.3 and Django 5.2 do."""
    method, status = reply.call.method, reply.status
    path = reply.path.partition("?")[0].rstrip("/")
    tail = path.rpartition("/")[2]
    if method == "POST" and path.endswith(profile.prefix + "users"):
        return int(status == 201)
    if tail == "reset_password_confirm":
        return int(status == 204)
    sent = reply.sent
    page = (profile.session_login or "").rstrip("/")
    if tail in {"create", "login"} or (page and path.endswith(page)):
        # django/contrib/auth/backends.py: an unknown user costs one as well
        read = status < 500 and status != 415
        return int(_text(sent.get("password")) and len(sent) > 1 and read)
    if not _text(sent.get("current_password")) or status not in {204, 400}:
        return 0
    if tail == "set_password":
        return 2 if status == 204 else 1
    return int(tail == f"set_{profile.user.login_field}" or method == "DELETE")


def _text(value: Any) -> bool:
    """Whether DRF takes the value as a text, so that it comes to a hash at all."""
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
