"""How callers are known: the schemes that work with real credentials, and what their tokens say."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from authspec_conformance.exchange import Reply
from authspec_conformance.probe.findings import Findings
from authspec_conformance.probe.pages import log_in_by_page
from authspec_conformance.probe.visitor import Guest, Unexpected, Visitor, claims, next_second
from authspec_contract.profile import Profile

_WORDS = ("JWT", "Bearer", "Token")
_STANDARD_CLAIMS = {"token_type", "exp", "iat", "jti"}


def log_in(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """Logs in by whatever is mounted, and tells the authentication classes that take it.

    Raises Unexpected where no login works.
    """
    word = _challenged(visitor)
    schemes: list[str] = []
    tried = {"basic"}
    for scheme, step in (("jwt", _by_jwt), ("token", _by_token)):
        if scheme in findings.get("urls", []):
            headers = step(visitor, findings, guest, word)
            if headers is None:
                continue
            tried.add(scheme)
            if headers:
                schemes.append(scheme)
                guest.headers = guest.headers or headers
    basic = basic_header(findings, guest)
    if _known(visitor, basic):
        schemes.append("basic")
        guest.headers = guest.headers or basic
    _session(visitor, findings, guest, schemes, tried)
    if not guest.headers:
        raise Unexpected("no login of the probe's account works")
    _authentication(visitor, findings, schemes, tried, word)


def still_known(visitor: Visitor, headers: Mapping[str, str]) -> bool:
    """Whether these credentials work."""
    return _known(visitor, headers)


def jwt_login(visitor: Visitor, findings: Findings, guest: Guest) -> Reply:
    """One login by JSON web token, by the value that was found to work."""
    field = findings.get("user.login_field", "email")
    value = guest.email if "jwt by address" in findings.notes else guest.login
    return visitor.post("jwt/create/", {field: value, "password": guest.password})


def _first_jwt_login(visitor: Visitor, findings: Findings, guest: Guest) -> Reply:
    """Djoser's LoginFieldBackend wants LOGIN_FIELD's value under USERNAME_FIELD's name (djoser/auth_backends.py)."""
    reply = jwt_login(visitor, findings, guest)
    if reply.status != 401 or guest.email == guest.login:
        return reply
    findings.notes["jwt by address"] = True
    second = jwt_login(visitor, findings, guest)
    if second.status != 200:
        del findings.notes["jwt by address"]
        return reply
    field = findings.get("user.email_field", "email")
    findings.tell("djoser.LOGIN_FIELD", field, f"jwt/create takes the value of {field} alone")
    return second


def token_login(visitor: Visitor, findings: Findings, guest: Guest) -> Reply:
    """One login by DRF token, under the name that was found to work."""
    field = findings.notes.get("token field", findings.get("user.login_field", "email"))
    value = guest.email if field == findings.get("user.email_field") else guest.login
    return visitor.post("token/login/", {field: value, "password": guest.password})


def _challenged(visitor: Visitor) -> str | None:
    """The word of `WWW-Authenticate`; None for a refusal with 403."""
    reply = visitor.call("GET", "users/me/")
    if reply.status == 403:
        return None
    if reply.status != 401:
        raise Unexpected(f"an anonymous caller is not refused ({reply})")
    return reply.headers.get("WWW-Authenticate", "").partition(" ")[0]


def _known(visitor: Visitor, headers: Mapping[str, str]) -> bool:
    return visitor.call("GET", "users/me/", headers=headers).status == 200


def _by_jwt(
    visitor: Visitor, findings: Findings, guest: Guest, word: str | None
) -> Mapping[str, str] | None:
    """The header that works; empty where none does; None where there is no token to try."""
    reply = _first_jwt_login(visitor, findings, guest)
    if reply.status != 200 or not isinstance(reply.json, dict) or "access" not in reply.json:
        return None
    access, refresh = str(reply.json["access"]), str(reply.json.get("refresh", ""))
    guest.refresh = refresh or None
    _claims(findings, guest, access, refresh)
    words = [w for w in dict.fromkeys([word or "", *_WORDS]) if w and w != "Basic"]
    working = [w for w in words if _known(visitor, {"Authorization": f"{w} {access}"})]
    if not working:
        return {}
    findings.tell(
        "simple_jwt.AUTH_HEADER_TYPES",
        working,
        f"of {', '.join(words)}, the target takes an access token behind these words",
        holds=lambda p: {w for w in p.simple_jwt.AUTH_HEADER_TYPES if w in words} == set(working),
    )
    return {"Authorization": f"{working[0]} {access}"}


def _claims(findings: Findings, guest: Guest, access: str, refresh: str) -> None:
    said, longer = claims(access), claims(refresh)
    # rest_framework_simplejwt/tokens.py 5.5 RefreshToken.access_token: both expire relative to the
    # moment of the refresh token; the access token's own iat may be a second later
    since = longer.get("iat", said.get("iat"))
    for setting, token in (("ACCESS_TOKEN_LIFETIME", said), ("REFRESH_TOKEN_LIFETIME", longer)):
        if isinstance(token.get("exp"), int) and isinstance(since, int):
            seen = "exp less the refresh token's iat"
            findings.tell(f"simple_jwt.{setting}", token["exp"] - since, seen)
    own = [name for name in said if name not in _STANDARD_CLAIMS]
    id_ = guest.shown.get("id")
    if id_ is not None and len(own) >= 1:
        named = [name for name in own if str(said[name]) == str(id_)]
        if len(named) == 1:
            findings.tell("simple_jwt.USER_ID_CLAIM", named[0], "the claim that holds the id")
    elif len(own) == 1:
        findings.tell("simple_jwt.USER_ID_CLAIM", own[0], "the only claim beside the standard ones")
        guest.shown = {**guest.shown, "id": said[own[0]]}


def _by_token(
    visitor: Visitor, findings: Findings, guest: Guest, word: str | None
) -> Mapping[str, str] | None:
    login, email = findings.get("user.login_field", "email"), findings.get("user.email_field")
    for field in dict.fromkeys([login, email]):
        value = guest.email if field == email else guest.login
        reply = visitor.post("token/login/", {field: value, "password": guest.password})
        if reply.status >= 500:
            findings.tell("djoser.TOKEN_MODEL", None, f"a login by token ends in {reply.status}")
            return None
        if reply.status == 200 and isinstance(reply.json, dict) and "auth_token" in reply.json:
            stock = "rest_framework.authtoken.models.Token"
            findings.tell("djoser.TOKEN_MODEL", stock, "token/login hands out a token")
            findings.notes["token field"] = field
            if field != login:
                findings.tell("djoser.LOGIN_FIELD", field, f"token/login takes {field} alone")
            _session_cookie(findings, guest, reply)
            words = dict.fromkeys(["Token", word or "Token"])
            for headers in ({"Authorization": f"{w} {reply.json['auth_token']}"} for w in words):
                if _known(visitor, headers):
                    keyword = headers["Authorization"].partition(" ")[0]
                    findings.tell("token_keyword", keyword, "a token works behind this word")
                    return headers
            return {}
    return None


def _session_cookie(findings: Findings, guest: Guest, reply: Reply) -> None:
    names = [name for name in reply.cookies if name.startswith("sessionid") or "session" in name]
    findings.tell(
        "djoser.CREATE_SESSION_ON_LOGIN",
        bool(names),
        f"token/login sets {', '.join(reply.cookies) or 'no cookie'}",
    )
    if names:
        cookies = "; ".join(f"{name}={value}" for name, value in reply.cookies.items())
        findings.notes["cookies"] = cookies


def basic_header(findings: Findings, guest: Guest) -> Mapping[str, str]:
    """Basic credentials: what authenticates is the value of Djoser's LOGIN_FIELD."""
    field = findings.get("djoser.LOGIN_FIELD")
    by_address = field is not None and field == findings.get("user.email_field")
    name = guest.email if by_address else guest.login
    return {"Authorization": f"Basic {b64encode(f'{name}:{guest.password}'.encode()).decode()}"}


def _session(
    visitor: Visitor, findings: Findings, guest: Guest, schemes: list[str], tried: set[str]
) -> None:
    cookies = findings.notes.get("cookies")
    headers = log_in_by_page(visitor, findings, guest)
    if headers is None and cookies and _known(visitor, {"Cookie": cookies}):
        headers = {"Cookie": cookies}
    if cookies or headers:
        tried.add("session")
    if headers:
        schemes.append("session")
    if headers and len(headers) > 1:  # those of a page have the CSRF token that writes need
        guest.headers = guest.headers or headers


def _authentication(
    visitor: Visitor, findings: Findings, schemes: list[str], tried: set[str], word: str | None
) -> None:
    """The first class is told by the challenge (rest_framework/views.py get_authenticate_header)."""
    words = findings.get("simple_jwt.AUTH_HEADER_TYPES", [])
    first = (
        "session" if word is None
        else "jwt" if word in words
        else "token" if word == findings.get("token_keyword", "Token")
        else "basic" if word == "Basic" else None
    )  # fmt: skip
    if first is None:
        findings.cannot("authentication", f"the challenge {word!r} belongs to no known scheme")
        return
    found = [first, *(scheme for scheme in schemes if scheme != first)]
    challenge = "a refusal is a 403" if word is None else f"refusals are challenged with {word}"
    untried = sorted({"session", "token", "jwt"} - tried - {first})
    rest = f"; whether {' or '.join(untried)} is among them cannot be told" if untried else ""
    findings.tell(
        "authentication",
        found,
        f"{challenge}, so {first} is the first class; the others work, their order cannot be told{rest}",
        holds=_same_schemes(found, tried | {first}),
    )


def _same_schemes(found: list[str], tried: set[str]) -> Any:
    def holds(profile: Profile) -> bool:
        declared = profile.authentication
        return declared[0] == found[0] and {s for s in declared if s in tried} == set(found)

    return holds


def refreshing(visitor: Visitor, findings: Findings, guest: Guest) -> None:
    """Rotation shows in the answer, the blacklist in a second use."""
    if not guest.refresh:
        raise Unexpected("there is no refresh token to try")
    reply = visitor.post("jwt/refresh/", {"refresh": guest.refresh})
    if reply.status != 200 or not isinstance(reply.json, dict):
        raise Unexpected(f"a refresh token is refused ({reply})")
    rotated = reply.json.get("refresh")
    findings.tell(
        "simple_jwt.ROTATE_REFRESH_TOKENS",
        bool(rotated),
        f"jwt/refresh hands out {', '.join(reply.json)}",
    )
    if not rotated:
        reason = "refresh tokens do not rotate, so it makes no difference"
        findings.cannot("simple_jwt.BLACKLIST_AFTER_ROTATION", reason)
        return
    again = visitor.post("jwt/refresh/", {"refresh": guest.refresh}).status
    findings.tell(
        "simple_jwt.BLACKLIST_AFTER_ROTATION",
        again == 401,
        f"the same refresh token is answered {again} the second time",
    )
    guest.refresh = str(rotated)


def last_login(visitor: Visitor, findings: Findings, guest: Guest, reset: tuple[str, str]) -> bool:
    """Logs in by JWT between a reset mail and its use; gives whether there is such a login.

    Django's token holds `last_login` to the second (django/contrib/auth/tokens.py).
    """
    if "jwt" not in findings.get("urls", []):
        return False
    next_second()
    return jwt_login(visitor, findings, guest).status == 200
