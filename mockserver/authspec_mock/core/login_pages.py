"""The pages that begin and end a session: Django's LoginView and LogoutView, as `rest_framework.urls` has them.

django/contrib/auth/views.py and forms.py AuthenticationForm, django/views/csrf.py 5.2.
"""

from html import escape
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import parse_qsl, urlsplit

from authspec_mock.core.accounts import User
from authspec_mock.core.multipart import FormData, MultipartError, TooMuch, read_multipart
from authspec_mock.core.part import Part
from authspec_mock.core.rejections import Page, bad_request_page

if TYPE_CHECKING:
    from authspec_mock.core.call import Call
    from authspec_mock.core.routing import Route

_CHECKED = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_AFTER_LOGIN = "/accounts/profile/"
"""django/conf/global_settings.py LOGIN_REDIRECT_URL."""
_LONGEST_LOGIN = 254
_PAGE = """<!DOCTYPE html>
<html>
  <head>
    <title>{title}</title>
  </head>
  <body>
    <h1>{title}</h1>{content}
  </body>
</html>
"""
_FORM = """
    <p>{complaint}</p>
    <form action="{path}" method="post">
      <input type="hidden" name="csrfmiddlewaretoken" value="{token}">
      <input type="hidden" name="next" value="{next}">
      <input type="text" name="username" required>
      <input type="password" name="password" required>
      <input type="submit" value="Log in">
    </form>"""


class LoginPages(Part):
    """What the two pages answer; every answer is a page, or a redirect without a body."""

    def answer(self, call: "Call", route: "Route") -> Page:
        if call.method in _CHECKED:
            form = self._form(call)
            reason = call.session.csrf_reason(call)
            if reason is not None:
                return _page(403, "403 Forbidden", "\n    <p>CSRF verification failed.</p>")
        action = route.actions.get(call.method)
        if call.method == "OPTIONS" or action is None:
            status = 200 if call.method == "OPTIONS" else 405
            return Page(status, more=(("Allow", route.allow),))
        if action == "login_page":
            return self.login_page(call, "")
        return self.log_in(call, form) if action == "log_in" else self.log_out(call, form)

    def login_page(self, call: "Call", complaint: str) -> Page:
        call.session.show_csrf()
        form = _FORM.format(
            path=escape(call.request.path),
            token=call.session.csrf,
            next=escape(_wanted(call, FormData())),
            complaint=complaint,
        )
        return _page(200, "Log in", form)

    def log_in(self, call: "Call", form: FormData) -> Page:
        user = self.user_of(form)
        if user is None:
            return self.login_page(call, "Please enter a correct login and password.")
        call.session.log_in(user)
        user.last_login = call.now
        return Page(302, location=_wanted(call, form) or _AFTER_LOGIN)

    def user_of(self, form: FormData) -> User | None:
        """AuthenticationForm: blanks around the login do not count, those in a password do."""
        login = normalize("NFKC", str(form.get("username", "")).strip())
        password = str(form.get("password", ""))
        if not login or not password or len(login) > _LONGEST_LOGIN or "\0" in login + password:
            return None
        return self.world.authentication.by_password(login, password)

    def log_out(self, call: "Call", form: FormData) -> Page:
        self.end_session(call)
        following = _wanted(call, form)
        if following:
            return Page(302, location=following)
        return _page(200, "Logged out")

    def end_session(self, call: "Call") -> None:
        call.session.flush()

    def _form(self, call: "Call") -> FormData:
        """The posted form, which Django reads whatever parsers DRF has."""
        kind, body = call.request.headers.get("content-type", ""), call.request.body
        most = self.world.profile.django.DATA_UPLOAD_MAX_MEMORY_SIZE
        form = FormData()
        if call.method == "POST" and kind.startswith("application/x-www-form-urlencoded"):
            if len(body) > most:
                raise bad_request_page()
            form = self.world.parsing.read_form(body, "utf-8")
        elif call.method == "POST" and kind.startswith("multipart/form-data"):
            try:
                form = read_multipart(body, kind, "utf-8", most)
            except (MultipartError, TooMuch):
                raise bad_request_page() from None
        call.data = form
        return form


def _page(status: int, title: str, content: str = "") -> Page:
    return Page(status, _PAGE.format(title=title, content=content))


def _wanted(call: "Call", form: FormData) -> str:
    """`next`, where it leads to this server (django/utils/http.py url_has_allowed_host_and_scheme)."""
    found = str(form.get("next") or dict(parse_qsl(call.request.query)).get("next", "")).strip()
    try:
        parts = urlsplit(found.replace("\\", "/"))
    except ValueError:
        return ""
    if found.startswith("///") or (parts.scheme and not parts.netloc):
        return ""
    if parts.netloc not in {"", call.host} or parts.scheme not in {"", "http", "https"}:
        return ""
    return found
