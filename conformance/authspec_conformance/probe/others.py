"""What an account sees of others, and what its deletion leaves working."""

from authspec_conformance.probe.findings import Findings
from authspec_conformance.probe.logins import jwt_login
from authspec_conformance.probe.visitor import Guest, Unexpected, Visitor


def hidden(visitor: Visitor, findings: Findings, guest: Guest, other: Guest) -> None:
    """Whether the list shows more than oneself, or a refused look at another says that it exists."""
    reply = visitor.call("GET", "users/", headers=guest.headers)
    rows = reply.json
    if isinstance(rows, dict) and isinstance(rows.get("results"), list):
        rows = rows["results"]
    if reply.status == 200 and isinstance(rows, list):
        seen = f"users/ shows {len(rows)} of at least two accounts"
        findings.tell("djoser.HIDE_USERS", len(rows) < 2, seen)
        return
    value = other.shown.get(findings.get("djoser.USER_ID_FIELD", "id"))
    if value is None:
        raise Unexpected(f"users/ is refused ({reply}), and the other account's id is not known")
    status = visitor.call("GET", f"users/{value}/", headers=guest.headers).status
    if status in {403, 404}:
        findings.tell(
            "djoser.HIDE_USERS", status == 404, f"a look at another account is answered {status}"
        )


def root_for_owner(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """The API root follows DRF's default permission."""
    reply = visitor.call("GET", visitor.prefix, headers=guest.headers)
    if not isinstance(reply.json, dict):
        return  # another page stands there
    if reply.status == 200 and "users" in reply.json:
        findings.tell(
            "permissions.default", ["IsAuthenticated"], "the API root is for logged-in callers"
        )
    elif reply.status == 403:
        findings.tell(
            "permissions.default", ["IsAdminUser"], "the API root is closed to an ordinary account"
        )


def delete(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """Deletes the account; a refresh token of a deleted one tells simplejwt's versions apart."""
    refresh = None
    if "jwt" in findings.get("urls", []):
        reply = jwt_login(visitor, findings, guest)
        if reply.status == 200 and isinstance(reply.json, dict):
            refresh = reply.json.get("refresh")
    gone = visitor.call(
        "DELETE", "users/me/", {"current_password": guest.password}, headers=guest.headers
    )
    if gone.status != 204:
        raise Unexpected(f"the probe's account could not be deleted ({gone})")
    guest.gone = True
    if refresh:
        _simplejwt(findings, visitor.post("jwt/refresh/", {"refresh": refresh}).status)


def _simplejwt(findings: Findings, status: int) -> None:
    seen = f"a deleted account's refresh token is answered {status}"
    name = "versions.simplejwt"
    if status == 200:
        findings.tell(name, "5.3", f"{seen}: 5.3.1 or earlier",
                      holds=lambda p: not p.versions.at_least("simplejwt", "5.4"))  # fmt: skip
    else:
        findings.cannot(name, f"{seen}: 5.4 or later",
                        holds=lambda p: p.versions.at_least("simplejwt", "5.4"))  # fmt: skip
