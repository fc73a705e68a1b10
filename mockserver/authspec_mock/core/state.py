"""What a world remembers besides its accounts, and the whole of it as JSON."""

import copy
from dataclasses import dataclass, field
from typing import Any

from authspec_mock.core.accounts import Accounts, User, UserId

FORMAT = 1


@dataclass
class State:
    """Tokens, sessions and counters."""

    tokens: dict[str, UserId] = field(default_factory=dict)
    """DRF's tokens: key → owner."""
    key_of: dict[UserId, str] = field(default_factory=dict)
    blacklist: set[str] = field(default_factory=set)
    """Used-up refresh tokens, by `jti`."""
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    throttles: dict[str, list[float]] = field(default_factory=dict)
    quirks: dict[str, Any] = field(default_factory=dict)
    """What quirks remember, by their names; JSON values."""

    def add_token(self, key: str, owner: UserId) -> None:
        self.tokens[key] = owner
        self.key_of[owner] = key

    def drop_token_of(self, owner: UserId) -> None:
        key = self.key_of.pop(owner, None)
        if key is not None:
            del self.tokens[key]

    def rename_owner(self, old: UserId, new: UserId) -> None:
        """Follow a user to another primary key."""
        key = self.key_of.pop(old, None)
        if key is not None:
            self.add_token(key, new)


def to_json(state: State, accounts: Accounts, random: Any) -> dict[str, Any]:
    """The whole state; `from_json` puts it back."""
    getstate = getattr(random, "getstate", None)
    return {
        "format": FORMAT,
        "last_id": accounts.last_id,
        "users": [user_to_json(user) for user in accounts],
        "tokens": dict(state.tokens),
        "blacklist": sorted(state.blacklist),
        "sessions": copy.deepcopy(state.sessions),
        "throttles": copy.deepcopy(state.throttles),
        "quirks": copy.deepcopy(state.quirks),
        "random": _listed(getstate()) if getstate is not None else None,
    }


def user_to_json(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "password": user.password,
        "last_login": user.last_login,
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "fields": dict(user.values),
    }


def from_json(data: dict[str, Any]) -> State:
    """The state besides accounts and randomness."""
    state = State(
        blacklist=set(data.get("blacklist", ())),
        sessions=copy.deepcopy(data.get("sessions", {})),
        throttles=copy.deepcopy(data.get("throttles", {})),
        quirks=copy.deepcopy(data.get("quirks", {})),
    )
    for key, owner in data.get("tokens", {}).items():
        state.add_token(key, owner)
    return state


def put_random_back(random: Any, listed: Any) -> None:
    if listed is not None and hasattr(random, "setstate"):
        version, numbers, gauss = listed
        random.setstate((version, tuple(numbers), gauss))


def _listed(state: Any) -> Any:
    version, numbers, gauss = state
    return [version, list(numbers), gauss]
