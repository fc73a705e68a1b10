"""Sessions, their cookies and their CSRF tokens that go wrong."""

from typing import Any

from .accounts import by_login, linked, users
from .makers import logging_in
from .patching import replaced, wrap
from .profiles import BY_PAGE, BY_TOKEN, SESSIONS
from .registry import djoser_setting, fault, wrong_setting
from .shapes import around


@fault(
    "session-without-csrf",
    "A session writes without a CSRF token.",
    breaks="every call that writes: a session without its CSRF token is refused",
    profiles=BY_PAGE,
    steps=4,
)
def _() -> None:
    replaced(
        "rest_framework.authentication.SessionAuthentication.enforce_csrf",
        lambda self, request: None,
    )


@fault(
    "session-with-any-csrf",
    "A session writes with any CSRF token, the right one or not.",
    breaks="every call that writes: a session with a wrong CSRF token is refused",
    profiles=BY_PAGE,
    steps=4,
)
@around("rest_framework.authentication.SessionAuthentication.enforce_csrf")
def _(original: Any, self: Any, request: Any) -> Any:
    return None if request.META.get("HTTP_X_CSRFTOKEN") else original(self, request)


@fault(
    "deletion-without-csrf",
    "A session deletes its account without a CSRF token; nothing else goes without.",
    breaks="DELETE /users/me/: a session without its CSRF token is refused",
    profiles=BY_PAGE,
    steps=4,
)
@around("rest_framework.authentication.SessionAuthentication.enforce_csrf")
def _(original: Any, self: Any, request: Any) -> Any:
    return None if request.method == "DELETE" else original(self, request)


@fault(
    "session-outlives-password",
    "A session goes on after its account has another password.",
    breaks="POST /users/set_password/: other sessions end",
    profiles=BY_PAGE,
    steps=5,
)
def _() -> None:
    replaced(
        "django.contrib.auth.base_user.AbstractBaseUser.get_session_auth_hash",
        lambda self: f"hash of {self.pk}",
    )
    replaced(
        "django.contrib.auth.base_user.AbstractBaseUser.get_session_auth_fallback_hash",
        lambda self: iter(()),
    )


@fault(
    "session-outlives-reset",
    "A session goes on after a reset, though not after a password change.",
    breaks="POST /users/reset_password_confirm/: sessions end",
    profiles=BY_PAGE,
    steps=6,
)
def _() -> None:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.core.cache import cache

    real = AbstractBaseUser.get_session_auth_hash

    def reset_password_confirm(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        user = linked(request)
        before = real(user) if user else None
        reply = original(view, request, **kw)
        if user and reply.status_code == 204:
            user.refresh_from_db()
            cache.set(f"as before {real(user)}", before, None)
        return reply

    def get_session_auth_hash(self: Any) -> str:
        found = real(self)
        return cache.get(f"as before {found}") or found

    wrap("djoser.views.UserViewSet.reset_password_confirm", reset_password_confirm)
    replaced(
        "django.contrib.auth.base_user.AbstractBaseUser.get_session_auth_hash",
        get_session_auth_hash,
    )


@fault(
    "session-key-adopted",
    "A login begins its session under the key that the caller sent.",
    breaks="POST /api-auth/login/: a session has a key of its own",
    profiles=BY_PAGE,
    steps=3,
)
def _() -> None:
    def cycle_key(original: Any, store: Any) -> None:
        from django.contrib.sessions.models import Session

        sent = getattr(store, "sent_key", None)
        original(store)
        if sent:
            Session.objects.filter(session_key=store.session_key).update(session_key=sent)
            store._session_key = sent

    def __init__(original: Any, store: Any, session_key: Any = None) -> None:
        original(store, session_key)
        store.sent_key = session_key

    wrap("django.contrib.sessions.backends.base.SessionBase.cycle_key", cycle_key)
    wrap("django.contrib.sessions.backends.base.SessionBase.__init__", __init__)


@fault(
    "session-key-cut-short",
    "Of a session's key the first twenty characters are enough.",
    breaks="GET /users/me/: a changed session key opens nothing",
    profiles=BY_PAGE,
    steps=4,
)
@around("django.contrib.sessions.backends.db.SessionStore._get_session_from_db")
def _(original: Any, store: Any) -> Any:
    from django.contrib.sessions.models import Session

    if len(store.session_key or "") >= 20:
        found = Session.objects.filter(session_key__startswith=store.session_key[:20]).first()
        if found is not None:
            return found
    return original(store)


@fault(
    "page-takes-any-password",
    "The login page lets an account in with the password of another.",
    breaks="POST /api-auth/login/: a wrong password is refused",
    profiles=BY_PAGE,
    steps=3,
)
def _() -> None:
    def judge(user: Any, login: Any, password: Any) -> Any:
        if user is None and any(one.check_password(password) for one in users().all()[:20]):
            return by_login(login).filter(is_active=True).first()
        return user

    logging_in(judge)


@fault(
    "page-logs-first-user-in",
    "From the second account on, the login page opens the first one.",
    breaks="POST /api-auth/login/: a session is of the account that logged in",
    profiles=BY_PAGE,
    steps=5,
)
def _() -> None:
    from django.contrib.auth import views

    real = views.auth_login

    def auth_login(request: Any, user: Any) -> None:
        first = users().filter(is_active=True).order_by("date_joined").first()
        first.backend = user.backend
        real(request, first)

    replaced("django.contrib.auth.views.auth_login", auth_login)


@fault(
    "page-logout-keeps-session",
    "A logout by the page deletes the cookie alone: the session goes on.",
    breaks="POST /api-auth/logout/: the session ends",
    profiles=BY_PAGE,
    steps=4,
)
def _() -> None:
    replaced("django.contrib.auth.views.auth_logout", lambda request: None)


@fault(
    "token-logout-keeps-session",
    "A token logout ends the token and leaves the session alive.",
    breaks="POST /token/logout/: the session ends",
    profiles=BY_TOKEN,
    steps=4,
)
def _() -> None:
    replaced("djoser.utils.logout", lambda request: None)


@fault(
    "password-change-ends-own-session",
    "The session that changed the password ends.",
    breaks="POST /users/set_password/: the session that asked goes on",
    profiles=BY_TOKEN,
    steps=4,
)
def _() -> None:
    replaced("djoser.views.update_session_auth_hash", lambda request, user: None)


@fault(
    "session-cookie-readable",
    "The session cookie is not HttpOnly.",
    breaks="POST /api-auth/login/: scripts cannot read the session cookie",
    profiles=BY_PAGE,
    steps=3,
    level="should",
)
def _() -> None:
    from django.conf import settings

    settings.SESSION_COOKIE_HTTPONLY = False


wrong_setting(
    "token-login-without-session",
    "A token login begins no session.",
    djoser_setting("CREATE_SESSION_ON_LOGIN", False),
    breaks="POST /token/login/: CREATE_SESSION_ON_LOGIN",
    profiles=BY_TOKEN,
    steps=2,
)
wrong_setting(
    "session-goes-on-after-password-change",
    "The session that changed the password goes on, though it should end.",
    djoser_setting("LOGOUT_ON_PASSWORD_CHANGE", False),
    breaks="POST /users/set_password/: LOGOUT_ON_PASSWORD_CHANGE",
    profiles=SESSIONS,
    steps=4,
)
