"""How many mails each address may have got in a run, by the calls that were made: no call, no mail."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from authspec_conformance.budget import Budget
from authspec_conformance.errors import BudgetSpent
from authspec_conformance.exchange import Call, Reply
from authspec_conformance.mailbox.message import MailMessage
from authspec_contract.profile import Profile


class Allowance:
    """Watches the calls of a run, and tells which mails none of them accounts for."""

    def __init__(self, profile: Profile, owner_of_uid: Callable[[str], list[str] | None]) -> None:
        self._profile = profile
        self._owner = owner_of_uid
        self._by_address: Counter[str] = Counter()
        self._anywhere = 0
        """Mails of calls whose account the call itself does not name."""

    def watch(self, reply: Reply) -> None:
        """Takes one call in."""
        djoser, tail = self._profile.djoser, reply.path.partition("?")[0].rstrip("/")
        name, email = tail.rpartition("/")[2], self._profile.user.email_field
        body, sent = reply.json, reply.sent
        if reply.status == 201 and tail.endswith(self._profile.prefix + "users"):
            if djoser.SEND_ACTIVATION_EMAIL or djoser.SEND_CONFIRMATION_EMAIL:
                shown = body.get(email) if isinstance(body, dict) else None
                self._allow(shown or sent.get(email))
        elif reply.status != 204:
            self._allow_update(reply)
        elif name == "activation" and djoser.SEND_CONFIRMATION_EMAIL:
            owner = self._owner(str(sent.get("uid")))
            self._allow(owner[0] if owner else None)
        elif name in {
            "resend_activation",
            "reset_password",
            f"reset_{self._profile.user.login_field}",
        }:
            self._allow(sent.get(email))
        elif name in {"set_password", "reset_password_confirm"}:
            self._anywhere += djoser.PASSWORD_CHANGED_EMAIL_CONFIRMATION
        elif name.startswith(("set_", "reset_")):
            self._anywhere += djoser.USERNAME_CHANGED_EMAIL_CONFIRMATION

    @property
    def expected(self) -> int:
        """How many mails the calls so far account for."""
        return self._by_address.total() + self._anywhere

    def due(self, addresses: Iterable[str]) -> int:
        """How many of them should have come, as they are for these addresses, which accounts have."""
        known = {_folded(address) for address in addresses}
        return sum(number for address, number in self._by_address.items() if address in known)

    def unaccounted(self, mails: Iterable[MailMessage]) -> list[MailMessage]:
        """The mails beyond what the calls account for, in their order."""
        left, anywhere = Counter(self._by_address), self._anywhere
        found = []
        for mail in mails:
            address = _folded(mail.to[0]) if mail.to else ""
            if left[address] > 0:
                left[address] -= 1
            elif anywhere > 0:
                anywhere -= 1
            else:
                found.append(mail)
        return found

    def _allow_update(self, reply: Reply) -> None:
        """djoser/views.py 2.3 perform_update: an account that an update made inactive is mailed."""
        if reply.status == 200 and reply.call.method in {"PUT", "PATCH"}:
            before_2_2 = not self._profile.versions.at_least("djoser", "2.2")
            address = (
                reply.json.get(self._profile.user.email_field)
                if isinstance(reply.json, dict)
                else None
            )
            in_body = self._profile.user.email_field in reply.sent
            if self._profile.djoser.SEND_ACTIVATION_EMAIL and (in_body or before_2_2):
                self._allow(address)

    def _allow(self, address: Any) -> None:
        if isinstance(address, str) and address:
            self._by_address[_folded(address.strip())] += 1
        else:
            self._anywhere += 1


class MailBudget:
    """Lets no call be sent that may cause a mail beyond the budget. Safe to use from several threads."""

    def __init__(self, allowance: Allowance, most: int | Budget) -> None:
        self._allowance = allowance
        self._budget = most if isinstance(most, Budget) else Budget(most)
        self._under_way = 0
        self._lock = Lock()

    @contextmanager
    def guard(self, call: Call) -> Iterator[None]:
        """Held while the call is under way. Raises BudgetSpent."""
        room = _room(call)
        if not room:
            yield
            return
        with self._lock:
            if not self._budget.allows(self._allowance.expected + self._under_way + room):
                raise BudgetSpent(
                    f"the budget of {self._budget.most} mails is spent; raise [limits] mails"
                )
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1


def _room(call: Call) -> int:
    """How many mails have to be left for this call.

    A registration also needs those of its clean-up: another activation mail and the confirmation.
    """
    tail = call.url.partition("?")[0].rstrip("/").rpartition("/")[2]
    if call.method in {"PUT", "PATCH"}:
        return 1
    if call.method != "POST":
        return 0
    if tail == "users":
        return 3
    mails = tail in {"activation", "resend_activation"} or tail.startswith(("set_", "reset_"))
    return int(mails)


def _folded(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}"
