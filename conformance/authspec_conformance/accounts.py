"""The accounts that a run makes on the target: what it knows of each, so that all can be deleted."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from threading import Lock
from typing import Any
from uuid import UUID

from authspec_conformance import clean_key
from authspec_conformance.budget import Budget
from authspec_conformance.errors import BudgetSpent
from authspec_conformance.exchange import Reply
from authspec_conformance.redaction import Redactor
from authspec_contract.profile import Field, Profile

BLOCK = 100_000
"""So many numbers belong to each worker of a run; without workers the first block is the run's."""


@dataclass
class Account:
    """A user that the run made, and the secrets that open it."""

    login: str
    """The value of Djoser's `LOGIN_FIELD`: what the account logs in with."""
    email: str
    password: str = field(repr=False)
    fields: dict[str, Any] = field(default_factory=dict)
    """What registration was given, besides the password."""
    shown: dict[str, Any] = field(default_factory=dict)
    """What registration answered."""
    mark: int = 0
    """The mailbox's position before registration."""
    logins: list[str] = field(default_factory=list)
    """Every login that it may have had, the latest last."""
    addresses: list[str] = field(default_factory=list)
    """The mail addresses that it had before `email`."""
    passwords: list[str] = field(default_factory=list, repr=False)
    active: bool = False
    gone: bool = False
    given: bool = False
    """Named in the configuration, not made by the run; never deleted."""
    odd: bool = False
    """Its password is unlike others': once it is active, no later test gets it."""

    @property
    def id(self) -> Any:
        return self.shown.get("id")

    @property
    def believed(self) -> list[str]:
        """Its passwords, the most likely first: each wrong guess costs the target a hash."""
        others = [p for p in reversed(self.passwords) if p != self.password]
        return [self.password, *others]

    @property
    def believed_logins(self) -> list[str]:
        """Its logins, the most likely first: the one that was last seen to be its own, then tried ones."""
        others = [login for login in reversed(self.logins) if login != self.login]
        return [self.login, *others]

    def became(self, *, login: str | None = None, password: str | None = None) -> None:
        """The account has, or may have, a new login or password."""
        if login is not None and login not in self.logins:
            self.logins.append(login)
        if password is not None and password not in self.passwords:
            self.passwords.append(password)


class Ledger:
    """Makes names and passwords from the run's seed, and keeps book of every account that came to be."""

    def __init__(
        self,
        profile: Profile,
        redactor: Redactor,
        *,
        run: str,
        random: Random,
        address: str,
        max_accounts: int | Budget,
        key: bytes,
        numbers_from: int = 0,
    ) -> None:
        """`numbers_from`: the names and passwords of each worker of a run have numbers of their own."""
        self.profile = profile
        self.run = run
        self._redactor = redactor
        self._random = random
        self._key = key
        self._passwords = numbers_from
        self._address = address
        self._budget = max_accounts if isinstance(max_accounts, Budget) else Budget(max_accounts)
        self._number = numbers_from
        self._examples = numbers_from
        self._lock = Lock()
        self.accounts: list[Account] = []

    # --- inventing ----------------------------------------------------------------------------

    def address(self) -> str:
        """A fresh mail address of this run."""
        with self._lock:
            self._number += 1
            return self._address.format(run=self.run, n=self._number)

    def password(self) -> str:
        """A fresh password that every sensible validator accepts.

        The variable that stands for it in the results file carries its number, so that `authspec
        clean` can make it again from the run's key.
        """
        with self._lock:
            self._passwords += 1
            password = clean_key.password(self._key, self.run, self._passwords)
            self._redactor.learn(password, "PASSWORD")
        return password

    def learn(self, password: str) -> None:
        """A password of a test's own making that nothing written may contain."""
        self._redactor.learn(password, "OWN_PASSWORD")

    def username(self) -> str:
        """A fresh login of this run, where it is not an address: a user name, or such as a telephone number."""
        user = self.profile.user
        spec = next((f for f in user.create if f.name == user.login_field), None)
        if spec is not None and spec.type == "string" and not (spec.read_only or spec.free_text):
            return str(self.sample(spec))
        return self._name()

    def _name(self) -> str:
        with self._lock:
            self._number += 1
            return f"authspec_{self.run}_{self._number}"

    def number(self, below: int) -> int:
        """A number from the run's seed."""
        with self._lock:
            return self._random.randrange(below)

    def body(self, **given: Any) -> dict[str, Any]:
        """What a registration sends: every writable field, fresh; `given` wins, None drops a key."""
        user = self.profile.user
        body: dict[str, Any] = {}
        for spec in user.create:
            if not spec.read_only and (spec.type != "any" or spec.example is not None):
                body[spec.name] = self._value(spec)
        password = given.get("password") or self.password()
        body["password"] = password
        if self.profile.djoser.USER_CREATE_PASSWORD_RETYPE:
            body["re_password"] = password
        body.update(given)
        return {key: value for key, value in body.items() if value is not None}

    def _value(self, spec: Field) -> Any:
        if spec.type == "email":
            return self.address()
        if spec.type == "username" or spec.name == self.profile.user.login_field:
            return self.username()
        return self.sample(spec)

    def sample(self, spec: Field) -> Any:
        """A valid value for a field that is neither login nor address, as JSON has it."""
        if spec.example is not None:
            return spec.sample(self._example_number())
        if spec.type == "string" and not spec.free_text:
            return of_a_form(spec.name, self._example_number())[: spec.max_length]
        if spec.type == "string":
            return f"Name {self._name()[-8:]}"[: spec.max_length]
        if spec.type == "uuid":
            return str(UUID(int=self.number(2**128)))
        # as an age, a size or a number of things would be
        samples = {"integer": 18 + self.number(60), "boolean": True}
        dates = {"date": "2001-02-03", "datetime": "2001-02-03T04:05:06Z"}
        if spec.type == "choice":
            return spec.choices[self.number(len(spec.choices))]
        return {**samples, **dates}[spec.type]

    def _example_number(self) -> int:
        """Seven digits that no other account of the run has, and hardly one of another run."""
        with self._lock:
            self._examples += 1
            return 1_000_000 + (zlib.crc32(self.run.encode()) + self._examples) % 9_000_000

    # --- bookkeeping --------------------------------------------------------------------------

    def reserve(self, count: int = 1) -> None:
        """Asks for that many more accounts. Raises BudgetSpent."""
        if not self._budget.allows(len(self.accounts) + count):
            raise BudgetSpent(
                f"the budget of {self._budget.most} accounts is spent; raise [limits] accounts"
            )

    def watch(self, reply: Reply) -> None:
        """Takes an account into the books for every registration that the target accepted, and the address
        that a later call gave it."""
        if reply.call.method in {"PUT", "PATCH"} and reply.status == 200:
            self._has_address(reply)
        if reply.call.method != "POST" or reply.status != 201 or not self._registers(reply.path):
            return
        user, body = self.profile.user, reply.sent
        shown = reply.json if isinstance(reply.json, dict) else {}
        key = self.profile.login_field
        login = shown.get(key) or body.get(key)
        email = shown.get(user.email_field) or body.get(user.email_field) or ""
        account = Account(
            login=str(login or f"the account of {reply}").strip(),
            email=str(email).strip(),
            password=str(body.get("password", "")),
            fields={k: v for k, v in body.items() if k not in {"password", "re_password"}},
            shown=shown,
            active=not self.profile.djoser.SEND_ACTIVATION_EMAIL,
        )
        account.became(login=account.login, password=account.password)
        with self._lock:
            self.accounts.append(account)

    def _has_address(self, reply: Reply) -> None:
        """Of a profile that was written, where it shows whose it is."""
        shown = reply.json if isinstance(reply.json, dict) else {}
        address, key = shown.get(self.profile.user.email_field), self.profile.login_field
        if not isinstance(address, str) or not address:
            return
        with self._lock:
            for account in reversed(self.accounts):
                by_id = "id" in shown and account.shown.get("id") == shown["id"]
                if account.gone or not (by_id or shown.get(key) in account.logins):
                    continue
                if account.email != address:
                    account.addresses.append(account.email)
                    account.email = address
                if key == self.profile.user.email_field:
                    account.login = address
                    account.became(login=address)
                return

    def find(self, reply: Reply) -> Account:
        """The account that this registration made. Raises LookupError."""
        key = self.profile.login_field
        login = reply.json.get(key) if isinstance(reply.json, dict) else None
        sent = reply.sent.get(key)
        with self._lock:
            for account in reversed(self.accounts):
                if account.login in {login, sent} and not account.gone:
                    return account
        raise LookupError(f"no account of {reply}")

    def remaining(self) -> list[Account]:
        """The accounts that have not been deleted."""
        return [account for account in self.accounts if not account.gone and not account.given]

    def _registers(self, path: str) -> bool:
        return path.partition("?")[0].rstrip("/").endswith(self.profile.prefix + "users")


def of_a_form(name: str, number: int) -> str:
    """What most deployments take for a text of such a name, such as a telephone number."""
    words = set(name.lower().split("_"))
    by_word = {
        "phone": f"+4930{number}", "mobile": f"+4930{number}", "tel": f"+4930{number}",
        "telephone": f"+4930{number}", "fax": f"+4930{number}", "slug": f"name-{number}",
        "zip": "10115", "zipcode": "10115", "postal": "10115", "postcode": "10115", "country": "DE",
        "currency": "EUR", "language": "en", "locale": "en", "timezone": "UTC",
        "iban": "DE89370400440532013000", "vat": "DE136695976", "color": "#336699", "colour": "#336699",
    }  # fmt: skip
    return next((by_word[w] for w in by_word if w in words), f"https://example.com/{number}")


def described(accounts: Iterable[Account]) -> tuple[str, ...]:
    """Accounts as the results file lists them: by login."""
    return tuple(account.login for account in accounts)
