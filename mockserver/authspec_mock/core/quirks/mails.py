"""Quirks of the mails: who gets them, how often, and where their links lead."""

from authspec_mock.core.accounts import User
from authspec_mock.core.call import Call
from authspec_mock.core.mails import Mailer
from authspec_mock.core.quirks.registry import quirk
from authspec_mock.core.tickets import encode_uid
from authspec_mock.core.users import Users
from authspec_mock.core.wire import Mail, MailKind


@quirk("mail-twice", "Every mail is sent twice.", area="MAIL")
class _Twice(Mailer):
    def send(self, call: Call, kind: MailKind, user: User) -> None:
        super().send(call, kind, user)
        super().send(call, kind, user)


@quirk("no-mails", "No mail is sent at all.", area="MAIL")
class _None(Mailer):
    def send(self, call: Call, kind: MailKind, user: User) -> None:
        """No mail."""


@quirk(
    "mail-to-everybody", "A mail goes to another account's address as well.", area="MAIL", steps=3
)
class _ToOthers(Mailer):
    def recipients(self, kind: MailKind, user: User) -> tuple[str, ...]:
        field = self.world.accounts.email_field
        others = [other.get(field) for other in self.world.accounts if other is not user]
        return (*super().recipients(kind, user), *others[-1:])


@quirk(
    "reset-mail-for-wrong-user",
    "A reset mail holds the link of the account made before.",
    area="RST",
    steps=5,
)
class _WrongReset(Mailer):
    def written(self, call: Call, kind: MailKind, user: User, to: str) -> Mail:
        if kind == "password_reset":
            everybody = list(self.world.accounts)
            user = everybody[max(0, everybody.index(user) - 1)]
        return super().written(call, kind, user, to)


@quirk("uid-of-other-user", "A mail's uid is that of the first account.", area="MAIL", steps=3)
class _FirstUid(Mailer):
    def uid(self, kind: MailKind, user: User) -> str:
        return encode_uid(next(iter(self.world.accounts)).id)


@quirk("link-wrong-host", "The links of the mails lead to another host.", area="MAIL")
class _WrongHost(Mailer):
    def domain(self, call: Call) -> str:
        return "evil.example.net"


@quirk(
    "link-follows-host-header",
    "The links of the mails lead where the request's Host says.",
    area="MAIL",
)
class _FollowsHost(Mailer):
    def domain(self, call: Call) -> str:
        return call.host


@quirk(
    "link-path-changed",
    "The links of the mails have another path than the profile says.",
    area="MAIL",
)
class _WrongPath(Mailer):
    def link(self, call: Call, kind: MailKind, *, uid: str, token: str) -> str:
        return super().link(call, kind, uid=uid, token=token).replace("/auth/", "/account/", 1)


@quirk("html-link-differs", "The link in the HTML of a mail does not work.", area="MAIL", steps=2)
class _HtmlDiffers(Mailer):
    def written(self, call: Call, kind: MailKind, user: User, to: str) -> Mail:
        mail = super().written(call, kind, user, to)
        return mail._replace(html=mail.html.replace(mail.token or "\0", "x" + (mail.token or "")))


@quirk("mail-contains-password", "The activation mail quotes the password.", area="MAIL")
class _QuotesPassword(Mailer):
    def written(self, call: Call, kind: MailKind, user: User, to: str) -> Mail:
        mail = super().written(call, kind, user, to)
        data = self.world.body(call)
        password = data.get("password") if isinstance(data, dict) else None
        if not password:
            return mail
        return mail._replace(text=f"{mail.text}\n\nYour password: {password}")


@quirk(
    "mail-to-old-address",
    "After a change of the address, mails go to the old one.",
    area="EML",
    steps=6,
)
class _OldAddress(Mailer):
    def recipients(self, kind: MailKind, user: User) -> tuple[str, ...]:
        old = self.world.state.quirks.get("old addresses", {}).get(str(user.id))
        return (old,) if old else super().recipients(kind, user)


@quirk("mail-to-old-address", "", area="EML")
class _RemembersAddress(Users):
    def change_login(self, user: User, login: object) -> None:
        kept = self.world.state.quirks.setdefault("old addresses", {})
        kept[str(user.id)] = user.get(self.world.accounts.email_field)
        super().change_login(user, login)


@quirk(
    "mail-to-new-and-old", "After a change of the address, mails go to both.", area="EML", steps=6
)
class _BothAddresses(Mailer):
    def recipients(self, kind: MailKind, user: User) -> tuple[str, ...]:
        old = self.world.state.quirks.get("old addresses", {}).get(str(user.id))
        new = super().recipients(kind, user)
        return (*new, old) if old else new


quirk("mail-to-new-and-old", "", area="EML")(_RemembersAddress)


@quirk(
    "registration-confirmed-twice",
    "An activated account gets the confirmation mail twice.",
    area="ACT",
    steps=2,
)
class _ConfirmedTwice(Mailer):
    def send(self, call: Call, kind: MailKind, user: User) -> None:
        super().send(call, kind, user)
        if kind == "confirmation" and call.action == "activation":
            super().send(call, kind, user)
