"""The URLs of Djoser and simplejwt and what stands behind each method (djoser/urls, DRF's DefaultRouter)."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from authspec_contract.profile import Profile
from authspec_mock.core.era import Era

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
_SUFFIX = r"\.(?P<format>[a-z0-9]+)/?"


@dataclass(frozen=True, eq=False)
class Route:
    """One view: its name, and by method the action that answers."""

    view: str
    actions: dict[str, str]
    name: str
    """What OPTIONS and the browsable API call it."""
    description: str = ""
    kind: str = "viewset"
    """`viewset`, `token` (Djoser's), `jwt` (simplejwt's, without authentication), `root` or `page`
    (Django's own, beneath DRF)."""
    allow: str = field(init=False, default="")

    def __post_init__(self) -> None:
        if "GET" in self.actions:
            self.actions.setdefault("HEAD", self.actions["GET"])
        known = {*self.actions, "OPTIONS"}
        object.__setattr__(self, "allow", ", ".join(m for m in _METHODS if m in known))


class Match(NamedTuple):
    route: Route
    arguments: dict[str, str]


class Routes:
    """Finds the route of a path."""

    def __init__(self, profile: Profile, era: Era) -> None:
        self._era = era
        self._prefix = profile.prefix
        self._exact: dict[str, Match] = {}
        self._patterns: list[tuple[re.Pattern[str], bool, Route]] = []
        self._lookup = profile.djoser.USER_ID_FIELD
        if "users" in profile.urls:
            self._add_users(profile)
        if "jwt" in profile.urls:
            self._add_jwt()
        if "token" in profile.urls:
            self._add_token()
        if profile.session_login:
            self._add_pages(profile.session_login)

    def find(self, path: str) -> Match | None:
        """The route of a path, as Django's resolver finds it."""
        found = self._exact.get(path)
        if found is not None or not path.startswith(self._prefix):
            return found
        rest = path[len(self._prefix) :]
        for pattern, whole, route in self._patterns:
            match = pattern.fullmatch(rest) if whole else pattern.match(rest)
            if match is not None:
                return Match(route, {k: v for k, v in match.groupdict().items() if v is not None})
        return None

    def _add(self, route: Route, path: str, pattern: str, *, whole: bool = True) -> None:
        """A route by its plain path, and by the pattern for whatever else it matches."""
        if path:
            self._exact[self._prefix + path] = Match(route, {})
        self._patterns.append((re.compile(pattern), whole, route))

    def _add_users(self, profile: Profile) -> None:
        users = Route("users", {"GET": "list", "POST": "create"}, "User List")
        self._add(users, "users/", f"users{_SUFFIX}")
        login = profile.user.login_field
        for action, path in (
            ("activation", "activation"),
            ("me", "me"),
            ("resend_activation", "resend_activation"),
            ("reset_password", "reset_password"),
            ("reset_password_confirm", "reset_password_confirm"),
            ("reset_username", f"reset_{login}"),
            ("reset_username_confirm", f"reset_{login}_confirm"),
            ("set_password", "set_password"),
            ("set_username", f"set_{login}"),
        ):
            methods = ("GET", "PUT", "PATCH", "DELETE") if action == "me" else ("POST",)
            name = action.replace("_", " ").capitalize()
            route = Route(f"users/{path}", dict.fromkeys(methods, action), name)
            self._add(route, f"users/{path}/", rf"users/{path}{_SUFFIX}")
        detail = Route(
            "users/{id}",
            {"GET": "retrieve", "PUT": "update", "PATCH": "partial_update", "DELETE": "destroy"},
            "User Instance",
        )
        self._add(detail, "", r"users/(?P<id>[^/.]+)/")
        self._add(detail, "", rf"users/(?P<id>[^/.]+){_SUFFIX}")
        if self._era.methods_first:
            return  # djoser 3 has no API root
        root = Route("root", {"GET": "root"}, "Api Root", _ROOT_TEXT, "root")
        self._exact[self._prefix] = Match(root, {})
        self._add(root, "", _SUFFIX)

    def _add_jwt(self) -> None:
        for action, name, text in _JWT:
            route = Route(f"jwt/{action}", {"POST": f"jwt_{action}"}, name, text, "jwt")
            if self._era.login_paths_end:
                self._add(route, f"jwt/{action}/", f"jwt/{action}/")
            else:
                # djoser/urls/jwt.py has no `$`: whatever follows is let through
                self._add(route, f"jwt/{action}/", f"jwt/{action}/?", whole=False)

    def _add_token(self) -> None:
        login = Route("token/login", {"POST": "token_create"}, "Token Create", _LOGIN_TEXT, "token")
        logout = Route(
            "token/logout", {"POST": "token_destroy"}, "Token Destroy", _LOGOUT_TEXT, "token"
        )
        slash = "/" if self._era.login_paths_end else "/?"
        self._add(login, "token/login/", f"token/login{slash}")
        self._add(logout, "token/logout/", f"token/logout{slash}")

    def _add_pages(self, login: str) -> None:
        """rest_framework/urls.py, or django/contrib/auth/urls.py."""
        beside = login.rstrip("/").rpartition("/")[0]
        logout = f"{beside}/logout{'/' if login.endswith('/') else ''}"
        posted = {"GET": "login_page", "POST": "log_in", "PUT": "log_in"}
        self._exact[login] = Match(Route("login", posted, "Login", kind="page"), {})
        self._exact[logout] = Match(Route("logout", {"POST": "log_out"}, "Logout", kind="page"), {})


# The views' own docstrings, which OPTIONS answers with
_ROOT_TEXT = "The default basic root view for DefaultRouter"
_LOGIN_TEXT = "Use this endpoint to obtain user authentication token."
_LOGOUT_TEXT = "Use this endpoint to logout user (remove user authentication token)."
_JWT = (
    (
        "create",
        "Token Obtain Pair",
        "Takes a set of user credentials and returns an access and refresh JSON web\n"
        "token pair to prove the authentication of those credentials.",
    ),
    (
        "refresh",
        "Token Refresh",
        "Takes a refresh type JSON web token and returns an access type JSON web\n"
        "token if the refresh token is valid.",
    ),
    (
        "verify",
        "Token Verify",
        "Takes a token and indicates if it is valid.  This view provides no\n"
        "information about a token's fitness for a particular use.",
    ),
)
