"""What can be seen without an account: where Djoser is, what it asks for, how it refuses."""

from collections.abc import Mapping

from authspec_conformance.exchange import MISSING, Reply
from authspec_conformance.probe.findings import Findings
from authspec_conformance.probe.visitor import Unexpected, Visitor, errors
from authspec_contract.errors import TargetError
from authspec_contract.profile import Profile

PREFIXES = (
    "/auth/", "/api/auth/", "/api/v1/auth/", "/v1/auth/", "/api/v1/", "/api/", "/accounts/",
    "/api/accounts/", "/",
)  # fmt: skip
REQUIRED = "This field is required."
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


def find_prefix(visitor: Visitor, findings: Findings, given: str) -> None:
    """Tries the usual prefixes, the URL's own path first. Raises TargetError where none is Djoser's."""
    own = given.rstrip("/") + "/"
    tried = dict.fromkeys([own, *(own.rstrip("/") + prefix for prefix in PREFIXES)])
    for prefix in tried:
        try:
            reply = visitor.call("POST", f"{prefix}users/", {})
            found = _is_djoser(visitor, prefix, reply)
        except Unexpected as error:
            raise TargetError(f"{error}; nothing can be told of it.") from None
        if found:
            visitor.prefix = prefix
            findings.tell(
                "prefix", prefix, f"POST {prefix}users/ answers {reply.status} as Djoser does"
            )
            return
    raise TargetError(
        f"No Djoser was found at {visitor.target.base}: tried POST users/ under "
        f"{', '.join(tried)}. Give the URL with the path under which djoser.urls is mounted."
    )


def _is_djoser(visitor: Visitor, prefix: str, reply: Reply) -> bool:
    if "password" in errors(reply):
        return True
    if reply.status not in {401, 403} or reply.json is MISSING:
        return False
    # registration is not open here; what follows exists in Djoser alone
    inside = visitor.call("POST", f"{prefix}users/reset_password/", {})
    return inside.status in {400, 401, 403} and inside.json is not MISSING


def mounted(visitor: Visitor, findings: Findings) -> None:
    """Which of Djoser's URL modules there are."""
    urls, seen = ["users"], []
    for name, path in (("jwt", "jwt/create/"), ("token", "token/login/")):
        reply = visitor.post(path, {})
        if reply.status != 404:
            urls.append(name)
        seen.append(f"{path} answers {reply.status}")
    findings.tell("urls", urls, "; ".join(seen))


def login_field(visitor: Visitor, findings: Findings) -> None:
    """The model's USERNAME_FIELD: simplejwt asks for it, and Djoser's path set_… has its name."""
    asked = [k for k in errors(visitor.post("jwt/create/", {})) if k not in _NO_LOGINS]
    if len(asked) == 1:
        findings.tell("user.login_field", asked[0], f"jwt/create asks for {asked[0]}")
        return
    wanted = [k for k in errors(visitor.post("users/", {})) if k not in _NO_LOGINS]
    for name in dict.fromkeys([*wanted, "email", "username", "phone"]):
        # any other name is taken for an account's id, whose path has no POST (djoser/urls/base.py)
        allowed = visitor.post(f"users/set_{name}/", {}).headers.get("Allow", "")
        if "POST" in allowed:
            findings.tell("user.login_field", name, f"users/set_{name}/ has a POST")
            return
    findings.cannot("user.login_field", "no path users/set_… of the usual names has a POST")


_NO_LOGINS = {"password", "re_password", "non_field_errors", "detail"}


def email_field(visitor: Visitor, findings: Findings) -> None:
    """The model's EMAIL_FIELD is what a reset asks for."""
    asked = list(errors(visitor.post("users/reset_password/", {})))
    if len(asked) == 1:
        findings.tell("user.email_field", asked[0], f"users/reset_password/ asks for {asked[0]}")
    else:
        findings.cannot("user.email_field", "users/reset_password/ does not say what it asks for")


def asked_fields(visitor: Visitor, findings: Findings) -> None:
    """Retyped values are required fields of the empty call."""
    login = findings.get("user.login_field", "email")
    probes = (
        ("USER_CREATE_PASSWORD_RETYPE", "users/", "password"),
        ("PASSWORD_RESET_CONFIRM_RETYPE", "users/reset_password_confirm/", "new_password"),
        ("USERNAME_RESET_CONFIRM_RETYPE", f"users/reset_{login}_confirm/", "new_"),
    )
    for setting, path, field in probes:
        retyped(findings, setting, errors(visitor.post(path, {})), path, field)


def retyped(
    findings: Findings, setting: str, asked: Mapping[str, object], path: str, field: str
) -> None:
    """Tells a retype flag by whether an empty call is asked for the second value."""
    name = f"djoser.{setting}"
    if not any(key.startswith(field) for key in asked):
        findings.cannot(name, f"an empty call of {path} is not told its fields")
        return
    again = [key for key in asked if key.startswith(f"re_{field}")]
    evidence = f"an empty call of {path} is asked for {', '.join(asked)}"
    findings.tell(name, bool(again), evidence)


def challenge(visitor: Visitor, findings: Findings) -> str | None:
    """`WWW-Authenticate` of a refusal; None where it is a 403. Tells nothing by itself."""
    reply = visitor.call("GET", "users/me/")
    if reply.status not in {401, 403}:
        raise Unexpected(f"an anonymous caller is not refused ({reply})")
    if reply.status == 403:
        return None
    return reply.headers.get("WWW-Authenticate", "")


def language(visitor: Visitor, findings: Findings) -> None:
    """By Django REST Framework's commonest message."""
    texts = [text for found in errors(visitor.post("users/", {})).values() for text in found]
    texts += [
        t for found in errors(visitor.post("users/reset_password/", {})).values() for t in found
    ]
    if REQUIRED in texts:
        findings.tell(
            "language",
            "en",
            f"a missing field is answered by {REQUIRED!r}",
            holds=lambda profile: profile.language.partition("-")[0] == "en",  # as en-gb has it too
        )
        return
    named = visitor.call("GET", "users/me/").headers.get("Content-Language")
    if named:
        findings.tell("language", named, f"Content-Language is {named}")
    else:
        findings.cannot("language", f"not English: {texts[:1]}")


def media(visitor: Visitor, findings: Findings) -> None:
    """Parsers by media types that are not refused with 415, renderers by a page for browsers."""
    path, body = "users/reset_password/", b"a=b"
    parsers = ["json"] if visitor.post(path, {}).status != 415 else []
    if visitor.call("POST", path, data=body, headers=_FORM).status != 415:
        parsers.append("form")
    parts = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    if visitor.call("POST", path, data=parts, headers=_MULTIPART).status != 415:
        parsers.append("multipart")
    findings.tell("parsers", parsers, f"POST {path} takes these media types and no other")
    page = visitor.call("GET", "users/me/", headers={"Accept": "text/html"})
    browsable = "text/html" in page.headers.get("Content-Type", "") and page.status != 406
    renderers = ["json", "browsable"] if browsable else ["json"]
    findings.tell("renderers", renderers, f"Accept: text/html is answered {page.status}, "
                  f"{page.headers.get('Content-Type', 'without a type').partition(';')[0]}")  # fmt: skip


def slash(visitor: Visitor, findings: Findings) -> None:
    """A GET without the trailing slash is redirected or not found."""
    reply = visitor.call("GET", "users/me")
    if reply.status in {301, 308}:
        findings.tell("django.APPEND_SLASH", True, f"GET users/me is redirected ({reply.status})")
    elif reply.status == 404:
        findings.tell("django.APPEND_SLASH", False, "GET users/me is not found")
    else:
        findings.cannot("django.APPEND_SLASH", f"GET users/me answers {reply.status}")


def unknown_addresses(visitor: Visitor, findings: Findings) -> None:
    """What a reset and a resend answer for an address that nobody has."""
    email = findings.get("user.email_field", "email")
    names = ("PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND", "USERNAME_RESET_SHOW_EMAIL_NOT_FOUND")
    reply = visitor.post("users/reset_password/", {email: visitor.address()})
    seen = f"users/reset_password/ answers {reply.status} for an address that nobody has"
    if reply.status == 204:
        for name in names:
            findings.tell(f"djoser.{name}", False, seen)
    elif reply.status == 400:
        findings.tell(f"djoser.{names[0]}", True, f"{seen}; which of the two settings is on cannot "
                      "be told, and makes no difference to clients", holds=_shows)  # fmt: skip
        findings.cannot(f"djoser.{names[1]}", "Djoser treats both settings alike")
    else:
        findings.cannot(f"djoser.{names[0]}", seen)
    resend = visitor.post("users/resend_activation/", {email: visitor.address()})
    if resend.status == 204:
        findings.tell("djoser.SEND_ACTIVATION_EMAIL", True, "users/resend_activation/ answers 204")
    elif resend.status == 400 and not resend.body:
        # djoser/views.py resend_activation, since 2.2.1; before, an unknown address got this as well
        findings.notes["resend refused"] = True


def _shows(profile: Profile) -> bool:
    djoser = profile.djoser
    return djoser.PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND or djoser.USERNAME_RESET_SHOW_EMAIL_NOT_FOUND


def root(visitor: Visitor, findings: Findings) -> None:
    """Of Djoser's views only the API root follows DRF's default permission."""
    reply = visitor.call("GET", visitor.prefix)
    if reply.status == 200 and isinstance(reply.json, dict) and "users" in reply.json:
        findings.tell("permissions.default", ["AllowAny"], "the API root answers anonymous callers")
    elif reply.status not in {401, 403}:
        findings.cannot("permissions.default", f"the API root answers {reply.status}")


def djoser_version(visitor: Visitor, findings: Findings) -> None:
    """By what differs between versions in the paths and in the refusal of wrong methods."""
    if visitor.call("PUT", "users/", {}).status == 405:
        findings.tell("versions.djoser", "3.0", "an anonymous PUT users/ is answered 405: 3.0 or later",
                      holds=lambda p: p.versions.at_least("djoser", "3"))  # fmt: skip
        return
    if "jwt" in findings.get("urls", []):
        open_ended = visitor.post("jwt/createXYZ", {}).status
        bare = visitor.post("jwt/create", {}).status
        if open_ended == 404 and bare == 301:
            findings.tell(
                "versions.djoser",
                "2.2.1",
                "jwt/create without a slash is redirected, as in 2.2.1 alone",
            )
            return
    findings.cannot(
        "versions.djoser",
        "2.1 to 2.3, which differ little from outside",
        holds=lambda p: not p.versions.at_least("djoser", "3") and p.versions.djoser != "2.2.1",
    )


def old_djoser(findings: Findings) -> None:
    """Before 2.2.1, resend_activation told an unknown address apart although activation was on."""
    if findings.get("djoser.SEND_ACTIVATION_EMAIL") and "resend refused" in findings.notes:
        findings.tell(
            "versions.djoser",
            "2.2",
            "users/resend_activation/ refuses an address that nobody has, where activation is on: "
            "2.2.0 or earlier",
            holds=lambda p: not p.versions.at_least("djoser", "2.2.1"),
        )
