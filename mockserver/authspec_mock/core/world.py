"""One world: a whole Djoser in memory; requests in, responses and mails out, all else handed in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from authspec_contract.errors import UsageError, nearest
from authspec_contract.profile import Profile
from authspec_mock.core import state as st
from authspec_mock.core.accounts import Accounts, Taken, User, UserId
from authspec_mock.core.authentication import Authentication
from authspec_mock.core.call import NOTHING, Call
from authspec_mock.core.dispatch import Dispatcher
from authspec_mock.core.era import era_of
from authspec_mock.core.forms import Forms
from authspec_mock.core.jwt import Jwts
from authspec_mock.core.login import Login
from authspec_mock.core.login_pages import LoginPages
from authspec_mock.core.mails import Mailer
from authspec_mock.core.metadata import Metadata
from authspec_mock.core.negotiation import Negotiation
from authspec_mock.core.parsing import Parsing
from authspec_mock.core.part import Part
from authspec_mock.core.password_rules import PasswordRules
from authspec_mock.core.passwords import Passwords
from authspec_mock.core.permissions import Permissions
from authspec_mock.core.routing import Routes
from authspec_mock.core.sessions import SessionOfCall
from authspec_mock.core.supported import check_supported
from authspec_mock.core.throttling import Throttling
from authspec_mock.core.tickets import Tickets
from authspec_mock.core.users import Users
from authspec_mock.core.wire import Mail, Request, Response

P = TypeVar("P", bound=Part)


class Random(Protocol):
    """What the core asks of a source of randomness, such as `random.Random`."""

    def getrandbits(self, k: int, /) -> int: ...


class World:
    """The accounts of one deployment and the rules it follows."""

    def __init__(
        self,
        profile: Profile,
        *,
        clock: Callable[[], float],
        random: Random,
        secret: str,
        quirks: Sequence[str] = (),
    ) -> None:
        """Raises UsageError for a setting that the mock lacks and for an unknown quirk."""
        check_supported(profile)
        self.clock = clock
        self.random = random
        self.secret = secret
        self.quirks = tuple(quirks)
        self._mixins = _mixins(self.quirks)
        self._profile = profile
        self.state = st.State()
        self.accounts = Accounts(profile, self._new_uuid, clock)
        self._build()

    # --- requests ---------------------------------------------------------------------------------

    def handle(self, request: Request) -> tuple[Response, tuple[Mail, ...]]:
        """The answer to a request and the mails that it sends."""
        return self.dispatcher.handle(Call(self, request, self.clock()))

    def body(self, call: Call) -> Any:
        """The parsed body of a call, read once. Raises Rejection."""
        if call.data is NOTHING:
            call.data = self.parsing.read(call.request)
        return call.data

    # --- settings ---------------------------------------------------------------------------------

    @property
    def profile(self) -> Profile:
        return self._profile

    @profile.setter
    def profile(self, profile: Profile) -> None:
        """Other settings from now on; the accounts and their tokens stay. Raises UsageError."""
        check_supported(profile)
        if profile.user.id != self._profile.user.id and len(self.accounts):
            raise UsageError(
                f"The accounts have {self._profile.user.id} ids and the new profile wants "
                f"{profile.user.id} ones; reset the world first."
            )
        self._profile = profile
        self.accounts.configure(profile)
        self._build()

    # --- state ------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Back to empty: no accounts, no tokens, ids from 1; the randomness goes on."""
        self.state = st.State()
        self.accounts = Accounts(self._profile, self._new_uuid, self.clock)
        self._build()

    def snapshot(self) -> dict[str, Any]:
        """The whole state as JSON values."""
        return st.to_json(self.state, self.accounts, self.random)

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Put a snapshot back: from then on the world behaves as it did. Raises UsageError."""
        if snapshot.get("format") != st.FORMAT:
            raise UsageError(
                f"The state has the format {snapshot.get('format')!r}; expected {st.FORMAT}, as "
                "this version writes it."
            )
        try:
            accounts = self._accounts_of(snapshot)
            state = st.from_json(dict(snapshot))
        except (KeyError, TypeError, ValueError, AttributeError, Taken) as error:
            raise UsageError(
                f"The state cannot be read ({type(error).__name__}: {error}); give one that a "
                "snapshot wrote."
            ) from error
        self.accounts, self.state = accounts, state
        st.put_random_back(self.random, snapshot.get("random"))
        self._build()

    def _accounts_of(self, snapshot: Mapping[str, Any]) -> Accounts:
        accounts = Accounts(self._profile, self._new_uuid, self.clock)
        for row in snapshot.get("users", ()):
            user = accounts.add({**accounts.normalized({}), **row["fields"]}, id=row["id"])
            user.password = row["password"]
            user.last_login = row["last_login"]
            user.is_active, user.is_staff = row["is_active"], row["is_staff"]
        accounts.last_id = snapshot.get("last_id", accounts.last_id)
        return accounts

    # --- accounts by hand -------------------------------------------------------------------------

    def users(self) -> list[dict[str, Any]]:
        """Every account, without its password."""
        rows = []
        for user in self.accounts:
            row = st.user_to_json(user)
            del row["password"]
            rows.append(row)
        return rows

    def put_user(
        self,
        login: str,
        *,
        password: str | None = None,
        id: UserId | None = None,
        is_active: bool | None = None,
        is_staff: bool | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """Make or change the account of that login, without a mail. Raises UsageError.

        What is not given stays as it is; a new account is active, and without a password it
        cannot log in.
        """
        self._check_fields(fields)
        user = self.accounts.with_login(login)
        if user is None:
            user = self._made(login, id, fields)
        else:
            self._changed(user, id, fields)
        if password is not None:
            self.passwords.set(user, password)
        user.is_active = user.is_active if is_active is None else is_active
        user.is_staff = user.is_staff if is_staff is None else is_staff
        return next(row for row in self.users() if row["id"] == user.id)

    def login_tokens(self, login: str) -> dict[str, str]:
        """A token, a pair of web tokens and, where the profile knows sessions, the cookies of one, for
        an account, without a login call. Raises UsageError."""
        user = self.accounts.with_login(login)
        if user is None:
            raise UsageError(f"There is no account {login!r}; make it first.")
        refresh, access = self.jwts.pair(user, self.clock())
        session = "session" in self._profile.authentication
        return {
            "auth_token": self.login_actions.token_of(user),
            "access": access,
            "refresh": refresh,
            **(self.session_of(user) if session else {}),
        }

    def session_of(self, user: User) -> dict[str, str]:
        """The cookies of a new session of this account, without a login call."""
        session = SessionOfCall(self, "")
        session.log_in(user)
        pairs = (cookie.partition(";")[0].partition("=") for _, cookie in session.cookies())
        return {name: value for name, _, value in pairs}

    def owns(self, secret: str) -> bool:
        """Whether a web token, an auth token, a session key or a mail token is of this world.

        A mail token is looked for among all accounts, as their state is now.
        """
        if secret in self.state.tokens or secret in self.state.sessions:
            return True
        if secret.count(".") == 2:
            return self.jwts.signed_claims(secret) is not None
        now = self.clock()
        return "-" in secret and any(self.tickets.fits(u, secret, now, "") for u in self.accounts)

    # --- making -----------------------------------------------------------------------------------

    def _build(self) -> None:
        """The parts, each with the quirks that replace its rules."""
        self.era = era_of(self._profile.versions)
        self.routes = Routes(self._profile, self.era)
        self.forms = self._part(Forms)
        self.tickets = self._part(Tickets)
        self.jwts = self._part(Jwts)
        self.passwords = self._part(Passwords)
        self.password_rules = self._part(PasswordRules)
        self.mailer = self._part(Mailer)
        self.authentication = self._part(Authentication)
        self.permissions = self._part(Permissions)
        self.throttling = self._part(Throttling)
        self.negotiation = self._part(Negotiation)
        self.parsing = self._part(Parsing)
        self.metadata = self._part(Metadata)
        self.user_actions = self._part(Users)
        self.login_actions = self._part(Login)
        self.login_pages = self._part(LoginPages)
        self.dispatcher = self._part(Dispatcher)

    def _part(self, kind: type[P]) -> P:
        mixins = tuple(mixin for mixin in self._mixins if issubclass(mixin, kind))
        if not mixins:
            return kind(self)
        made: type[P] = type(f"Quirky{kind.__name__}", mixins, {})
        return made(self)

    def _new_uuid(self) -> str:
        bits = f"{self.random.getrandbits(128):032x}"
        variant = "89ab"[int(bits[16], 16) & 3]
        return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-{variant}{bits[17:20]}-{bits[20:]}"

    def _check_fields(self, fields: Mapping[str, Any]) -> None:
        known = {f.name for f in (*self._profile.user.create, *self._profile.user.fields)}
        for name in fields:
            if name not in known:
                known |= {"id", "password", "is_active", "is_staff"}
                raise UsageError(f"An account has no field {name!r}; {nearest(name, known)}")

    def _made(self, login: str, id: UserId | None, fields: Mapping[str, Any]) -> User:
        values = {**fields, self.accounts.login_field: login}
        if id is not None and id in self.accounts.by_id:
            raise UsageError(f"The id {id!r} is taken; give another one, or none.")
        try:
            user = self.accounts.add(self.accounts.normalized(values), id=id)
        except Taken as taken:
            raise UsageError(f"Another account has that {taken}; give another one.") from taken
        self.passwords.set_unusable(user)
        return user

    def _changed(self, user: User, id: UserId | None, fields: Mapping[str, Any]) -> None:
        if id is not None and id != user.id:
            if id in self.accounts.by_id:
                raise UsageError(f"The id {id!r} is taken; give another one, or none.")
            self.state.rename_owner(user.id, id)
            self.accounts.set_id(user, id)
        for name, value in fields.items():
            self.accounts.set(user, name, value)


def _mixins(names: Sequence[str]) -> tuple[type[Part], ...]:
    if not names:
        return ()
    from authspec_mock.core.quirks import QUIRKS

    for name in names:
        if name not in QUIRKS:
            raise UsageError(f"There is no quirk {name!r}; {nearest(name, QUIRKS)}")
    return tuple(dict.fromkeys(mixin for name in names for mixin in QUIRKS[name].replaces))
