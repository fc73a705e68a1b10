"""The worlds of one server: each a whole mock of its own, made at first use."""

import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from authspec_contract import fields as f
from authspec_contract.errors import UsageError, nearest
from authspec_contract.profile import Profile
from authspec_contract.profile_file import profile_from_mapping
from authspec_mock.clock import SEEDED_START, SettableClock
from authspec_mock.core.wire import Mail, Request, Response
from authspec_mock.core.world import World
from authspec_mock.events import Events
from authspec_mock.faults import Faults
from authspec_mock.journal import Journal
from authspec_mock.options import Options, with_frontend
from authspec_mock.outbox import Message, Outbox
from authspec_mock.profile_view import profile_as_json

if TYPE_CHECKING:
    from authspec_mock.mailpit import Mailbox

DEFAULT = "default"
CAPACITY = 500
"""An empty world takes about 40 KiB."""
REMEMBERED_SECRETS = 10_000
STATE_FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_STATE_KEYS = (
    "format", "world", "profile", "secret", "core", "users", "outbox", "clock", "faults",
)  # fmt: skip
_ISSUED = re.compile(rb'"(?:auth_token|access|refresh)":"([^"]+)"')
_SESSION = re.compile(r"sessionid=([^;,\s]+)")


class MockWorld:
    """One world: the core with its clock and chance, its outbox, journal, faults and listeners."""

    def __init__(self, name: str, options: Options) -> None:
        self.name = name
        self.events = Events()
        self.outbox = Outbox()
        self.mailbox: Mailbox | None = None
        """The outbox as Mailpit has it, once somebody has asked for that."""
        self.faults = Faults()
        self.clock = SettableClock(start=None if options.seed is None else SEEDED_START)
        self.journal = Journal(self.clock)
        self._options = options
        self._random = Random()
        self._first_profile = options.profile
        self._first_secret = (
            secrets.token_hex(16) if options.seed is None else f"authspec-{options.seed}"
        )
        self.plain_prefixes: tuple[str, ...] = ()
        """What paths begin with that can be nothing but the account API."""
        self._secret = ""
        self.core: World
        self.reset()

    @property
    def profile(self) -> Profile:
        """As it was given: the core's has its links on the frontend besides."""
        return self._profile

    @profile.setter
    def profile(self, profile: Profile) -> None:
        self._profile = profile
        self.plain_prefixes = tuple(
            f"{profile.prefix}{part}/" for part in ("users", "jwt", "token")
        )

    # --- the account API ------------------------------------------------------------------

    def handle(self, request: Request) -> tuple[Response, tuple[Message, ...]]:
        """The core's answer; its mails are in the outbox by then."""
        response, mails = self.core.handle(request)
        if not mails:
            return response, ()
        return response, self.deliver(mails)

    def deliver(self, mails: Iterable[Mail]) -> tuple[Message, ...]:
        """Puts the mails into the outbox and tells who listens."""
        messages = tuple(self.outbox.add(mail) for mail in mails)
        for message in messages:
            self.events.publish("mail", message.as_json)
        return messages

    # --- the control API ------------------------------------------------------------------

    def reset(self) -> dict[str, int]:
        """Back to the seed. Says what was cleared."""
        cleared = {
            "users": len(self.core.users()) if hasattr(self, "core") else 0,
            "mails": self.outbox.reset(),
            "requests": self.journal.reset(),
            "faults": self.faults.reset(),
        }
        self.clock.reset()
        self._random.seed(self._chance())
        self.profile, self._secret = self._first_profile, f"{self._first_secret}/{self.name}"
        self._make_core()
        if self._options.state is not None:
            self.restore(self._options.state)
        self.events.publish("reset", lambda: {"cleared": cleared})
        return cleared

    def change_profile(self, profile: Profile) -> None:
        """Another profile for the same accounts. Raises UsageError where the core refuses it."""
        self.core.profile = with_frontend(profile, self._options.frontend)
        self.profile = profile

    def state(self) -> dict[str, Any]:
        """The whole state as JSON: what `restore`, and `--load`, take."""
        return {
            "format": STATE_FORMAT,
            "world": self.name,
            "profile": profile_as_json(self.profile),
            "secret": self._secret,
            "core": self.core.snapshot(),
            "outbox": self.outbox.snapshot(),
            "clock": self.clock.snapshot(),
            "faults": [fault.as_json() for fault in self.faults.rules],
        }

    def restore(self, raw: Any) -> None:
        """Puts a state in place of this one; `users` alone will do. Raises UsageError."""
        state = f.mapping(raw, "The state")
        for key in state:
            if key not in _STATE_KEYS:
                raise UsageError(
                    f"The state has the unknown key {key!r}; {nearest(key, _STATE_KEYS)}"
                )
        if (version := state.get("format", STATE_FORMAT)) != STATE_FORMAT:
            raise UsageError(
                f"The state is of format {version!r}; this version reads format {STATE_FORMAT}."
            )
        before = self.state()
        try:
            self._restore(state)
        except UsageError:
            self._restore(before)
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._restore(before)
            raise UsageError(
                f"The state is not one that GET /_mock/state gave ({type(error).__name__}: {error})."
            ) from None

    def _restore(self, state: Mapping[str, Any]) -> None:
        if "profile" in state:
            self.profile = profile_from_mapping(state["profile"], source="the state")
        self._secret = f.text(state.get("secret", self._secret), "secret")
        self._make_core()
        if "clock" in state:
            self.clock.restore(f.mapping(state["clock"], "clock"))
        if "core" in state:
            self.core.restore(f.mapping(state["core"], "core"))
        for number, user in enumerate(_list(state, "users")):
            put_user(self, f.mapping(user, f"users[{number}]"), where=f"users[{number}]")
        self.outbox.restore(f.mapping(state.get("outbox"), "outbox"))
        self.faults.reset()
        for fault in _list(state, "faults"):
            self.faults.add({k: v for k, v in f.mapping(fault, "faults").items() if k != "id"})

    def _make_core(self) -> None:
        self.core = World(
            with_frontend(self.profile, self._options.frontend),
            clock=self.clock,
            random=self._random,
            secret=self._secret,
            quirks=self._options.quirks,
        )

    def _chance(self) -> str | None:
        seed = self._options.seed
        return None if seed is None else f"{seed}/{self.name}"

    def close(self) -> None:
        """Sends everybody away who waits or listens."""
        self.outbox.close()
        self.events.close()


class Worlds:
    """The worlds by name, and whose a secret is."""

    def __init__(self, options: Options, *, capacity: int = CAPACITY) -> None:
        self._options = options
        self._capacity = capacity
        self.alone = True
        """Whether there is only the default world: then nothing has to be looked up."""
        self.default = MockWorld(DEFAULT, options)
        self._named: OrderedDict[str, MockWorld] = OrderedDict()
        self._owners: OrderedDict[str, str] = OrderedDict()

    def names(self) -> tuple[str, ...]:
        return (DEFAULT, *self._named)

    def all(self) -> tuple[MockWorld, ...]:
        return (self.default, *self._named.values())

    def get(self, name: str) -> MockWorld:
        """The world of that name, made now if need be. Raises UsageError for what is no name."""
        if name == DEFAULT:
            return self.default
        world = self._named.get(name)
        if world is None:
            if not _NAME.fullmatch(name):
                raise UsageError(
                    f"{name!r} is no name for a world; give up to 64 letters, digits, dots, "
                    "dashes and underscores, such as w1."
                )
            world = self._named[name] = MockWorld(name, self._options)
            self.alone = False
            if len(self._named) > self._capacity:
                self.remove(next(iter(self._named)))
        else:
            self._named.move_to_end(name)
        return world

    def remove(self, name: str) -> bool:
        """Forgets a world and all that is in it."""
        world = self._named.pop(name, None)
        if world is None:
            return False
        world.close()
        self.alone = not self._named
        return True

    def owner(self, request: Request) -> MockWorld:
        """The world that issued the secrets of a request which names none."""
        if self.alone:
            return self.default
        offered = _offered(request)
        for secret in offered:
            name = self._owners.get(secret)
            if name is not None and name in self._named:
                return self.get(name)
        for secret in offered:
            for world in self.all():
                if world.core.owns(secret):
                    return world
        return self.default

    def remember(
        self, world: MockWorld, response: Response, messages: Iterable[Message] = ()
    ) -> None:
        """Notes whose the secrets of this answer are."""
        for message in messages:
            if message.mail.token:
                self._note(message.mail.token, world)
        for found in _ISSUED.findall(response.body):
            self._note(found.decode(), world)
        for name, value in response.headers:
            if name.lower() == "set-cookie" and (session := _SESSION.search(value)):
                self._note(session[1], world)

    def _note(self, secret: str, world: MockWorld) -> None:
        self._owners[secret] = world.name
        if len(self._owners) > REMEMBERED_SECRETS:
            self._owners.popitem(last=False)

    def close(self) -> None:
        for world in self.all():
            world.close()


_USER: dict[str, f.Reader] = {
    "password": f.text,
    "is_active": f.boolean,
    "is_staff": f.boolean,
}


def put_user(world: MockWorld, raw: Mapping[str, Any], *, where: str = "The user") -> Any:
    """Makes or changes the user that the mapping's login field names. Raises UsageError."""
    fields = {k: _USER[k](v, f"{where}.{k}") if k in _USER else v for k, v in raw.items()}
    login = fields.pop(world.profile.login_field, None)
    if not isinstance(login, str) or not login:
        raise UsageError(
            f"{where} lacks {world.profile.login_field!r}, by which users log in here."
        )
    id_ = fields.get("id")
    wanted: type = int if world.profile.user.id == "integer" else str
    if id_ is not None and (isinstance(id_, bool) or not isinstance(id_, wanted)):
        raise f.wrong(f"{where}.id", id_, f"an id of the kind {world.profile.user.id}")
    return shown_user(world.core.put_user(login, **fields))


def shown_user(row: Mapping[str, Any]) -> dict[str, Any]:
    """A user as the control API shows it: its fields beside its id and flags."""
    rest = {key: value for key, value in row.items() if key not in {"id", "fields"}}
    return {"id": row["id"], **row["fields"], **rest}


def users(world: MockWorld) -> list[dict[str, Any]]:
    """Every user of the world, without passwords."""
    return [shown_user(row) for row in world.core.users()]


def _list(state: Mapping[str, Any], key: str) -> list[Any]:
    value = state.get(key, [])
    if not isinstance(value, list):
        raise f.wrong(key, value, "a list")
    return value


def _offered(request: Request) -> list[str]:
    """What may be a secret in a request: credentials, then the tokens of its body."""
    found = []
    _, _, credentials = request.headers.get("authorization", "").partition(" ")
    if credentials:
        found.append(credentials.strip())
    if session := _SESSION.search(request.headers.get("cookie", "")):
        found.append(session[1])
    if request.body and len(request.body) < 65536:
        found.extend(_body_tokens(request))
    return found


def _body_tokens(request: Request) -> list[str]:
    if "form" in request.headers.get("content-type", ""):
        return re.findall(r"(?:token|refresh)=([^&\s]+)", request.body.decode("latin-1"))
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(body, dict):
        return []
    return [v for k in ("token", "refresh", "access") if isinstance(v := body.get(k), str)]
