"""Whether a login page begins a session that the target knows callers by."""

from collections.abc import Mapping

from authspec_conformance.client import Client
from authspec_conformance.errors import Inconclusive
from authspec_conformance.probe.findings import Findings
from authspec_conformance.probe.visitor import Guest, Visitor
from authspec_conformance.session_login import SessionNames, SessionPages, session_credentials

USUAL = ("/api-auth/login/", "/accounts/login/")
"""Where `rest_framework.urls` and `django.contrib.auth.urls` are mounted as a rule."""


def log_in_by_page(visitor: Visitor, findings: Findings, guest: Guest) -> Mapping[str, str] | None:
    """The headers of a session that works; None where no page begins one."""
    found = findings.get("session_login")
    for path in (found,) if found else USUAL:
        headers = _by_page(visitor, guest, path)
        if headers is None:
            continue
        if visitor.call("GET", "users/me/", headers=headers).status == 200:
            findings.tell("session_login", path, f"a login by {path} begins a session that works")
            return headers
    findings.cannot(
        "session_login",
        f"no login page under {' or '.join(USUAL)}; one elsewhere would not be seen",
    )
    return None


def _by_page(visitor: Visitor, guest: Guest, path: str) -> Mapping[str, str] | None:
    if visitor.call("GET", path).status != 200:
        return None
    names = SessionNames()
    pages = SessionPages(Client(visitor.target, {}), path, names)
    try:
        reply = pages.log_in(guest.login, guest.password)
    except Inconclusive:
        return None
    session = session_credentials(reply, names, visitor.target.base)
    return None if session is None else session.headers
