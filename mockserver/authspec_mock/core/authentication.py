"""Who is asking: DRF's authentication classes in the profile's order (rest_framework/authentication.py)."""

import base64
import binascii
from typing import TYPE_CHECKING, Any

from authspec_mock.core.accounts import User
from authspec_mock.core.jwt import BadToken, Claims, password_mark
from authspec_mock.core.part import Part
from authspec_mock.core.rejections import Unauthenticated

if TYPE_CHECKING:
    from authspec_mock.core.call import Call
    from authspec_mock.core.world import World


class Authentication(Part):
    """Finds the user of a call's credentials."""

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        profile = world.profile
        schemes = {
            "session": self.by_session,
            "basic": self.by_basic,
            "token": self.by_token,
            "jwt": self.by_jwt,
        }
        self._schemes = tuple(schemes[name] for name in profile.authentication)
        self._has_session = "session" in profile.authentication
        self._words = {w.encode("latin-1", "replace") for w in profile.simple_jwt.AUTH_HEADER_TYPES}
        self._token_keyword = profile.token_keyword.lower().encode()

    def user(self, call: "Call") -> User | None:
        """The user of the first scheme that knows the credentials. Raises Rejection for bad ones."""
        header = call.request.headers.get("authorization")
        if not header and not self._has_session:
            return None
        parts = (header or "").encode("latin-1", "replace").split()
        for scheme in self._schemes:
            user = scheme(call, parts)
            if user is not None:
                return user
        return None

    def challenge(self) -> str | None:
        return self.world.profile.challenge

    # --- the schemes ----------------------------------------------------------------------------

    def by_session(self, call: "Call", parts: list[bytes]) -> User | None:
        user = call.session.user()
        if user is None:
            return None
        call.session.enforce_csrf(call)
        return user

    def by_basic(self, call: "Call", parts: list[bytes]) -> User | None:
        if not parts or parts[0].lower() != b"basic":
            return None
        if len(parts) == 1:
            raise Unauthenticated("Invalid basic header. No credentials provided.")
        if len(parts) > 2:
            raise Unauthenticated(
                "Invalid basic header. Credentials string should not contain spaces."
            )
        login, password = _credentials(parts[1])
        user = self.by_password(login, password)
        if user is None:
            raise Unauthenticated("Invalid username/password.")
        return user

    def by_token(self, call: "Call", parts: list[bytes]) -> User | None:
        if not parts or parts[0].lower() != self._token_keyword:
            return None
        if len(parts) == 1:
            raise Unauthenticated("Invalid token header. No credentials provided.")
        if len(parts) > 2:
            raise Unauthenticated("Invalid token header. Token string should not contain spaces.")
        try:
            key = parts[1].decode()
        except UnicodeError:
            raise Unauthenticated(
                "Invalid token header. Token string should not contain invalid characters."
            ) from None
        user = self.user_of_key(key)
        if user is None:
            raise Unauthenticated("Invalid token.")
        if not user.is_active:
            raise Unauthenticated("User inactive or deleted.")
        return user

    def by_jwt(self, call: "Call", parts: list[bytes]) -> User | None:
        if not parts or parts[0] not in self._words:
            return None
        if len(parts) != 2:
            raise Unauthenticated(
                "Authorization header must contain two space-delimited values",
                code="bad_authorization_header",
            )
        return self.user_of_claims(self.access_claims(parts[1], call.now))

    # --- what they rest on ----------------------------------------------------------------------

    def by_password(self, login: Any, password: Any) -> User | None:
        """django/contrib/auth/backends.py ModelBackend: inactive users do not log in."""
        if login is None or password is None:
            return None
        user = self.user_of_login(login)
        if user is None or not self.world.passwords.matches(user, password):
            return None
        return user if self.may_log_in(user) else None

    def user_of_login(self, login: Any) -> User | None:
        """Who logs in by that name; since Djoser 2.3 another LOGIN_FIELD has its own backend.

        djoser/auth_backends.py LoginFieldBackend, which Djoser's documentation asks for.
        """
        if self.world.era.login_field_looks_up:
            return self.world.accounts.with_login(login)
        return self.world.accounts.first(self.world.profile.login_field, login)

    def may_log_in(self, user: User) -> bool:
        return user.is_active

    def user_of_key(self, key: str) -> User | None:
        owner = self.world.state.tokens.get(key)
        return None if owner is None else self.world.accounts.by_id.get(owner)

    def access_claims(self, token: bytes, now: float) -> Claims:
        try:
            return self.world.jwts.read(token, "access", now)
        except BadToken as bad:
            message = {
                "token_class": "AccessToken",
                "token_type": "access",
                "message": str(bad),
            }
            raise Unauthenticated(
                "Given token not valid for any token type",
                code="token_not_valid",
                messages=[message],
            ) from bad

    def user_of_claims(self, claims: Claims) -> User:
        """simplejwt authentication.py get_user."""
        settings = self.world.profile.simple_jwt
        if settings.USER_ID_CLAIM not in claims:
            raise Unauthenticated(
                "Token contained no recognizable user identification", code="token_not_valid"
            )
        user = self.user_of_claim(claims[settings.USER_ID_CLAIM])
        if user is None:
            raise Unauthenticated("User not found", code="user_not_found")
        if settings.CHECK_USER_IS_ACTIVE and not user.is_active:
            raise Unauthenticated("User is inactive", code="user_inactive")
        if settings.CHECK_REVOKE_TOKEN and claims.get(settings.REVOKE_TOKEN_CLAIM) != password_mark(
            user
        ):
            raise Unauthenticated("The user's password has been changed.", code="password_changed")
        return user

    def user_of_claim(self, value: Any) -> User | None:
        """The user that a token names; the real one fails with 500 on an id of another type."""
        field = self.world.profile.simple_jwt.USER_ID_FIELD
        if field != "id":
            return next((u for u in self.world.accounts if str(u.get(field)) == str(value)), None)
        try:
            return self.world.accounts.with_id(value)
        except (ValueError, TypeError, OverflowError):
            return None


def _credentials(encoded: bytes) -> tuple[str, str]:
    try:
        raw = base64.b64decode(encoded)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        login, password = text.split(":", 1)
    except (ValueError, binascii.Error):
        raise Unauthenticated(
            "Invalid basic header. Credentials not correctly base64 encoded."
        ) from None
    return login, password
