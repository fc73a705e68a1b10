"""JSON web tokens as simplejwt 5.5 makes and checks them (tokens.py), signed by HS256."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from authspec_mock.core.accounts import User
from authspec_mock.core.part import Part

if TYPE_CHECKING:
    from authspec_mock.core.world import World

Claims = Mapping[str, Any]
_HEADER = b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"  # {"alg":"HS256","typ":"JWT"}
_dump = json.JSONEncoder(separators=(",", ":")).encode
_MOST_KNOWN = 1024
_OWN_CLAIMS = frozenset({"token_type", "exp", "jti", "iat"})


class BadToken(Exception):
    """Simplejwt's TokenError; its text is what the client sees."""


class Jwts(Part):
    """Issues, reads and revokes web tokens."""

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        self._key = world.secret.encode()
        told = world.era.expiry_is_told
        self._invalid = "Token is invalid" if told else "Token is invalid or expired"
        self._known: dict[bytes, Claims] = {}
        """Claims of tokens whose signature was found good, which cannot change."""

    # --- making ---------------------------------------------------------------------------------

    def pair(self, user: User, now: float) -> tuple[str, str]:
        """A refresh token and an access token for a user."""
        refresh = self.refresh_claims(user, now)
        return self.sign(refresh), self.sign(self.access_claims(refresh, now))

    def refresh_claims(self, user: User, now: float) -> dict[str, Any]:
        settings = self.world.profile.simple_jwt
        claims = self._fresh("refresh", now, settings.REFRESH_TOKEN_LIFETIME)
        user_id = user.get(settings.USER_ID_FIELD)
        whole = isinstance(user_id, int) and not self.world.era.ids_as_text
        claims[settings.USER_ID_CLAIM] = user_id if whole else str(user_id)
        if settings.CHECK_REVOKE_TOKEN:
            claims[settings.REVOKE_TOKEN_CLAIM] = password_mark(user)
        return claims

    def access_claims(self, refresh: Claims, now: float) -> dict[str, Any]:
        """The claims of an access token that a refresh token gives."""
        access = self._fresh("access", now, self.world.profile.simple_jwt.ACCESS_TOKEN_LIFETIME)
        access.update((name, value) for name, value in refresh.items() if name not in _OWN_CLAIMS)
        return access

    def rotated(self, refresh: Claims, now: float) -> Claims:
        """The successor of a refresh token; the old one goes on the blacklist where there is one."""
        settings = self.world.profile.simple_jwt
        if self.keeps_list:
            self.world.state.blacklist.add(refresh["jti"])
        life = settings.REFRESH_TOKEN_LIFETIME
        successor = {**refresh, "jti": self._new_jti(), "exp": int(now + life)}
        return successor | {"iat": int(now)} if "iat" in refresh else successor

    def sign(self, claims: Claims) -> str:
        body = _HEADER + b"." + _encode(_dump(dict(claims)).encode())
        return (body + b"." + _encode(hmac.digest(self._key, body, "sha256"))).decode()

    def _fresh(self, kind: str, now: float, lifetime: float) -> dict[str, Any]:
        claims: dict[str, Any] = {"token_type": kind, "exp": int(now + lifetime)}
        if self.world.era.tokens_say_when:
            claims["iat"] = int(now)
        claims["jti"] = self._new_jti()
        return claims

    def _new_jti(self) -> str:
        bits = f"{self.world.random.getrandbits(128):032x}"
        return f"{bits[:12]}4{bits[13:16]}{'89ab'[int(bits[16], 16) & 3]}{bits[17:]}"

    # --- reading --------------------------------------------------------------------------------

    @property
    def keeps_list(self) -> bool:
        """Whether the app token_blacklist is there, which the setting cannot do without."""
        return self.world.profile.simple_jwt.BLACKLIST_AFTER_ROTATION

    def read(self, token: str | bytes, kind: str | None, now: float) -> Claims:
        """The claims of a token of that kind (None: any). Raises BadToken."""
        claims = self.signed_claims(token)
        if claims is None:
            raise BadToken(self._invalid)
        self.check_times(claims, now)
        if kind == "refresh" and self.keeps_list and self.is_blacklisted(claims):
            raise BadToken("Token is blacklisted")
        if "exp" not in claims:
            raise BadToken("Token has no 'exp' claim")
        if claims["exp"] <= now:
            raise BadToken("Token 'exp' claim has expired")
        if "jti" not in claims:
            raise BadToken("Token has no id")
        if kind is not None:
            self.check_kind(claims, kind)
        return claims

    def check_kind(self, claims: Claims, kind: str) -> None:
        if "token_type" not in claims:
            raise BadToken("Token has no type")
        if claims["token_type"] != kind:
            raise BadToken("Token has wrong type")

    def check_times(self, claims: Claims, now: float) -> None:
        """PyJWT's look at `exp`, `iat` and `nbf` (jwt/api_jwt.py)."""
        if claims.get("iat", 0) > now or int(claims.get("nbf", 0)) > now:
            raise BadToken(self._invalid)
        if "exp" in claims and int(claims["exp"]) <= now:
            raise BadToken("Token is expired" if self.world.era.expiry_is_told else self._invalid)

    def signed_claims(self, token: str | bytes) -> Claims | None:
        """The claims under our signature, whatever they say but for times that are none; or None."""
        raw = token.encode("utf-8", "surrogatepass") if isinstance(token, str) else token
        known = self._known.get(raw)
        if known is None:
            known = self._read_claims(raw)
            if known is not None:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[raw] = known
        return known

    def _read_claims(self, raw: bytes) -> Claims | None:
        body, dot, signature = raw.rpartition(b".")
        header, inner_dot, payload = body.partition(b".")
        if not dot or not inner_dot or not self._is_ours(header, body, signature):
            return None
        try:
            claims = json.loads(_decode(payload))
        except ValueError:
            return None
        return claims if isinstance(claims, dict) and _tells_times(claims) else None

    def _is_ours(self, header: bytes, body: bytes, signature: bytes) -> bool:
        if header != _HEADER and not _says_hs256(header):
            return False
        try:
            found = _decode(signature)
        except ValueError:
            return False
        return hmac.compare_digest(hmac.digest(self._key, body, "sha256"), found)

    def is_blacklisted(self, claims: Claims) -> bool:
        return claims.get("jti") in self.world.state.blacklist


def password_mark(user: User) -> str:
    """What CHECK_REVOKE_TOKEN compares (simplejwt utils.py get_md5_hash_password)."""
    return hashlib.md5(user.password.encode(), usedforsecurity=False).hexdigest().upper()


def _tells_times(claims: Claims) -> bool:
    """Whether the times are numbers; PyJWT refuses others as it does a wrong signature."""
    return all(isinstance(claims.get(name, 0), int | float) for name in ("iat", "nbf", "exp"))


def _says_hs256(header: bytes) -> bool:
    try:
        found = json.loads(_decode(header))
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("alg") == "HS256" and "crit" not in found


def _encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decode(text: bytes) -> bytes:
    """As PyJWT decodes: characters outside the alphabet are passed over (jwt/utils.py)."""
    try:
        return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from error
