"""The six mails, word for word (djoser/templates/email of 2.3), and where their links point."""

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from authspec_mock.core.accounts import User
from authspec_mock.core.part import Part
from authspec_mock.core.tickets import encode_uid
from authspec_mock.core.wire import Mail, MailKind

if TYPE_CHECKING:
    from authspec_mock.core.call import Call

_THANKS = "Thanks for using our site!\n\nThe {site} team"
_THANKS_HTML = "<p>Thanks for using our site!</p>\n\n<p>The {site} team</p>"
_FORGOTTEN = "Your username, in case you've forgotten:"


_escaped = lru_cache(maxsize=64)(escape)
"""For the site's names, which are in every mail and seldom change."""


class Template(NamedTuple):
    subject: str
    text: str
    html: str


def _announcement(subject: str, sentence: str) -> Template:
    return Template(subject, f"{sentence}\n\n{_THANKS}", f"<p>{sentence}</p>\n\n{_THANKS_HTML}")


def _reset(subject: str, what: str) -> Template:
    why = (
        f"You're receiving this email because you requested a {what} reset for your user "
        "account at {site}."
    )
    todo = f"Please go to the following page and choose a new {what}:"
    return Template(
        subject,
        f"{why}\n\n{todo}\n{{link}}\n{_FORGOTTEN} {{login}}\n\n{_THANKS}",
        f'<p>{why}</p>\n\n<p>{todo}</p>\n<a href="{{link}}">{{link}}</a>\n'
        f"<p>{_FORGOTTEN} <b>{{login}}</b></p>\n\n{_THANKS_HTML}",
    )


_WHY = "You're receiving this email because you need to finish activation process on {site}."
_TODO = "Please go to the following page to activate account:"
TEMPLATES: dict[MailKind, Template] = {
    "activation": Template(
        "Account activation on {site}",
        f"{_WHY}\n\n{_TODO}\n{{link}}\n\n{_THANKS}",
        f'<p>{_WHY}</p>\n\n<p>{_TODO}</p>\n<p><a href="{{link}}">{{link}}</a></p>\n\n'
        f"{_THANKS_HTML}",
    ),
    "confirmation": _announcement(
        "{site} - Your account has been successfully created and activated!",
        "Your account has been created and is ready to use!",
    ),
    "password_reset": _reset("Password reset on {site}", "password"),
    "password_changed": _announcement(
        "{site} - Your password has been successfully changed!",
        "Your password has been changed!",
    ),
    "username_changed": _announcement(
        "{site} - Your username has been successfully changed!",
        "Your username has been changed!",
    ),
    "username_reset": _reset("Username reset on {site}", "username"),
}
_LINKED: dict[MailKind, str] = {
    "activation": "ACTIVATION_URL",
    "password_reset": "PASSWORD_RESET_CONFIRM_URL",
    "username_reset": "USERNAME_RESET_CONFIRM_URL",
}


class Mailer(Part):
    """Writes the mails of a call."""

    def send(self, call: "Call", kind: MailKind, user: User) -> None:
        """A mail of that kind about an account, to whoever it goes to; nobody gets none."""
        if kind in _LINKED and not getattr(self.world.profile.djoser, _LINKED[kind]):
            return  # the real one fails with 500, and only for accounts that exist
        for address in self.recipients(kind, user):
            if address:  # django/core/mail/message.py: recipients() drops empty addresses
                call.mails.append(self.written(call, kind, user, address))

    def recipients(self, kind: MailKind, user: User) -> tuple[str, ...]:
        return (user.values.get(self.world.accounts.email_field) or "",)

    def written(self, call: "Call", kind: MailKind, user: User, to: str) -> Mail:
        """The mail itself; every name in it is escaped as HTML, in the text as well, as Django does."""
        template = TEMPLATES[kind]
        site = _escaped(self.site_name(call))
        uid = token = link = None
        if kind in _LINKED:
            uid = self.uid(kind, user)
            token = self.world.tickets.make(user, call.now, kind)
            link = self.link(call, kind, uid=uid, token=token)
        words = {
            "site": site,
            "link": link,
            "login": escape(str(user.get(self.world.accounts.login_field) or "")),
        }
        return Mail(
            kind=kind,
            to=(to,),
            from_=self.world.profile.mail.from_ or "webmaster@localhost",
            subject=template.subject.format_map(words).strip(),
            text=template.text.format_map(words),
            html=template.html.format_map(words),
            sent_at=call.now,
            uid=uid,
            token=token,
            url=link,
        )

    def uid(self, kind: MailKind, user: User) -> str:
        return encode_uid(user.id)

    def link(self, call: "Call", kind: MailKind, *, uid: str, token: str) -> str:
        """The whole link; only its path is not escaped (`{{ url|safe }}`)."""
        template = getattr(self.world.profile.djoser, _LINKED[kind])
        protocol, domain = self.protocol(call), self.domain(call)
        path = template.format(
            uid=uid, token=token, protocol=protocol, domain=domain, site_name=self.site_name(call)
        )
        return f"{_escaped(protocol)}://{_escaped(domain)}/{path}"

    # djoser/email.py: EMAIL_FRONTEND_* first, then Django's DOMAIN and SITE_NAME, then the request

    def site_name(self, call: "Call") -> str:
        profile = self.world.profile
        return profile.djoser.EMAIL_FRONTEND_SITE_NAME or profile.mail.site_name or call.host

    def domain(self, call: "Call") -> str:
        profile = self.world.profile
        return profile.djoser.EMAIL_FRONTEND_DOMAIN or profile.mail.domain or call.host

    def protocol(self, call: "Call") -> str:
        profile = self.world.profile
        return (
            profile.djoser.EMAIL_FRONTEND_PROTOCOL or profile.mail.protocol or call.request.scheme
        )
