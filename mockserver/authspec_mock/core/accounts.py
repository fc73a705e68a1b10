"""The accounts of one world: users, found by id and by their unique fields."""

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from authspec_contract.profile import Profile

UserId = int | str
_OWN = frozenset({"password", "last_login", "is_active", "is_staff"})


class User:
    """One account; `values` holds the model's fields besides those that authentication needs."""

    __slots__ = ("id", "is_active", "is_staff", "last_login", "password", "values")

    def __init__(self, id: UserId, values: dict[str, Any]) -> None:
        self.id = id
        self.password = ""
        """The hash, never the password."""
        self.last_login: float | None = None
        self.is_active = True
        self.is_staff = False
        self.values = values

    def get(self, name: str) -> Any:
        """The value of a model field by name; None when the model has no such field."""
        if name == "id":
            return self.id
        if name in _OWN:
            return getattr(self, name)
        return self.values.get(name)

    def copy(self) -> "User":
        twin = User(self.id, dict(self.values))
        twin.password = self.password
        twin.last_login = self.last_login
        twin.is_active = self.is_active
        twin.is_staff = self.is_staff
        return twin


class Taken(Exception):
    """The database would refuse: a unique field has that value already."""


class Accounts:
    """All users, in the order of their making, with an index per field that is looked up."""

    def __init__(
        self, profile: Profile, new_uuid: Callable[[], str], clock: Callable[[], float]
    ) -> None:
        self._new_uuid = new_uuid
        self._clock = clock
        self.by_id: dict[UserId, User] = {}
        self.last_id = 0
        self.configure(profile)

    def configure(self, profile: Profile) -> None:
        """Follow a profile; what is there stays."""
        model = profile.user
        fields = (*model.create, *model.fields)
        self.uuid_ids = model.id == "uuid"
        self.login_field = model.login_field
        self.email_field = model.email_field
        self._lowercases_email = model.lowercases_email
        self._usernames = {f.name for f in fields if f.type == "username"}
        self._unique = {f.name for f in fields if f.unique} | {model.login_field}
        self._unique.discard("id")
        self._defaults = {
            f.name: _default(f) for f in fields if f.name not in _OWN and f.name != "id"
        }
        self._defaults.setdefault(model.email_field, "")
        indexed = self._unique | {model.email_field, profile.login_field}
        self._index: dict[str, dict[Any, list[User]]] = {name: {} for name in indexed}
        for user in self.by_id.values():
            for name, value in self._defaults.items():
                user.values.setdefault(name, value)
            self._enter(user)

    def __iter__(self) -> Iterator[User]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    # --- finding --------------------------------------------------------------------------------

    def with_id(self, text: UserId) -> User | None:
        """The user of that primary key. Raises ValueError where Django could not read it as one."""
        return self.by_id.get(read_uuid(text) if self.uuid_ids else int(text))

    def with_login(self, login: Any) -> User | None:
        return self.first(self.login_field, login)

    def first(self, field: str, value: Any) -> User | None:
        found = self._index[field].get(value)
        return found[0] if found else None

    def with_email(self, email: str, *, is_active: bool) -> list[User]:
        """Those of that address and state; more than one where addresses are not unique."""
        found = self._index[self.email_field].get(email, ())
        return [user for user in found if user.is_active is is_active]

    def is_taken(self, field: str, value: Any, but: User | None = None) -> bool:
        if field in self._index:
            return any(user is not but for user in self._index[field].get(value, ()))
        return any(user is not but and user.get(field) == value for user in self)

    # --- changing -------------------------------------------------------------------------------

    def normalized(self, values: dict[str, Any]) -> dict[str, Any]:
        """As Django's `create_user` stores them: the domain in lower case, user names in NFKC.

        django/contrib/auth/models.py UserManager._create_user, base_user.py normalize_email.
        """
        given = {**self._defaults, **values}
        email = normalized_email(given.get(self.email_field))
        given[self.email_field] = email.lower() if self._lowercases_email else email
        for name in self._usernames:
            given[name] = unicodedata.normalize("NFKC", str(given[name] or ""))
        return given

    def add(self, values: dict[str, Any], *, id: UserId | None = None) -> User:
        """A new user with these field values, stored as they are. Raises Taken."""
        for name in self._unique:
            value = values.get(name)
            if value is not None and value in self._index[name]:
                raise Taken(name)
        user = User(self._next_id() if id is None else id, values)
        if "date_joined" in self._defaults and values.get("date_joined") is None:
            values["date_joined"] = self._clock()  # AbstractUser's default
        if id is not None and not self.uuid_ids:
            self.last_id = max(self.last_id, int(id))
        self.by_id[user.id] = user
        self._enter(user)
        return user

    def set(self, user: User, field: str, value: Any) -> None:
        """Change one field, keeping the indexes."""
        if field in _OWN:
            setattr(user, field, value)
            return
        index = self._index.get(field)
        if index is not None:
            self._leave(index, user, user.values.get(field))
            index.setdefault(value, []).append(user)
        user.values[field] = value

    def set_id(self, user: User, id: UserId) -> None:
        """Give a user another primary key; only the control API and quirks do."""
        del self.by_id[user.id]
        user.id = id
        self.by_id[id] = user

    def remove(self, user: User) -> None:
        del self.by_id[user.id]
        for name, index in self._index.items():
            self._leave(index, user, user.values.get(name))

    def _enter(self, user: User) -> None:
        for name, index in self._index.items():
            index.setdefault(user.values.get(name), []).append(user)

    def _leave(self, index: dict[Any, list[User]], user: User, value: Any) -> None:
        found = index[value]
        found.remove(user)
        if not found:
            del index[value]

    def _next_id(self) -> UserId:
        if self.uuid_ids:
            return self._new_uuid()
        self.last_id += 1
        return self.last_id


def normalized_email(email: Any) -> str:
    """django/contrib/auth/base_user.py: the domain part in lower case, nothing else."""
    text = str(email or "")
    name, at, domain = text.strip().rpartition("@")
    return f"{name}@{domain.lower()}" if at else text


def read_uuid(value: UserId) -> str:
    """A UUID in its one spelling. Raises ValueError for what Django's UUIDField cannot read."""
    import uuid

    return str(uuid.UUID(int=value) if isinstance(value, int) else uuid.UUID(value))


def _default(field: Any) -> Any:
    """What the model stores where nothing was given (django/db/models/fields: get_default)."""
    if field.default is not None or field.allow_null:
        return field.default
    if field.type == "boolean":
        return False
    return "" if field.is_text or field.type == "choice" else None
