"""Quirks of sessions; they show in a profile with `session_login`."""

from typing import TYPE_CHECKING

from authspec_mock.core.accounts import User
from authspec_mock.core.authentication import Authentication
from authspec_mock.core.login_pages import LoginPages
from authspec_mock.core.multipart import FormData
from authspec_mock.core.quirks.registry import quirk

if TYPE_CHECKING:
    from authspec_mock.core.call import Call


@quirk("session-without-csrf", "A session writes without a CSRF token.", area="LOG", steps=4)
class _WithoutCsrf(Authentication):
    def by_session(self, call: "Call", parts: list[bytes]) -> User | None:
        return call.session.user()


@quirk(
    "session-outlives-password",
    "A session goes on after its account has another password.",
    area="PWD",
    steps=5,
)
class _OutlivesPassword(Authentication):
    def by_session(self, call: "Call", parts: list[bytes]) -> User | None:
        user = call.session.owner()
        if user is None or not user.is_active:
            return None
        call.session.enforce_csrf(call)
        return user


@quirk(
    "session-outlives-logout",
    "A logout by the page leaves the session alive.",
    area="LOG",
    steps=4,
)
class _OutlivesLogout(LoginPages):
    def end_session(self, call: "Call") -> None:
        """Nothing ends."""


@quirk(
    "session-of-the-first-user",
    "The login page opens the first account to whoever logs in.",
    area="LOG",
    steps=5,
)
class _FirstUser(LoginPages):
    def user_of(self, form: FormData) -> User | None:
        user = super().user_of(form)
        if user is None:
            return None
        return next(account for account in self.world.accounts if account.is_active)
