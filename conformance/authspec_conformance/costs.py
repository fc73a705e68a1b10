"""How often a call makes the target compute a password hash: the slow part of a real run."""

from authspec_conformance.exchange import Reply
from authspec_contract.profile import Profile


def password_computations(reply: Reply, profile: Profile) -> int:
    """Hashes that the target computed for this exchange, by what Djoser 2.3 and Django 5.2 do."""
    method, path, status = reply.call.method, reply.path, reply.status
    tail = path.partition("?")[0].rstrip("/").rpartition("/")[2]
    if method == "POST" and path.rstrip("/").endswith(profile.prefix + "users"):
        return int(status == 201)
    if tail == "create" or tail == "login":
        # django/contrib/auth/backends.py: an unknown user costs one as well
        return int(status != 415 and b"password" in reply.call.body)
    if tail == "set_password":
        return 2 if status == 204 else int(b"current_password" in reply.call.body and status == 400)
    if tail == "reset_password_confirm":
        return int(status == 204)
    if tail == f"set_{profile.user.login_field}" or (method == "DELETE" and tail == "me"):
        return int(b"current_password" in reply.call.body and status in {204, 400})
    return 0
