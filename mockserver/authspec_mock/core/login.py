"""Login and logout: Djoser's token views and simplejwt's three (djoser/views.py, simplejwt serializers.py)."""

from typing import Any

from authspec_mock.core.accounts import User
from authspec_mock.core.call import NO_CONTENT, Call, Reply
from authspec_mock.core.jwt import BadToken, Claims
from authspec_mock.core.part import Part
from authspec_mock.core.rejections import Invalid, Unauthenticated


class Login(Part):
    """What the login endpoints do."""

    # --- Djoser's tokens --------------------------------------------------------------------------

    def token_create(self, call: Call) -> Reply:
        values = self.world.forms.token.clean(self.world.body(call))
        user = self.user_of_credentials(values)
        if user is None or not self.world.profile.djoser.TOKEN_MODEL:
            # Without a token model the real one fails with 500 once the credentials are right
            raise Invalid({"non_field_errors": ["Unable to log in with provided credentials."]})
        key = self.token_of(user)
        if self.world.profile.djoser.CREATE_SESSION_ON_LOGIN:
            call.session.log_in(user)
        user.last_login = call.now
        return Reply(200, {"auth_token": key})

    def user_of_credentials(self, values: dict[str, Any]) -> User | None:
        """TokenCreateSerializer.validate: since 2.3 the value goes to the backends as user name."""
        field = self.world.profile.login_field
        login, password = values.get(field), values.get("password")
        if not self.world.era.login_field_looks_up or login is None or password is None:
            return self.world.authentication.by_password(login, password)
        user = self.world.accounts.first(field, login)
        if user is None or not self.world.passwords.matches(user, password):
            return None
        return user if user.is_active else None

    def token_of(self, user: User) -> str:
        """The user's one token, made at first need."""
        state = self.world.state
        key = state.key_of.get(user.id)
        if key is None:
            key = f"{self.world.random.getrandbits(160):040x}"
            state.add_token(key, user.id)
        return key

    def token_destroy(self, call: Call) -> Reply:
        self.world.user_actions.log_out(call, call.actor)
        return NO_CONTENT

    # --- simplejwt --------------------------------------------------------------------------------

    def jwt_create(self, call: Call) -> Reply:
        values = self.world.forms.pair.clean(self.world.body(call))
        login = values[self.world.profile.user.login_field]
        user = self.world.authentication.by_password(login, values["password"])
        if user is None:
            raise Unauthenticated("No active account found with the given credentials")
        refresh, access = self.world.jwts.pair(user, call.now)
        if self.world.profile.simple_jwt.UPDATE_LAST_LOGIN:
            user.last_login = call.now
        return Reply(200, {"refresh": refresh, "access": access})

    def jwt_refresh(self, call: Call) -> Reply:
        values = self.world.forms.refresh.clean(self.world.body(call))
        settings = self.world.profile.simple_jwt
        refresh = self._read(values["refresh"], "refresh", call.now)
        if refresh.get(settings.USER_ID_CLAIM) and not self.may_refresh(refresh):
            raise Unauthenticated("No active account found for the given token.")
        data = {"access": self.world.jwts.sign(self.world.jwts.access_claims(refresh, call.now))}
        if settings.ROTATE_REFRESH_TOKENS:
            data["refresh"] = self.world.jwts.sign(self.world.jwts.rotated(refresh, call.now))
        return Reply(200, data)

    def may_refresh(self, refresh: Claims) -> bool:
        """simplejwt 5.5 fails with 500 for a deleted user; the next release answers as here."""
        settings = self.world.profile.simple_jwt
        if not self.world.era.refresh_looks_at_user:
            return True
        user = self.world.authentication.user_of_claim(refresh[settings.USER_ID_CLAIM])
        return user is not None and (user.is_active or not settings.CHECK_USER_IS_ACTIVE)

    def jwt_verify(self, call: Call) -> Reply:
        values = self.world.forms.verify.clean(self.world.body(call))
        claims = self._read(values["token"], None, call.now)
        if self.world.jwts.keeps_list and self.world.jwts.is_blacklisted(claims):
            raise Invalid({"non_field_errors": ["Token is blacklisted"]})
        return Reply(200, {})

    def _read(self, token: str, kind: str | None, now: float) -> Claims:
        try:
            return self.world.jwts.read(token, kind, now)
        except BadToken as bad:
            raise Unauthenticated(str(bad), code="token_not_valid") from bad
