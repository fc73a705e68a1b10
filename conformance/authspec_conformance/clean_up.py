"""Deletes what a run made: by a login that is kept, by a likely one, or after an activation."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, product

from authspec_conformance.accounts import Account
from authspec_conformance.client import Client, Credentials
from authspec_conformance.errors import Inconclusive
from authspec_conformance.exchange import Reply
from authspec_conformance.mailbox.message import MailMessage
from authspec_conformance.people import People
from authspec_contract.errors import TargetError

_GIVE_UP = 3
"""So many accounts in a row that could not be deleted for want of an answer."""
_GUESSES = 4
"""So many passwords are tried before an account that may be inactive is activated: each costs a hash."""


def delete_all(people: People) -> list[Account]:
    """Deletes every account that is left; gives those that could not be deleted.

    A target that gives no answer several times in a row is left alone.
    """
    silent = 0
    broken = _ServerErrors()
    people.api.target.on_reply.append(broken)

    def delete(account: Account) -> None:
        nonlocal silent
        if silent >= _GIVE_UP:
            return
        try:
            _Deletion(people, account).carry_out()
            silent = 0
        except Inconclusive:
            pass
        except TargetError:
            silent += 1

    # four at a time: each deletion costs the target two password hashes
    with ThreadPoolExecutor(4, thread_name_prefix="clean-up") as pool:
        list(pool.map(delete, people.ledger.remaining()))
    # a database may refuse to write twice at a time: after a server error each is tried alone
    if broken.seen:
        for account in people.ledger.remaining():
            delete(account)
    return people.ledger.remaining()


@dataclass
class _ServerErrors:
    """Listens for them."""

    seen: int = 0

    def __call__(self, reply: Reply) -> None:
        self.seen += reply.status >= 500


@dataclass(frozen=True)
class _Deletion:
    """One account on its way out."""

    people: People
    account: Account

    def carry_out(self) -> None:
        """Deletes the account, and notes that it is gone; else leaves it as it is."""
        people, account = self.people, self.account
        # a new address deactivates an account as well (djoser/serializers.py 2.3 UserSerializer.update)
        deactivated = not account.active or people.profile.djoser.SEND_ACTIVATION_EMAIL
        may_wait = deactivated and people.has_mailbox
        client = self._way_in(_GUESSES if may_wait else None)
        if client is None and may_wait:
            self._activate_somehow()
            client = self._way_in()
        if client is None:
            return
        for password in account.believed:
            reply = client("me_delete", {"current_password": password})
            if reply.status == 204 or (
                client("me").status in {401, 403, 404} and not self._logs_in()
            ):
                account.gone = True
                return

    def _way_in(self, guesses: int | None = None) -> Client | None:
        """By a kept login, or by the likeliest: each wrong guess costs the target a hash."""
        kept = self.people.kept_client(self.account)
        if kept is not None and kept("me").status == 200:
            return kept
        if not self.account.active and self.people.profile.djoser.SEND_ACTIVATION_EMAIL:
            return None
        credentials = self._logs_in(guesses)
        return None if credentials is None else self.people.api.with_(credentials)

    def _logs_in(self, guesses: int | None = None) -> Credentials | None:
        """What the account's logins and passwords open, the likeliest first, and the first guesses alone."""
        pairs = product(self.account.believed_logins, self.account.believed)
        for login, password in islice(pairs, guesses):
            credentials = self.people.accepted(self.people.try_login(login, password))
            if credentials is not None:
                return credentials
        return None

    def _activate_somehow(self) -> None:
        """By a link that came, else by one that is asked for."""
        people, account = self.people, self.account
        template = people.profile.djoser.ACTIVATION_URL
        if not template or self._activates(
            people.postbox.since(account.mark, to=account.email), template
        ):
            account.active = True
            return
        mark = people.mark()
        people.api("resend_activation", {people.profile.user.email_field: account.email})
        self._activates(people.postbox.wait(mark, to=account.email), template)
        account.active = True  # it may have been all along; a login shows it

    def _activates(self, mails: Sequence[MailMessage], template: str) -> bool:
        people = self.people
        for mail in reversed(mails):
            for link in people.postbox.links(mail, template):
                if people.api("activation", {"uid": link.uid, "token": link.token}).status == 204:
                    return True
        return False
