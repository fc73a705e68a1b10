"""Quirks of passwords: setting, resetting and judging them."""

from typing import Any

from authspec_contract.profile import Validator
from authspec_mock.core.accounts import User
from authspec_mock.core.call import NO_CONTENT, Call, Reply
from authspec_mock.core.part import Part
from authspec_mock.core.password_rules import PasswordRules
from authspec_mock.core.passwords import Passwords
from authspec_mock.core.quirks.registry import quirk
from authspec_mock.core.rejections import Invalid
from authspec_mock.core.tickets import Tickets
from authspec_mock.core.users import Users

_VALIDATORS = ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
_WEAK = {
    "UserAttributeSimilarity": ("similar", "like the account's own login"),
    "MinimumLength": ("short", "that is too short"),
    "CommonPassword": ("common", "from the list of common ones"),
    "NumericPassword": ("numeric", "of digits alone"),
}


def _without(missing: str) -> type[Part]:
    class _Lenient(PasswordRules):
        def validators(self) -> tuple[Validator, ...]:
            return tuple(v for v in super().validators() if v.name != missing)

    return _Lenient


for _name in _VALIDATORS:
    _word, _phrase = _WEAK[_name]
    quirk(f"weak-password-accepted-{_word}", f"A password {_phrase} is accepted.", area="REG")(
        _without(_name)
    )


@quirk(
    "weak-password-accepted-at-reset",
    "A password reset accepts weak passwords.",
    area="RST",
    steps=3,
)
class _WeakReset(Users):
    def check_new_password(self, values: dict[str, Any], user: User | None, retype: bool) -> None:
        if "uid" in values:
            self.check_retyped(
                values["new_password"], values.get("re_new_password", values["new_password"])
            )
        else:
            super().check_new_password(values, user, retype)


@quirk(
    "weak-password-accepted-at-change",
    "A password change accepts weak passwords.",
    area="PWD",
    steps=3,
)
class _WeakChange(Users):
    def check_new_password(self, values: dict[str, Any], user: User | None, retype: bool) -> None:
        if "uid" in values:
            super().check_new_password(values, user, retype)
        else:
            self.check_retyped(
                values["new_password"], values.get("re_new_password", values["new_password"])
            )


@quirk("retype-ignored", "Nobody compares the repeated password.", area="REG")
class _RetypeIgnored(Users):
    def check_retyped(self, password: str, again: str) -> None:
        """No comparison."""


@quirk(
    "retype-ignored-at-change",
    "A password change does not compare the repeated password.",
    area="PWD",
    steps=3,
)
class _RetypeIgnoredAtChange(Users):
    def check_new_password(self, values: dict[str, Any], user: User | None, retype: bool) -> None:
        super().check_new_password(values, user, retype and "uid" in values)


@quirk(
    "retype-ignored-at-reset",
    "A password reset does not compare the repeated password.",
    area="RST",
    steps=3,
)
class _RetypeIgnoredAtReset(Users):
    def check_new_password(self, values: dict[str, Any], user: User | None, retype: bool) -> None:
        super().check_new_password(values, user, retype and "uid" not in values)


@quirk(
    "wrong-current-password-accepted",
    "A password change takes any current password.",
    area="PWD",
    steps=3,
)
class _AnyCurrent(Users):
    def set_password(self, call: Call) -> Reply:
        self.world.state.quirks["lenient"] = True
        try:
            return super().set_password(call)
        finally:
            del self.world.state.quirks["lenient"]

    def is_current_password(self, user: User, password: str) -> bool:
        lenient = "lenient" in self.world.state.quirks
        return lenient or super().is_current_password(user, password)


@quirk(
    "foreign-current-password-accepted",
    "A current password may be that of any account.",
    area="PWD",
    steps=4,
)
class _ForeignCurrent(Users):
    def is_current_password(self, user: User, password: str) -> bool:
        return any(
            super(_ForeignCurrent, self).is_current_password(u, password)
            for u in self.world.accounts
        )


@quirk(
    "old-password-still-works",
    "After a password change the old password logs in as well.",
    area="PWD",
    steps=4,
)
class _OldWorks(Users):
    def change_password(self, user: User, password: str) -> None:
        kept = self.world.state.quirks.setdefault("old", {})
        kept.setdefault(str(user.id), []).append(user.password)
        super().change_password(user, password)


@quirk("old-password-still-works", "", area="PWD")
class _OldMatches(Passwords):
    def matches(self, user: User, raw: str) -> bool:
        if super().matches(user, raw):
            return True
        twin = user.copy()
        for old in self.world.state.quirks.get("old", {}).get(str(user.id), ()):
            twin.password = old
            if super().matches(twin, raw):
                return True
        return False


@quirk(
    "password-change-does-nothing",
    "A password change answers 204 and changes nothing.",
    area="PWD",
    steps=4,
)
class _NoChange(Users):
    def change_password(self, user: User, password: str) -> None:
        """Nothing."""


@quirk(
    "password-cut-short",
    "Only the first twelve characters of a password count.",
    area="REG",
    steps=3,
)
class _CutShort(Passwords):
    def set(self, user: User, raw: str) -> None:
        super().set(user, raw[:12])

    def matches(self, user: User, raw: str) -> bool:
        return super().matches(user, raw[:12])


@quirk("password-case-ignored", "Letter case does not count in a password.", area="REG", steps=3)
class _NoCase(Passwords):
    def set(self, user: User, raw: str) -> None:
        super().set(user, raw.lower())

    def matches(self, user: User, raw: str) -> bool:
        return super().matches(user, raw.lower())


@quirk(
    "password-change-reaches-neighbour",
    "A password change sets the password of the account made just before as well.",
    area="PWD",
    steps=6,
)
class _NeighbourToo(Users):
    def change_password(self, user: User, password: str) -> None:
        super().change_password(user, password)
        everybody = list(self.world.accounts)
        index = everybody.index(user)
        if index:
            self.world.passwords.set(everybody[index - 1], password)


@quirk(
    "refused-call-changes-state",
    "A password change that is refused for its repetition has changed the password.",
    area="PWD",
    steps=4,
)
class _ChangesFirst(Users):
    def check_new_password(self, values: dict[str, Any], user: User | None, retype: bool) -> None:
        try:
            super().check_new_password(values, user, retype)
        except Invalid as invalid:
            if user is not None and "non_field_errors" in invalid.data:
                self.world.passwords.set(user, values["new_password"])
            raise


@quirk("reset-token-reusable", "A reset link works again and again.", area="RST", steps=4)
class _ResetReusable(Tickets):
    def at(self, user: User, stamp: int) -> str:
        twin = user.copy()
        twin.password = ""
        twin.last_login = None
        return super().at(twin, stamp)


@quirk(
    "reset-token-survives-password-change",
    "A reset link outlives a password change.",
    area="RST",
    steps=5,
)
class _SurvivesChange(Tickets):
    def fits(self, user: User, token: object, now: float, purpose: str) -> bool:
        return super().fits(user, token, now, purpose) or any(
            super(_SurvivesChange, self).fits(old, token, now, purpose)
            for old in self._before(user)
        )

    def _before(self, user: User) -> list[User]:
        found = []
        for hashed in self.world.state.quirks.get("changed", {}).get(str(user.id), ()):
            twin = user.copy()
            twin.password = hashed
            found.append(twin)
        return found


@quirk("reset-token-survives-password-change", "", area="RST")
class _RemembersChange(Users):
    def set_password(self, call: Call) -> Reply:
        before = call.actor.password
        reply = super().set_password(call)
        changed = self.world.state.quirks.setdefault("changed", {})
        changed.setdefault(str(call.actor.id), []).append(before)
        return reply


@quirk(
    "reset-token-survives-email-change",
    "A reset link outlives a change of the address.",
    area="RST",
    steps=5,
)
class _SurvivesEmail(Tickets):
    def address(self, user: User) -> str:
        return ""


@quirk(
    "reset-token-of-another-account",
    "A reset link works with another account's uid.",
    area="RST",
    steps=5,
)
class _ForeignReset(Tickets):
    def fits(self, user: User, token: object, now: float, purpose: str) -> bool:
        return any(
            super(_ForeignReset, self).fits(other, token, now, purpose)
            for other in (user, *self.world.accounts)
            if other is user or purpose == "password_reset"
        )


@quirk(
    "reset-token-never-expires", "A mail token works for ever.", area="SEC", steps=3, level="none"
)
class _NeverExpires(Tickets):
    def fits(self, user: User, token: object, now: float, purpose: str) -> bool:
        if not isinstance(token, str) or token.count("-") != 1:
            return False
        try:
            stamp = int(token.split("-")[0][:13], 36)
        except ValueError:
            return False
        return stamp >= 0 and self.at(user, stamp) == token


@quirk(
    "reset-needs-no-token",
    "A reset works with the uid alone, whatever the token.",
    area="RST",
    steps=2,
)
class _NoToken(Users):
    def user_of_link(self, call: Call, data: Any, purpose: str) -> User:
        if purpose == "password_reset":
            user = self.user_of_uid(data.get("uid", ""))
            if user is not None:
                return user
        return super().user_of_link(call, data, purpose)


@quirk("reset-does-nothing", "A reset answers 204 and the password stays.", area="RST", steps=4)
class _NoReset(Users):
    def reset_to(self, call: Call, user: User, password: str) -> None:
        user.last_login = call.now


@quirk(
    "reset-activates",
    "A password reset activates the account.",
    area="RST",
    steps=5,
    level="should",
)
class _ResetActivates(Users):
    def reset_to(self, call: Call, user: User, password: str) -> None:
        super().reset_to(call, user, password)
        user.is_active = True


@quirk("reset-forgets-profile", "A password reset empties the account's name.", area="RST", steps=6)
class _ResetForgets(Users):
    def reset_to(self, call: Call, user: User, password: str) -> None:
        super().reset_to(call, user, password)
        for field in self.world.profile.user.fields:
            if not field.read_only and field.is_text:
                self.world.accounts.set(user, field.name, "")


@quirk(
    "unknown-email-revealed", "Asking for a reset tells whether the address is known.", area="RST"
)
class _Reveals(Users):
    def reset_password(self, call: Call) -> Reply:
        reply = super().reset_password(call)
        if not call.mails:
            self.unknown_email()
        return reply


@quirk("reset-mails-nobody", "Asking for a reset sends no mail.", area="RST", steps=2)
class _NoResetMail(Users):
    def send_reset(self, call: Call, user: User) -> None:
        """No mail."""


@quirk(
    "reset-mails-inactive-users",
    "An account that is not active gets reset mails.",
    area="RST",
    steps=2,
)
class _MailsInactive(Users):
    def reset_password(self, call: Call) -> Reply:
        super().reset_password(call)
        address = self.world.body(call)[self.world.accounts.email_field]
        for user in self.world.accounts.with_email(address, is_active=False):
            self.send_reset(call, user)
        return NO_CONTENT


@quirk(
    "second-reset-mail-missing",
    "The second reset mail of an account never comes.",
    area="RST",
    steps=4,
)
class _OneResetOnly(Users):
    def send_reset(self, call: Call, user: User) -> None:
        seen = self.world.state.quirks.setdefault("reset once", [])
        if user.id not in seen:
            seen.append(user.id)
            super().send_reset(call, user)


@quirk(
    "new-password-not-required",
    "A password change without a new password is a success.",
    area="PWD",
    steps=3,
)
class _NewPasswordOptional(Users):
    def set_password(self, call: Call) -> Reply:
        try:
            return super().set_password(call)
        except Invalid as invalid:
            if isinstance(invalid.data, dict) and invalid.data.get("new_password") == [
                "This field is required."
            ]:
                return NO_CONTENT
            raise
