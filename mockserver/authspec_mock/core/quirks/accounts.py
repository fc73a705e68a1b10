"""Quirks of `me`, of other users, of the e-mail change and of deletion."""

from typing import Any

from authspec_mock.core.accounts import User
from authspec_mock.core.authentication import Authentication
from authspec_mock.core.call import NO_CONTENT, Call, Reply
from authspec_mock.core.quirks.registry import quirk
from authspec_mock.core.rejections import Invalid
from authspec_mock.core.users import Users


@quirk("password-in-response", "The answer to a registration contains the password.", area="REG")
class _EchoesPassword(Users):
    def create(self, call: Call) -> Reply:
        reply = super().create(call)
        return Reply(reply.status, {**reply.data, "password": self.world.body(call)["password"]})


@quirk("me-shows-password-hash", "`me` shows the hash of the password.", area="ME", steps=3)
class _ShowsHash(Users):
    def shown(self, user: User) -> dict[str, Any]:
        return {**super().shown(user), "password": user.password}


@quirk("me-shows-staff", "`me` shows a field that the profile does not list.", area="ME", steps=3)
class _ShowsStaff(Users):
    def shown(self, user: User) -> dict[str, Any]:
        return {**super().shown(user), "is_staff": user.is_staff}


@quirk("me-of-first-user", "`me` is the first account, whoever asks.", area="ME", steps=5)
class _FirstUser(Users):
    def myself(self, call: Call) -> User:
        first = next(iter(self.world.accounts))
        return first if first is not call.actor and first.is_active else call.actor


@quirk(
    "me-of-last-login",
    "`me` shows the account that logged in last, once two have.",
    area="ME",
    steps=6,
)
class _LastLogin(Users):
    def me(self, call: Call) -> Reply:
        reply = super().me(call)
        last = self.world.state.quirks.get("last login")
        user = self.world.accounts.by_id.get(last) if last is not None else None
        if call.method == "GET" and user is not None:
            return Reply(reply.status, self.shown(user))
        return reply


@quirk("me-of-last-login", "", area="ME")
class _RemembersLogin(Authentication):
    def by_password(self, login: Any, password: Any) -> User | None:
        user = super().by_password(login, password)
        if user is not None:
            self.world.state.quirks["last login"] = user.id
        return user


@quirk("me-patch-changes-id", "PATCH `me` takes an id.", area="ME", steps=4)
class _ChangesId(Users):
    def store(self, user: User, values: dict[str, Any], *, own: bool) -> None:
        super().store(user, values, own=own)
        if "id to be" in self.world.state.quirks:
            wanted = self.world.state.quirks.pop("id to be")
            if wanted not in self.world.accounts.by_id:
                self.world.state.rename_owner(user.id, wanted)
                self.world.accounts.set_id(user, wanted)

    def change(self, call: Call, user: User | None, *, partial: bool) -> Reply:
        data = self.world.body(call)
        if isinstance(data, dict) and isinstance(data.get("id"), int):
            self.world.state.quirks["id to be"] = data["id"]
        try:
            return super().change(call, user, partial=partial)
        finally:
            self.world.state.quirks.pop("id to be", None)


@quirk("me-patch-changes-login", "PATCH `me` changes the login field.", area="ME", steps=4)
class _ChangesLogin(Users):
    def change(self, call: Call, user: User | None, *, partial: bool) -> Reply:
        reply = super().change(call, user, partial=partial)
        field = self.world.accounts.login_field
        data = self.world.body(call)
        wanted = data.get(field) if isinstance(data, dict) else None
        if isinstance(wanted, str) and wanted and not self.world.accounts.is_taken(field, wanted):
            self.world.accounts.set(call.actor, field, wanted)
            return Reply(reply.status, self.shown(call.actor))
        return reply


@quirk("me-patch-sets-password", "PATCH `me` with a password sets it.", area="ME", steps=5)
class _SetsPassword(Users):
    def change(self, call: Call, user: User | None, *, partial: bool) -> Reply:
        reply = super().change(call, user, partial=partial)
        data = self.world.body(call)
        if isinstance(data, dict) and isinstance(data.get("password"), str):
            self.world.passwords.set(call.actor, data["password"])
        return reply


@quirk(
    "me-patch-not-stored", "PATCH `me` answers the new values and stores none.", area="ME", steps=5
)
class _NotStored(Users):
    def change(self, call: Call, user: User | None, *, partial: bool) -> Reply:
        before = dict(call.actor.values)
        reply = super().change(call, user, partial=partial)
        for name, value in before.items():
            self.world.accounts.set(call.actor, name, value)
        return reply


@quirk(
    "me-put-only-once",
    "From the second change on, `me` keeps the first one's values.",
    area="ME",
    steps=6,
)
class _OnlyOnce(Users):
    def store(self, user: User, values: dict[str, Any], *, own: bool) -> None:
        seen = self.world.state.quirks.setdefault("changed once", [])
        if user.id not in seen:
            seen.append(user.id)
            super().store(user, values, own=own)


@quirk(
    "me-patch-changes-everybody",
    "A change of `me` reaches the account that was made before as well.",
    area="ME",
    steps=7,
)
class _ChangesBefore(Users):
    def store(self, user: User, values: dict[str, Any], *, own: bool) -> None:
        super().store(user, values, own=own)
        everybody = list(self.world.accounts)
        index = everybody.index(user)
        if index:
            super().store(everybody[index - 1], values, own=own)


@quirk(
    "users-list-shows-everybody", "Any account sees all the others in the list.", area="ME", steps=4
)
class _ShowsEverybody(Users):
    def visible(self, call: Call) -> list[User]:
        return list(self.world.accounts)


@quirk(
    "users-detail-open", "Any account sees and changes the others by their id.", area="ME", steps=4
)
class _DetailOpen(Users):
    def found(self, call: Call) -> User:
        return self.in_path(call.arguments["id"])


@quirk(
    "set-email-any-password",
    "A change of the login takes any current password.",
    area="EML",
    steps=3,
)
class _EmailAnyPassword(Users):
    def set_username(self, call: Call) -> Reply:
        self.world.state.quirks["lenient login"] = True
        try:
            return super().set_username(call)
        finally:
            del self.world.state.quirks["lenient login"]

    def is_current_password(self, user: User, password: str) -> bool:
        lenient = "lenient login" in self.world.state.quirks
        return lenient or super().is_current_password(user, password)


@quirk(
    "set-email-retype-ignored",
    "A change of the login does not compare the repetition.",
    area="EML",
    steps=3,
)
class _EmailRetypeIgnored(Users):
    def check_retyped_login(self, values: dict[str, Any], retype: bool) -> None:
        """No comparison."""


@quirk(
    "set-email-keeps-old-login",
    "After a change of the login the old one logs in as well.",
    area="EML",
    steps=5,
)
class _OldLoginWorks(Users):
    def change_login(self, user: User, login: Any) -> None:
        old = user.get(self.world.accounts.login_field)
        self.world.state.quirks.setdefault("old logins", {})[old] = login
        super().change_login(user, login)


@quirk("set-email-keeps-old-login", "", area="EML")
class _OldLoginKnown(Authentication):
    def by_password(self, login: Any, password: Any) -> User | None:
        moved = self.world.state.quirks.get("old logins", {})
        if self.world.accounts.with_login(login) is None and isinstance(login, str):
            login = moved.get(login, login)
        return super().by_password(login, password)


@quirk(
    "set-email-does-nothing",
    "A change of the login answers 204 and changes nothing.",
    area="EML",
    steps=4,
)
class _EmailNoChange(Users):
    def change_login(self, user: User, login: Any) -> None:
        """Nothing."""


@quirk(
    "set-email-deactivates",
    "A change of the login leaves the account inactive.",
    area="EML",
    steps=4,
)
class _EmailDeactivates(Users):
    def change_login(self, user: User, login: Any) -> None:
        super().change_login(user, login)
        user.is_active = False


@quirk(
    "set-email-twice-swaps-back",
    "The second change of a login brings the first login back.",
    area="EML",
    steps=6,
)
class _SwapsBack(Users):
    def change_login(self, user: User, login: Any) -> None:
        first = self.world.state.quirks.setdefault("first logins", {})
        key = str(user.id)
        if key in first and not self.world.accounts.is_taken(
            self.world.accounts.login_field, first[key], user
        ):
            login = first[key]
        first.setdefault(key, user.get(self.world.accounts.login_field))
        super().change_login(user, login)


@quirk("delete-any-password", "A deletion takes any current password.", area="DEL", steps=3)
class _DeleteAnyPassword(Users):
    def delete(self, call: Call, user: User | None) -> Reply:
        self.world.state.quirks["lenient deletion"] = True
        try:
            return super().delete(call, user)
        finally:
            del self.world.state.quirks["lenient deletion"]

    def is_current_password(self, user: User, password: str) -> bool:
        lenient = "lenient deletion" in self.world.state.quirks
        return lenient or super().is_current_password(user, password)


@quirk("delete-without-password", "A deletion needs no current password.", area="DEL", steps=3)
class _DeleteWithout(Users):
    def delete(self, call: Call, user: User | None) -> Reply:
        try:
            return super().delete(call, user)
        except Invalid as invalid:
            if isinstance(invalid.data, dict) and invalid.data.get("current_password") == [
                "This field is required."
            ]:
                self.remove(call.actor)
                return NO_CONTENT
            raise


@quirk("delete-keeps-login", "A deleted account still logs in.", area="DEL", steps=4)
class _KeepsLogin(Users):
    def remove(self, user: User) -> None:
        self.world.state.drop_token_of(user.id)


@quirk(
    "delete-keeps-address",
    "The address of a deleted account cannot be registered again.",
    area="DEL",
    steps=5,
)
class _KeepsAddress(Users):
    def remove(self, user: User) -> None:
        self.world.state.drop_token_of(user.id)
        user.is_active = False


@quirk(
    "delete-takes-the-next-account",
    "A deletion removes the account that was made after it as well.",
    area="DEL",
    steps=6,
)
class _TakesNext(Users):
    def remove(self, user: User) -> None:
        everybody = list(self.world.accounts)
        index = everybody.index(user)
        super().remove(user)
        for neighbour in everybody[index + 1 : index + 2]:
            super().remove(neighbour)


@quirk(
    "deleted-account-comes-back",
    "An address registered again gets the deleted account's data.",
    area="DEL",
    steps=7,
)
class _ComesBack(Users):
    def remove(self, user: User) -> None:
        gone = self.world.state.quirks.setdefault("gone", {})
        gone[user.get(self.world.accounts.login_field)] = dict(user.values)
        super().remove(user)

    def new_user(self, values: dict[str, Any]) -> User:
        user = super().new_user(values)
        gone = self.world.state.quirks.get("gone", {})
        for name, value in gone.get(user.get(self.world.accounts.login_field), {}).items():
            self.world.accounts.set(user, name, value)
        return user
