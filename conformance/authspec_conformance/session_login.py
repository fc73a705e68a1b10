"""Logging in by a page: a form with its CSRF token goes out, and a session cookie comes back."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote_plus, urlencode, urljoin

from authspec_conformance.client import Client, Credentials
from authspec_conformance.errors import Inconclusive
from authspec_conformance.exchange import Reply
from authspec_contract.errors import UsageError
from authspec_contract.profile import Profile

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class SessionNames:
    """What a deployment calls the parts of its session login; the defaults are Django's."""

    username_field: str = "username"
    """django/contrib/auth/forms.py AuthenticationForm: `username`, whatever the model's field is."""
    password_field: str = "password"
    session_cookie: str = "sessionid"
    csrf_cookie: str = "csrftoken"
    csrf_header: str = "X-CSRFToken"


@dataclass(frozen=True)
class SessionPages:
    """The page that begins a session, and the one beside it that ends it."""

    api: Client
    path: str
    names: SessionNames

    def log_in(self, login: str, password: str, cookies: Mapping[str, str] | None = None) -> Reply:
        """One attempt, as a browser with these cookies makes it; the answer to the posted form."""
        page = self.api.raw("GET", self.path, headers=self._cookie_header(cookies or {}))
        if page.status == 404:
            raise Inconclusive(
                f"{page}: there is no login page; mend 'session_login' or [login] url"
            )
        kept = (self.names.session_cookie, self.names.csrf_cookie)
        # as in a browser, what the page sets takes the place of what was brought along
        set_there = {name: page.cookies[name] for name in kept if page.cookies.get(name)}
        jar = {**(cookies or {}), **set_there}
        # a registration loses the blanks around a password (rest_framework/fields.py CharField), and
        # unlike a login of DRF's a Django form does not
        password = password.strip()
        form = {self.names.username_field: login, self.names.password_field: password}
        self.api.target.redactor.learn(quote_plus(password))  # as it stands in the form
        reply = self.post(self.path, form, jar, _token_in(page))
        return self._by_json(form, jar) if reply.status == 415 else reply

    def _by_json(self, form: Mapping[str, str], cookies: Mapping[str, str]) -> Reply:
        """The same to a login view that reads JSON alone."""
        token = cookies.get(self.names.csrf_cookie)
        headers = {
            "Content-Type": "application/json",
            "Referer": self.api.target.base + self.path,
            **self._cookie_header(cookies),
            **({self.names.csrf_header: token} if token else {}),
        }
        return self.api.raw("POST", self.path, data=json.dumps(form).encode(), headers=headers)

    def log_out(self, session: Credentials) -> Reply:
        """Ends a session by the page beside; `next` keeps a project without templates from failing."""
        path = urljoin(self.path, "../logout/" if self.path.endswith("/") else "logout")
        token = session.headers.get(self.names.csrf_header)
        return self.post(path, {"next": "/"}, session.cookies, token)

    def learn_token(self, session: Credentials) -> None:
        """Reads the CSRF token off the page, where it is kept in the session (CSRF_USE_SESSIONS)."""
        if self.names.csrf_cookie in session.cookies or not isinstance(session.headers, dict):
            return
        page = self.api.raw("GET", self.path, headers=self._cookie_header(session.cookies))
        if token := _token_in(page):
            self.api.target.redactor.learn(token, "TOKEN")
            session.headers[self.names.csrf_header] = token

    def post(
        self,
        path: str,
        form: Mapping[str, str],
        cookies: Mapping[str, str],
        token: str | None = None,
    ) -> Reply:
        """A form, with the CSRF token of the cookies, else with the one that is given."""
        token = cookies.get(self.names.csrf_cookie) or token
        fields = {**form, **({"csrfmiddlewaretoken": token} if token else {})}
        headers = {
            "Content-Type": _FORM,
            # django/middleware/csrf.py _check_referer: HTTPS asks for it
            "Referer": self.api.target.base + path,
            **self._cookie_header(cookies),
        }
        return self.api.raw("POST", path, data=urlencode(fields).encode(), headers=headers)

    def is_login(self, reply: Reply) -> bool:
        """Whether this is the answer of the login page to a form."""
        return reply.call.method == "POST" and reply.call.url == self.api.target.base + self.path

    def _cookie_header(self, cookies: Mapping[str, str]) -> Mapping[str, str]:
        return {"Cookie": cookie_header(cookies)} if cookies else {}


def _token_in(page: Reply) -> str | None:
    """The CSRF token of a page's form (django/template/defaulttags.py CsrfTokenNode)."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    return found[1] if found else None


def session_key(reply: Reply, names: SessionNames) -> str:
    """The key in the session cookie that an answer sets; empty where it sets none."""
    return reply.cookies.get(names.session_cookie, "").strip('"')


def session_credentials(reply: Reply, names: SessionNames, base: str) -> Credentials | None:
    """The session that an answer begins; None where it begins none.

    A page that refuses a login may begin an anonymous session; what lets somebody in goes on to
    another page, or answers data.
    """
    key = session_key(reply, names)
    kind = reply.headers.get("Content-Type", "")
    if not key or reply.status >= 400 or (reply.status == 200 and "html" in kind):
        return None
    cookies = {names.session_cookie: key}
    if token := reply.cookies.get(names.csrf_cookie) or _sent_token(reply, names):
        cookies[names.csrf_cookie] = token
    return _credentials(cookies, names, base)


def _credentials(cookies: dict[str, str], names: SessionNames, base: str) -> Credentials:
    headers: dict[str, str] = {"Referer": f"{base}/"}

    def put_into_headers() -> None:
        headers["Cookie"] = cookie_header(cookies)
        if names.csrf_cookie in cookies:
            headers[names.csrf_header] = cookies[names.csrf_cookie]

    def follow(reply: Reply) -> None:
        """As a browser does, save that a deleted cookie stays: whether it is dead has to be seen."""
        for name in (names.session_cookie, names.csrf_cookie):
            value = reply.cookies.get(name, "").strip('"')
            if value:
                cookies[name] = value
        put_into_headers()

    put_into_headers()
    key = cookies[names.session_cookie]
    return Credentials("session", headers, key, cookies=cookies, follow=follow)


def cookie_header(cookies: Mapping[str, str]) -> str:
    """The cookies as one header has them."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _sent_token(reply: Reply, names: SessionNames) -> str | None:
    """The CSRF token that the call itself had: a login need not change it."""
    sent = reply.call.headers.get("Cookie", "")
    pairs = (pair.partition("=") for pair in sent.split("; "))
    return next((value for name, _, value in pairs if name == names.csrf_cookie), None)


def with_login_page(profile: Profile, path: str | None) -> Profile:
    """The profile with the login page that the configuration names.

    Raises UsageError where no caller of the profile is known by a session.
    """
    if path is None or path == profile.session_login:
        return profile
    if "session" not in profile.authentication:
        raise UsageError(
            f"[login] url is {path!r}, and the profile {profile.name!r} knows nobody by a session; "
            "add session to its 'authentication'."
        )
    return replace(profile, session_login=path)
