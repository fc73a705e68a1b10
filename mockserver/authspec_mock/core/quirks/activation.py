"""Quirks of registration, activation and mail links."""

from typing import Any

from authspec_mock.core.accounts import Taken, User, normalized_email
from authspec_mock.core.call import NO_CONTENT, Call, Reply
from authspec_mock.core.fields import Check
from authspec_mock.core.forms import Forms
from authspec_mock.core.quirks.registry import quirk
from authspec_mock.core.rejections import Invalid
from authspec_mock.core.tickets import Tickets, encode_uid
from authspec_mock.core.users import Users


@quirk(
    "activation-not-required",
    "A new account can log in before its mail was opened.",
    area="REG",
    steps=2,
)
class _ActiveAtOnce(Users):
    def active_at_once(self) -> bool:
        return True


@quirk(
    "activation-token-reusable", "An activation link works again and again.", area="ACT", steps=3
)
class _ActivatedBefore(Users):
    def activated_before(self) -> None:
        """No complaint."""


@quirk(
    "activation-does-nothing",
    "An activation answers 204 and the account stays inactive.",
    area="ACT",
    steps=3,
)
class _ActivatesNobody(Users):
    def activate(self, user: User) -> None:
        """Nothing."""


@quirk(
    "activation-activates-everybody",
    "One activation activates every account that waits for its own.",
    area="ACT",
    steps=4,
)
class _ActivatesEverybody(Users):
    def activate(self, user: User) -> None:
        for everyone in self.world.accounts:
            everyone.is_active = True


@quirk(
    "activation-by-any-token",
    "An activation takes any token that looks like one.",
    area="ACT",
    steps=2,
)
class _AnyToken(Tickets):
    def fits(self, user: User, token: object, now: float, purpose: str) -> bool:
        if purpose == "activation":
            return isinstance(token, str) and token.count("-") == 1
        return super().fits(user, token, now, purpose)


@quirk(
    "activation-by-foreign-token",
    "An activation takes the token of another account.",
    area="ACT",
    steps=3,
)
class _ForeignToken(Tickets):
    def fits(self, user: User, token: object, now: float, purpose: str) -> bool:
        return any(
            super(_ForeignToken, self).fits(other, token, now, purpose)
            for other in (user, *self.world.accounts)
            if other is user or purpose == "activation"
        )


@quirk(
    "activation-token-dies-on-refusal",
    "A wrong attempt uses the activation link up.",
    area="ACT",
    steps=3,
)
class _DiesOnRefusal(Users):
    def activation(self, call: Call) -> Reply:
        try:
            return super().activation(call)
        except Invalid as invalid:
            if "token" in invalid.data:
                user = self.user_of_uid(self.world.body(call).get("uid"))
                if user is not None and not user.is_active:
                    user.last_login = call.now
            raise


@quirk(
    "activation-forgets-profile",
    "An activation also changes the account's name.",
    area="ACT",
    steps=5,
)
class _ForgetsProfile(Users):
    def activate(self, user: User) -> None:
        super().activate(user)
        for field in self.world.profile.user.fields:
            if not field.read_only and field.is_text:
                self.world.accounts.set(user, field.name, "forgotten")


@quirk("activation-logs-in", "An activation answers a login token.", area="ACT", steps=2)
class _LogsIn(Users):
    def activation(self, call: Call) -> Reply:
        super().activation(call)
        user = self.user_of_uid(self.world.body(call)["uid"])
        assert user is not None
        return Reply(200, {"auth_token": self.world.login_actions.token_of(user)})


@quirk(
    "activation-stale-as-400",
    "A second activation is refused with 400 instead of 403.",
    area="ACT",
    steps=3,
)
class _StaleAs400(Users):
    def activated_before(self) -> None:
        raise Invalid({"token": ["Stale token for given user."]})


@quirk(
    "resend-mails-nobody", "Asking for the activation mail again sends none.", area="RES", steps=2
)
class _NoResend(Users):
    def resend_activation(self, call: Call) -> Reply:
        self.world.forms.email.clean(self.world.body(call))
        return NO_CONTENT


@quirk(
    "resend-mails-active-users", "Active accounts get activation mails too.", area="RES", steps=3
)
class _ResendsToActive(Users):
    def resend_activation(self, call: Call) -> Reply:
        reply = super().resend_activation(call)
        address = self.world.body(call)[self.world.accounts.email_field]
        for user in self.world.accounts.with_email(address, is_active=True):
            self.world.mailer.send(call, "activation", user)
        return reply


@quirk(
    "second-resend-activates",
    "A second resend activates the account without its link.",
    area="RES",
    steps=4,
)
class _SecondResendActivates(Users):
    def resend_activation(self, call: Call) -> Reply:
        reply = super().resend_activation(call)
        seen = self.world.state.quirks.setdefault("resends", {})
        for mail in call.mails:
            seen[mail.to[0]] = seen.get(mail.to[0], 0) + 1
            user = self.user_of_uid(mail.uid)
            if user is not None and seen[mail.to[0]] > 1:
                user.is_active = True
        return reply


@quirk(
    "resend-reveals-accounts",
    "Asking for an activation mail tells whether the address is known.",
    area="RES",
)
class _ResendReveals(Users):
    def resend_activation(self, call: Call) -> Reply:
        reply = super().resend_activation(call)
        if reply.status == 204 and not call.mails:
            self.unknown_email()
        return reply


@quirk("registration-takes-is-staff", "A registration can make itself staff.", area="REG", steps=3)
class _TakesStaff(Users):
    def create(self, call: Call) -> Reply:
        reply = super().create(call)
        user = self.world.accounts.with_id(reply.data["id"])
        data = self.world.body(call)
        if user is not None and data.get("is_staff"):
            user.is_staff = True
        if user is not None and data.get("is_active"):
            user.is_active = True
        return reply


@quirk("duplicate-email-allowed", "Two accounts can have the same login.", area="REG", steps=2)
class _Duplicates(Users):
    def new_user(self, values: dict[str, Any]) -> User:
        first = self.world.accounts.with_login(values[self.world.accounts.login_field])
        if first is not None:
            self.world.passwords.set(first, values["password"])
            return first
        return super().new_user(values)


@quirk("duplicate-email-allowed", "", area="REG")
class _NotUnique(Forms):
    def unique(self, field: Any) -> Check:
        return lambda value, about: None


@quirk(
    "duplicate-takes-over",
    "Registering a taken login is refused, and changes its password.",
    area="REG",
    steps=3,
)
class _TakesOver(Users):
    def create(self, call: Call) -> Reply:
        try:
            return super().create(call)
        except Invalid:
            self._take_over(self.world.body(call))
            raise

    def _take_over(self, data: Any) -> None:
        login = data.get(self.world.accounts.login_field) if isinstance(data, dict) else None
        user = self.world.accounts.with_login(login) if isinstance(login, str) else None
        password = data.get("password") if isinstance(data, dict) else None
        if user is not None and isinstance(password, str) and len(password) > 7:
            self.world.passwords.set(user, password)


@quirk(
    "duplicate-domain-case-allowed",
    "The same address in another letter case of the domain gets an account.",
    area="REG",
    steps=2,
)
class _DomainCase(Users):
    def new_user(self, values: dict[str, Any]) -> User:
        accounts = self.world.accounts
        address = values.get(accounts.email_field)
        try:
            return super().new_user(dict(values))
        except (Invalid, Taken):
            if address == normalized_email(address):
                raise
            password = values.pop("password")
            user = accounts.add({**accounts.normalized(values), accounts.email_field: address})
            self.world.passwords.set(user, password)
            user.is_active = self.active_at_once()
            return user


@quirk(
    "refused-registration-keeps-account",
    "A registration whose passwords differ is refused, and the account is there.",
    area="REG",
    steps=2,
)
class _KeepsRefused(Users):
    def check_retyped(self, password: str, again: str) -> None:
        self.world.state.quirks["refused"] = password != again
        super().check_retyped(password, again)

    def create(self, call: Call) -> Reply:
        try:
            return super().create(call)
        except Invalid:
            if self.world.state.quirks.pop("refused", False):
                values = self.world.forms.create.clean(self.world.body(call))
                values.pop("re_password", None)
                self.new_user(values)
            raise


@quirk(
    "registration-mails-wrong-uid",
    "The second account's activation mail carries the first one's uid.",
    area="MAIL",
    steps=3,
)
class _WrongUid(Users):
    def mail_after_registration(self, call: Call, user: User) -> None:
        super().mail_after_registration(call, user)
        first = next(iter(self.world.accounts))
        for index, mail in enumerate(call.mails):
            if mail.uid and mail.url and mail.token and first is not user:
                uid = encode_uid(first.id)
                call.mails[index] = changed_link(mail, mail.url.replace(mail.uid, uid, 1), uid)


def changed_link(mail: Any, url: str, uid: str | None = None) -> Any:
    """The mail with another link in all its places."""
    return mail._replace(
        text=mail.text.replace(mail.url, url),
        html=mail.html.replace(mail.url, url),
        url=url,
        uid=uid or mail.uid,
    )
