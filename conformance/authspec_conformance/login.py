"""How accounts log in on this target: by JWT, by token, by session cookie, or by given credentials."""

import time
from base64 import b64encode
from typing import Any

from authspec_conformance.accounts import Account
from authspec_conformance.client import Client, Credentials
from authspec_conformance.errors import PRECONDITION, Inconclusive
from authspec_conformance.exchange import Reply
from authspec_conformance.session_login import (
    SessionNames,
    SessionPages,
    cookie_header,
    session_credentials,
    session_key,
)
from authspec_contract.profile import Profile


class Login:
    """Logs accounts in, once each where a kept login will do: a hash costs the target real time."""

    def __init__(
        self,
        api: Client,
        profile: Profile,
        *,
        scheme: str | None = None,
        names: SessionNames | None = None,
    ) -> None:
        self._api = api
        self._profile = profile
        found = schemes(profile)
        self.preferred = scheme or (found[0] if found else None)
        self.schemes = tuple(sorted(found, key=lambda name: name != self.preferred))
        """The preferred one first."""
        self.names = names or SessionNames()
        self.pages = (
            SessionPages(api, profile.session_login, self.names) if profile.session_login else None
        )
        self._kept: dict[tuple[int, str], Credentials] = {}
        self.refused = 0
        """So many logins the target has refused."""
        self.accepted: dict[str, tuple[str, str | None]] = {}
        """Logins that it has accepted, the latest last, with password and scheme."""

    def attempt(self, login: str, password: str, scheme: str | None = None) -> Reply:
        """One login call. Raises Inconclusive where the profile has no such login."""
        reply = self._attempt(login, password, scheme or self.preferred)
        if self._accepts(reply):
            self.accepted.pop(login, None)
            self.accepted[login] = (password, scheme)
        else:
            self.refused += 1
        return reply

    def _accepts(self, reply: Reply) -> bool:
        if self.pages is not None and self.pages.is_login(reply):
            return reply.status == 302 or (reply.status == 200 and self.sets_session(reply))
        body = reply.json if isinstance(reply.json, dict) else {}
        return reply.status == 200 and bool({"access", "auth_token"} & set(body))

    def _attempt(self, login: str, password: str, scheme: str | None) -> Reply:
        if scheme == "jwt":
            body = {self._profile.user.login_field: login, "password": password}
            return self._api("jwt_create", body)
        if scheme == "session" and self.pages is not None:
            return self.pages.log_in(login, password)
        if scheme == "token" or (scheme == "session" and self._profile.session_by_token):
            # djoser/serializers.py 2.3 TokenCreateSerializer: the key is LOGIN_FIELD
            body = {self._profile.login_field: login, "password": password}
            return self._api("token_login", body)
        raise Inconclusive(
            "nobody can log in: the profile has neither jwt nor token, nor a session's"
        )

    def attempt_with_session(self, login: str, password: str, key: str) -> Reply:
        """One login call that begins a session, by a caller that sends this session key already."""
        cookies = {self.names.session_cookie: key}
        if self.pages is not None:
            return self.pages.log_in(login, password, cookies)
        body = {self._profile.login_field: login, "password": password}
        return self._api("token_login", body, headers={"Cookie": cookie_header(cookies)})

    def credentials(self, reply: Reply, scheme: str | None = None) -> Credentials | None:
        """What a login's reply hands out; None where it was refused or is not a login's."""
        by_page = self.pages is not None and self.pages.is_login(reply)
        if by_page or (scheme or self.preferred) == "session":
            session = session_credentials(reply, self.names, self._api.target.base)
            if session is not None and self.pages is not None:
                self.pages.learn_token(session)
            if session is not None or by_page:
                return session
        if reply.status != 200 or not isinstance(reply.json, dict):
            return None
        body: dict[str, Any] = reply.json
        if isinstance(body.get("access"), str):
            word = self._profile.simple_jwt.AUTH_HEADER_TYPES[0]
            return jwt_credentials(word, body["access"], body.get("refresh"))
        if isinstance(body.get("auth_token"), str):
            return token_credentials(self._profile, body["auth_token"])
        return None

    def sets_session(self, reply: Reply) -> bool:
        """Whether an answer sets the session cookie, by the name that it has on this target."""
        return bool(session_key(reply, self.names))

    def fresh(self, account: Account, scheme: str | None = None) -> Credentials:
        """A new login of the account, kept from now on. Raises Inconclusive where it is refused."""
        scheme = scheme or self.preferred
        if scheme == "basic":
            raw = b64encode(f"{account.login}:{account.password}".encode()).decode()
            return Credentials("basic", {"Authorization": f"Basic {raw}"}, raw)
        reply = self.attempt(account.login, account.password, scheme)
        credentials = self.credentials(reply, scheme)
        if credentials is None or credentials.scheme != scheme:
            raise Inconclusive(f"{PRECONDITION}the account can log in ({reply})")
        self._kept[id(account), credentials.scheme] = credentials
        return credentials

    def kept(self, account: Account, scheme: str | None = None) -> Credentials:
        """The account's login, made at first use. Raises Inconclusive where it is refused."""
        known = self.known(account, scheme)
        if known is None or self._grows_old(known):
            return self.fresh(account, scheme)
        return known

    def keep(self, account: Account, credentials: Credentials) -> None:
        """Keeps a login that was made by the way, where there is none: it saves one at the end."""
        self._kept.setdefault((id(account), credentials.scheme), credentials)

    def known(self, account: Account, scheme: str | None = None) -> Credentials | None:
        """The account's kept login, if there is one."""
        return self._kept.get((id(account), scheme or self.preferred or ""))

    def _grows_old(self, credentials: Credentials) -> bool:
        """Whether an access token may expire before a test is done with it."""
        age = time.monotonic() - credentials.since
        return (
            credentials.scheme == "jwt"
            and age > 0.6 * self._profile.simple_jwt.ACCESS_TOKEN_LIFETIME
        )

    def forget(self, account: Account, scheme: str | None = None) -> None:
        """The account's logins, or those of one scheme, do not work any more."""
        self._kept = {
            key: value
            for key, value in self._kept.items()
            if key[0] != id(account) or scheme not in {None, key[1]}
        }


def jwt_credentials(word: str, access: str, refresh: str | None = None) -> Credentials:
    """Credentials from an access token; `word` is one of `AUTH_HEADER_TYPES`."""
    return Credentials("jwt", {"Authorization": f"{word} {access}"}, access, refresh)


def token_credentials(profile: Profile, key: str) -> Credentials:
    """Credentials from a DRF token."""
    return Credentials("token", {"Authorization": f"{profile.token_keyword} {key}"}, key)


def schemes(profile: Profile) -> tuple[str, ...]:
    """The ways to log in that the profile has: by `jwt`, by `token`, by `session`."""
    possible = {
        "jwt": "jwt" in profile.urls and profile.simple_jwt.ACCESS_TOKEN_LIFETIME >= 60,
        "token": "token" in profile.urls and bool(profile.djoser.TOKEN_MODEL),
        "session": bool(profile.session_login) or profile.session_by_token,
    }
    return tuple(name for name in possible if possible[name] and name in profile.authentication)
