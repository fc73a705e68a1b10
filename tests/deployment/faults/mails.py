"""Mails that go wrong: missing, doubled, to the wrong address, with the wrong link."""

from collections import Counter
from typing import Any

from .accounts import first_user, mail_token, uid_of, users
from .mailing import djoser_mail, link, rendered, sending, sent_times
from .patching import replaced
from .profiles import BY_EMAIL, EVERYWHERE
from .registry import djoser_setting, fault, wrong_setting
from .shapes import around


@fault(
    "activation-mail-missing",
    "Registration sends no activation mail.",
    breaks="POST /users/: one activation mail",
)
def _() -> None:
    sent_times("ActivationEmail", 0)


@fault(
    "activation-mail-twice",
    "Every activation mail is sent twice.",
    breaks="POST /users/: exactly one activation mail",
)
def _() -> None:
    sent_times("ActivationEmail", 2)


@fault(
    "activation-mail-to-first-user",
    "From the second account on, activation mails go to the oldest account.",
    breaks="POST /users/: the mail goes to the new account's address alone",
    steps=2,
)
def _() -> None:
    sending("ActivationEmail", lambda send, mail, to: send([first_user().email]))


@fault(
    "activation-mail-copied",
    "Activation mails go to an archive address as well.",
    breaks="POST /users/: the mail goes to the new account's address alone",
)
def _() -> None:
    sending("ActivationEmail", lambda send, mail, to: send([*to, "archive@example.com"]))


@fault(
    "activation-link-of-first-user",
    "From the second account on, the link holds the uid of the oldest account.",
    breaks="POST /users/: the link's uid and token activate the new account",
    steps=2,
)
def _() -> None:
    link(
        "ActivationEmail",
        "ACTIVATION_URL",
        lambda values: values.update(uid=uid_of(first_user())),
    )


@fault(
    "activation-link-swapped",
    "The activation link holds the token where its uid should stand.",
    breaks="POST /users/: the link has the shape of ACTIVATION_URL",
)
def _() -> None:
    link(
        "ActivationEmail",
        "ACTIVATION_URL",
        lambda values: values.update(uid=values["token"], token=values["uid"]),
    )


@fault(
    "activation-link-plain-id",
    "The activation link holds the account's id, not encoded.",
    breaks="POST /users/: the link's uid and token activate the new account",
)
def _() -> None:
    link(
        "ActivationEmail",
        "ACTIVATION_URL",
        lambda values: values.update(uid=str(values["user"].pk)),
    )


@fault(
    "activation-mail-without-link",
    "The activation mail has no link.",
    breaks="POST /users/: the mail holds a link with uid and token",
)
def _() -> None:
    def send(go: Any, mail: Any, to: Any) -> None:
        mail.template_name = "email/confirmation.html"
        go(to)

    sending("ActivationEmail", send)


@fault(
    "activation-mail-holds-password-hash",
    "The activation mail holds the password's hash.",
    breaks="POST /users/: a mail holds no password",
    level="should",
)
def _() -> None:
    def change(mail: Any) -> None:
        mail.body += f"\n\nYour password: {mail.context['user'].password}"

    rendered("ActivationEmail", change)


@fault(
    "confirmation-mail-missing",
    "No confirmation mail is sent.",
    breaks="SEND_CONFIRMATION_EMAIL: one confirmation mail",
    profiles=BY_EMAIL,
    steps=2,
)
def _() -> None:
    sent_times("ConfirmationEmail", 0)


@fault(
    "confirmation-mail-twice",
    "The confirmation mail is sent twice.",
    breaks="SEND_CONFIRMATION_EMAIL: exactly one confirmation mail",
    profiles=BY_EMAIL,
    steps=2,
)
def _() -> None:
    sent_times("ConfirmationEmail", 2)


@fault(
    "confirmation-mail-to-first-user",
    "From the second account on, confirmation mails go to the oldest account.",
    breaks="SEND_CONFIRMATION_EMAIL: the mail goes to the account's address alone",
    profiles=BY_EMAIL,
    steps=4,
)
def _() -> None:
    sending("ConfirmationEmail", lambda send, mail, to: send([first_user().email]))


@fault(
    "confirmation-mail-at-registration",
    "With activation on, the confirmation mail is sent at registration as well.",
    breaks="POST /users/: the only mail is the activation mail",
)
@around("djoser.views.UserViewSet.perform_create")
def _(original: Any, view: Any, serializer: Any, *args: Any, **kwargs: Any) -> None:
    original(view, serializer, *args, **kwargs)
    user = serializer.instance
    djoser_mail("confirmation", view.request, user)


@fault(
    "activation-sends-activation-mail",
    "After an activation comes a second activation mail instead of the confirmation.",
    breaks="POST /users/activation/: a confirmation mail without link (Djoser 2.0.1 had this)",
    steps=2,
)
def _() -> None:
    from djoser import email
    from djoser.conf import settings

    settings.EMAIL["confirmation"] = email.ActivationEmail


@fault(
    "reset-mail-missing",
    "A password reset mails nobody.",
    breaks="POST /users/reset_password/: one mail with a link",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    sent_times("PasswordResetEmail", 0)


@fault(
    "reset-mail-twice",
    "A password reset sends two mails.",
    breaks="POST /users/reset_password/: exactly one mail",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    sent_times("PasswordResetEmail", 2)


@fault(
    "reset-mail-to-first-user",
    "Password reset mails go to the oldest account.",
    breaks="POST /users/reset_password/: the mail goes to the account's address alone",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    sending("PasswordResetEmail", lambda send, mail, to: send([first_user().email]))


@fault(
    "reset-mail-to-everyone",
    "A password reset mail goes to every account.",
    breaks="POST /users/reset_password/: the mail goes to the account's address alone",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    sending(
        "PasswordResetEmail",
        lambda send, mail, to: send(list(users().values_list("email", flat=True))),
    )


@fault(
    "reset-link-of-first-user",
    "The link of a password reset holds uid and token of the oldest account.",
    breaks="POST /users/reset_password/: the link resets the password of the account that asked",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    def change(values: Any) -> None:
        first = first_user()
        values.update(uid=uid_of(first), token=mail_token(first))

    link("PasswordResetEmail", "PASSWORD_RESET_CONFIRM_URL", change)


@fault(
    "reset-link-is-activation-link",
    "The link of a password reset leads to the activation page.",
    breaks="POST /users/reset_password/: the link has the shape of PASSWORD_RESET_CONFIRM_URL",
    profiles=BY_EMAIL,
    steps=3,
)
def _() -> None:
    link("PasswordResetEmail", "ACTIVATION_URL", lambda values: None)


@fault(
    "mail-link-follows-host-header",
    "The link of a mail names the host that the client sent.",
    breaks="mails: the link's host is the configured front end",
    profiles=EVERYWHERE,
    steps=1,
)
@around("djoser.email.BaseDjoserEmail.get_context_data")
def _(original: Any, self: Any) -> Any:
    values = original(self)
    values["domain"] = self.request.get_host()
    return values


@fault(
    "mail-link-https",
    "The links of mails say https although the front end is configured as http.",
    breaks="mails: the link's scheme is the configured one",
    profiles=EVERYWHERE,
)
@around("djoser.email.BaseDjoserEmail.get_context_data")
def _(original: Any, self: Any) -> Any:
    return {**original(self), "protocol": "https"}


@fault(
    "mail-only-html",
    "Mails have an HTML part and no text.",
    breaks="mails: a text part with the link",
    profiles=EVERYWHERE,
    level="should",
)
def _() -> None:
    def attach(self: Any) -> None:
        self.body = self.html
        self.content_subtype = "html"

    replaced("djoser.email.BaseEmailMessage._attach_body", attach)


@fault(
    "mail-html-link-differs",
    "The link in a mail's HTML part has another token than the one in the text.",
    breaks="mails: both parts hold the same link",
    profiles=EVERYWHERE,
    level="should",
)
@around("djoser.email.BaseEmailMessage._attach_body")
def _(original: Any, self: Any) -> None:
    token = self.get_context_data().get("token")
    if token and self.html:
        self.html = self.html.replace(token, token[::-1])
    original(self)


def _domain(profile: dict[str, Any]) -> None:
    profile["mail"]["domain"] = "example.com"


wrong_setting(
    "mail-domain-example-com",
    "The links of mails point at example.com, Django's default site.",
    _domain,
    breaks="mails: the link's host is the configured front end",
    profiles=EVERYWHERE,
)
wrong_setting(
    "activation-url-changed",
    "The activation link has another shape than the profile says.",
    djoser_setting("ACTIVATION_URL", "auth/activate?uid={uid}&token={token}"),
    breaks="POST /users/: the link has the shape of ACTIVATION_URL",
)
wrong_setting(
    "reset-url-changed",
    "The link of a password reset has another shape than the profile says.",
    djoser_setting("PASSWORD_RESET_CONFIRM_URL", "password/reset/{token}/{uid}"),
    breaks="POST /users/reset_password/: the link has the shape of PASSWORD_RESET_CONFIRM_URL",
    profiles=EVERYWHERE,
    steps=3,
)


@fault(
    "third-activation-mail-missing",
    "Every third activation mail does not go out.",
    breaks="POST /users/: one activation mail",
    steps=3,
)
def _() -> None:
    count = Counter[str]()

    def change(send: Any, mail: Any, to: Any) -> None:
        count["mails"] += 1
        if count["mails"] % 3:
            send(to)

    sending("ActivationEmail", change)


@fault(
    "third-reset-request-silent",
    "From an account's third reset request on, no mail comes.",
    breaks="POST /users/reset_password/: one mail",
    profiles=EVERYWHERE,
    steps=5,
)
def _() -> None:
    count = Counter[Any]()

    def change(send: Any, mail: Any, to: Any) -> None:
        count[to[0]] += 1
        if count[to[0]] < 3:
            send(to)

    sending("PasswordResetEmail", change)
