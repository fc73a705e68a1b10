"""Quirks of logins, tokens and web tokens."""

from typing import Any

from authspec_mock.core.accounts import User
from authspec_mock.core.authentication import Authentication
from authspec_mock.core.call import NO_CONTENT, Call, Reply
from authspec_mock.core.jwt import Claims, Jwts
from authspec_mock.core.login import Login
from authspec_mock.core.negotiation import query_value
from authspec_mock.core.quirks.registry import quirk
from authspec_mock.core.rejections import Unauthenticated


@quirk("login-any-password", "Any password logs in.", area="LOG", steps=2)
class _AnyPassword(Authentication):
    def by_password(self, login: Any, password: Any) -> User | None:
        user = self.world.accounts.with_login(login)
        return user if user is not None and self.may_log_in(user) else None


@quirk("login-inactive", "An account that is not active logs in.", area="LOG", steps=2)
class _Inactive(Authentication):
    def may_log_in(self, user: User) -> bool:
        return True


@quirk(
    "login-tells-accounts", "A login of an unknown account is refused in other words.", area="LOG"
)
class _TellsAccounts(Authentication):
    def by_password(self, login: Any, password: Any) -> User | None:
        if self.world.accounts.with_login(login) is None:
            raise Unauthenticated("There is no such account.")
        return super().by_password(login, password)


@quirk(
    "login-case-ignored",
    "A login in other letter case logs in as well.",
    area="LOG",
    steps=3,
    level="should",
)
class _LoginCase(Authentication):
    def by_password(self, login: Any, password: Any) -> User | None:
        field = self.world.accounts.login_field
        for user in self.world.accounts:
            if isinstance(login, str) and str(user.get(field)).lower() == login.lower():
                return super().by_password(user.get(field), password)
        return super().by_password(login, password)


@quirk("token-survives-logout", "A token works after its logout.", area="LOG", steps=4)
class _SurvivesLogout(Login):
    def token_destroy(self, call: Call) -> Reply:
        return NO_CONTENT


@quirk("logout-takes-everybody", "A logout kills the tokens of all accounts.", area="LOG", steps=6)
class _LogoutAll(Login):
    def token_destroy(self, call: Call) -> Reply:
        for user in self.world.accounts:
            self.world.state.drop_token_of(user.id)
        return NO_CONTENT


@quirk(
    "token-of-the-first-user",
    "A token login answers the token of the account that has one already.",
    area="LOG",
    steps=5,
)
class _FirstToken(Login):
    def token_of(self, user: User) -> str:
        return next(iter(self.world.state.tokens), None) or super().token_of(user)


@quirk("token-in-the-query", "A token in the query string is taken.", area="LOG", steps=3)
class _QueryToken(Authentication):
    def user(self, call: Call) -> User | None:
        sent = query_value(call.request.query, "auth_token")
        found = super().user(call)
        return self.user_of_key(sent) if found is None and sent else found


@quirk("token-in-any-case", "A token is known in upper case as well.", area="LOG", steps=3)
class _TokenCase(Authentication):
    def user_of_key(self, key: str) -> User | None:
        return super().user_of_key(key.lower())


@quirk(
    "jwt-signature-unchecked", "A web token with another signature is taken.", area="LOG", steps=3
)
class _Unsigned(Jwts):
    def _is_ours(self, header: bytes, body: bytes, signature: bytes) -> bool:
        return True


@quirk(
    "jwt-refresh-as-access",
    "A refresh token is taken where an access token is due.",
    area="LOG",
    steps=3,
)
class _AnyKind(Jwts):
    def check_kind(self, claims: Claims, kind: str) -> None:
        """Any kind."""


@quirk("jwt-never-expires", "A web token works for ever.", area="LOG", steps=3, level="none")
class _ForEver(Jwts):
    def read(self, token: str | bytes, kind: str | None, now: float) -> Claims:
        claims = self.signed_claims(token)
        if claims is not None and "exp" in claims:
            now = min(now, claims["exp"] - 1)
        return super().read(token, kind, now)


@quirk(
    "jwt-for-the-first-user",
    "A refreshed access token belongs to the first account.",
    area="LOG",
    steps=6,
)
class _RefreshesFirst(Jwts):
    def access_claims(self, refresh: Claims, now: float) -> dict[str, Any]:
        claims = super().access_claims(refresh, now)
        known = self.world.state.quirks.setdefault("refreshed", [])
        if refresh["jti"] in known:
            first = next(iter(self.world.accounts))
            claims[self.world.profile.simple_jwt.USER_ID_CLAIM] = str(first.id)
        known.append(refresh["jti"])
        return claims


@quirk("jwt-verify-takes-anything", "A broken web token is verified.", area="LOG")
class _VerifiesAll(Login):
    def jwt_verify(self, call: Call) -> Reply:
        self.world.forms.verify.clean(self.world.body(call))
        return Reply(200, {})


@quirk(
    "jwt-of-inactive-users",
    "The web token of an account that was deactivated still works.",
    area="LOG",
    steps=4,
    level="none",
)
class _InactiveJwt(Authentication):
    def user_of_claims(self, claims: Claims) -> User:
        user = self.user_of_claim(claims.get(self.world.profile.simple_jwt.USER_ID_CLAIM))
        return user if user is not None else super().user_of_claims(claims)


@quirk(
    "jwt-survives-deletion",
    "The web token of a deleted account shows the account with the next id.",
    area="DEL",
    steps=6,
)
class _NextUser(Authentication):
    def user_of_claim(self, value: Any) -> User | None:
        user = super().user_of_claim(value)
        if user is None and isinstance(value, str) and value.isdigit():
            return self.world.accounts.by_id.get(int(value) + 1)
        return user
