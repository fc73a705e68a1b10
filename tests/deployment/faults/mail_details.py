"""Mails that are right at first sight."""

from typing import Any

from .accounts import first_user, mail_token, uid_of
from .mailing import link, rendered, sending
from .patching import on_action, wrap
from .profiles import EVERYWHERE
from .registry import fault
from .shapes import around


@fault(
    "mails-from-elsewhere",
    "Mails come from another address than DEFAULT_FROM_EMAIL.",
    breaks="every mail: DEFAULT_FROM_EMAIL",
    profiles=EVERYWHERE,
)
@around("djoser.email.BaseEmailMessage.send")
def _(original: Any, mail: Any, to: Any, *args: Any, **kw: Any) -> None:
    original(mail, to, *args, **{**kw, "from_email": "root@example.net"})


@fault(
    "reset-mail-copied",
    "Reset mails have a Cc.",
    breaks="POST /users/reset_password/: the mail goes to the account's address alone",
    profiles=EVERYWHERE,
    steps=2,
)
@around("djoser.email.PasswordResetEmail.send")
def _(original: Any, mail: Any, to: Any, *args: Any, **kw: Any) -> None:
    original(mail, to, *args, **{**kw, "cc": ["archive@example.com"]})


@fault(
    "reset-mail-to-two-messages",
    "From the second reset mail of an account on, the oldest account gets it too.",
    breaks="POST /users/reset_password/: the mail goes to the account's address alone",
    steps=4,
)
def _() -> None:
    sent: set[Any] = set()

    def change(send: Any, mail: Any, to: Any) -> None:
        again = tuple(to) in sent
        sent.add(tuple(to))
        send([*to, first_user().email] if again else to)

    sending("PasswordResetEmail", change)


@fault(
    "reset-mail-has-activation-subject",
    "Reset mails have the subject of activation mails.",
    breaks="POST /users/reset_password/: the subject is that of a reset",
    profiles=EVERYWHERE,
    steps=2,
    level="should",
)
def _() -> None:
    def change(mail: Any) -> None:
        mail.subject = mail.subject.replace("Password reset", "Account activation")

    rendered("PasswordResetEmail", change)


@fault(
    "mails-name-another-site",
    "Mails name another site than SITE_NAME.",
    breaks="every mail: the site's name",
    profiles=EVERYWHERE,
    level="should",
)
def _() -> None:
    wrap(
        "djoser.email.BaseDjoserEmail.get_context_data",
        lambda original, mail: {**original(mail), "site_name": "Another site"},
    )


@fault(
    "reset-mail-names-first-user",
    "A reset mail tells the login name of the oldest account.",
    breaks="POST /users/reset_password/: the mail tells the account's login",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    def change(mail: Any) -> None:
        user = mail.context["user"]
        mail.body = mail.body.replace(user.get_username(), first_user().get_username())

    rendered("PasswordResetEmail", change)


@fault(
    "confirmation-mail-holds-reset-link",
    "A confirmation mail holds a link that resets the password.",
    breaks="POST /users/activation/: a confirmation mail holds no link with a token",
    steps=2,
)
def _() -> None:
    def change(mail: Any) -> None:
        user = mail.context["user"]
        path = f"auth/password/reset/{uid_of(user)}/{mail_token(user)}"
        mail.body += f"\n\nhttp://localhost:3000/{path}"

    rendered("ConfirmationEmail", change)


@fault(
    "activation-subject-holds-token",
    "The activation mail's subject holds its token.",
    breaks="POST /users/: the subject holds no secret",
)
def _() -> None:
    def change(mail: Any) -> None:
        token = mail.body.split("auth/activate/")[-1].split()[0].split("/")[-1]
        mail.subject += f" ({token})"

    rendered("ActivationEmail", change)


@fault(
    "activation-mail-has-a-second-link",
    "The activation mail has the same link a second time, with another host.",
    breaks="POST /users/: the link goes to the front end",
)
def _() -> None:
    def change(mail: Any) -> None:
        mail.body += "\n\n" + mail.body.replace("localhost:3000", "tracker.example.net")

    rendered("ActivationEmail", change)


@fault(
    "resent-mail-has-another-host",
    "The link of a resent activation mail goes to another host.",
    breaks="POST /users/resend_activation/: the link goes to the front end",
    steps=2,
)
def _() -> None:
    def change(mail: Any) -> None:
        if mail.request.path.endswith("resend_activation/"):
            mail.body = mail.body.replace("localhost:3000", "backend.example.net")

    rendered("ActivationEmail", change)


@fault(
    "activation-mail-holds-password",
    "The activation mail holds the password that was typed.",
    breaks="POST /users/: a mail holds no password",
)
def _() -> None:
    def change(mail: Any) -> None:
        mail.body += f"\n\nYour password: {mail.request.data.get('password', '')}"

    rendered("ActivationEmail", change)


@fault(
    "mails-go-to-former-address-too",
    "After a change of address, reset mails go to the former one as well.",
    breaks="POST /users/reset_password/: the mail goes to the account's address alone",
    steps=6,
)
def _() -> None:
    former: dict[str, str] = {}

    @on_action("set_username")
    def set_username(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        old = request.user.email if request.user.is_authenticated else None
        reply = original(view, request, **kw)
        if old:
            former[request.user.email] = old
        return reply

    def change(send: Any, mail: Any, to: Any) -> None:
        send(to)
        if to[0] in former:
            send([former[to[0]]])

    sending("PasswordResetEmail", change)


@fault(
    "mails-go-to-lower-case",
    "Mails go to the address in lower case.",
    breaks="POST /users/: the mail goes to the address that was typed",
)
def _() -> None:
    for kind in ("ActivationEmail", "PasswordResetEmail", "ConfirmationEmail"):
        sending(kind, lambda send, mail, to: send([to[0].lower()]))


@fault(
    "mails-lose-plus",
    "Mails for an address with a plus go to the address before it.",
    breaks="POST /users/: the mail goes to the address that was typed",
)
def _() -> None:
    def plain(send: Any, mail: Any, to: Any) -> None:
        name, _, domain = to[0].partition("@")
        send([f"{name.partition('+')[0]}@{domain}"])

    sending("ConfirmationEmail", plain)


@fault(
    "reset-link-of-second-request",
    "An account's second reset mail repeats the token of its first, though that one was used.",
    breaks="POST /users/reset_password/: each link works",
    steps=6,
)
def _() -> None:
    first: dict[Any, str] = {}

    def change(values: dict[str, Any]) -> None:
        values["token"] = first.setdefault(values["user"].pk, values["token"])

    link("PasswordResetEmail", "PASSWORD_RESET_CONFIRM_URL", change)


def _reset_domain(domain: Any) -> None:
    """Lets `domain(mail)` name the host in a reset mail's link, where it names one."""

    def get_context_data(original: Any, mail: Any, **kw: Any) -> Any:
        values = original(mail, **kw)
        return {**values, "domain": domain(mail) or values["domain"]}

    wrap("djoser.email.PasswordResetEmail.get_context_data", get_context_data)


@fault(
    "reset-link-to-elsewhere",
    "The link of a reset mail leads to another host than the front end's.",
    breaks="POST /users/reset_password/: the link leads to the front end",
    steps=2,
)
def _() -> None:
    _reset_domain(lambda mail: "staging.example.com")


@fault(
    "reset-link-to-forwarded-host",
    "The link of a reset mail leads to the X-Forwarded-Host, where one was sent.",
    breaks="POST /users/reset_password/: a forged host stays out of the link",
    steps=2,
)
def _() -> None:
    _reset_domain(lambda mail: mail.request.META.get("HTTP_X_FORWARDED_HOST"))


@fault(
    "mails-without-subject",
    "No mail has a subject.",
    breaks="every mail: a sender, a subject and a text",
)
@around("django.core.mail.EmailMessage.send")
def _(original: Any, mail: Any, *args: Any, **kw: Any) -> Any:
    mail.subject = ""
    return original(mail, *args, **kw)


@fault(
    "site-called-none",
    "Mails call the site None, as its name is not looked up.",
    breaks="Every mail: the places of its template are filled",
    steps=2,
)
@around("djoser.email.BaseEmailMessage.get_context_data")
def _(original: Any, mail: Any, **kwargs: Any) -> Any:
    return {**original(mail, **kwargs), "site_name": None}
