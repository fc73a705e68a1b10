"""Mails in the house's own words: Djoser's links, and all that marketing puts around them."""

import threading

from django.core.mail.backends.filebased import EmailBackend as FileBackend
from djoser import email

_FOOTER = (
    "\n\nUnsubscribe: https://news.example.com/unsubscribe/MTIz/c3ViLTEyMzQ1\n"
    "Imprint: https://www.example.com/imprint?utm_source=mail&utm_campaign=welcome\n"
)


class _House(email.BaseDjoserEmail):
    """The text of Djoser between a greeting and a footer."""

    def render(self) -> None:
        super().render()
        user = self.get_context_data()["user"]
        self.alternatives = []
        self.subject = f"[Example] {self.subject}"
        self.body = f"Hello {user.email},\n\n{self.body}{_FOOTER}"
        self.extra_headers["List-Unsubscribe"] = "<https://news.example.com/unsubscribe/MTIz/abc>"


class _Page(email.BaseDjoserEmail):
    """HTML alone, with a button, a logo and a footer."""

    def render(self) -> None:
        super().render()
        context = self.get_context_data()
        button = ""
        if "url" in context:
            link = f"{context['protocol']}://{context['domain']}/{context['url']}"
            button = f'<table><tr><td><a class="button"\n href="{link}">Go on</a></td></tr></table>'
        self.alternatives = []
        self.content_subtype = "html"
        self.body = (
            '<html><head><style>p { font: 12px "Arial" }</style></head><body>'
            '<img src="https://cdn.example.com/logo/v2/abc-123.png"><p>Hello!</p>'
            f"{button}{'&nbsp;' * 200}<p>{_FOOTER}</p></body></html>"
        )


class ActivationEmail(_House, email.ActivationEmail):
    pass


class ConfirmationEmail(_House, email.ConfirmationEmail):
    pass


class PasswordResetEmail(_House, email.PasswordResetEmail):
    pass


class PasswordChangedConfirmationEmail(_House, email.PasswordChangedConfirmationEmail):
    pass


class ActivationPage(_Page, email.ActivationEmail):
    pass


class ConfirmationPage(_Page, email.ConfirmationEmail):
    pass


class PasswordResetPage(_Page, email.PasswordResetEmail):
    pass


class PasswordChangedConfirmationPage(_Page, email.PasswordChangedConfirmationEmail):
    pass


class LaterBackend(FileBackend):
    """Sends from a thread, after the answer."""

    def send_messages(self, messages: list) -> int:
        later = threading.Timer(0.4, FileBackend.send_messages, (self, messages))
        later.start()
        return len(messages)
