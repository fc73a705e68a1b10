"""What a results file says of the accounts that its run made: who they are, and which still exist."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from authspec_conformance.accounts import BLOCK, Account
from authspec_contract.profile import Profile
from authspec_contract.results import Exchange, Run

_PASSWORD = re.compile(r"\$PASSWORD_(\d+)")
_TOKEN = re.compile(r"\$TOKEN_\d+")
_IN_FLIGHT = 6
"""Numbers behind the last one seen that a call without a recorded answer may have used."""

PasswordOf = Callable[[int], str]
"""The password behind `$PASSWORD_n`."""


@dataclass
class Leftovers:
    """The accounts that may be left, and what may be that the file cannot know."""

    accounts: list[Account] = field(default_factory=list)
    possible: list[Account] = field(default_factory=list)
    """An account that the very last call may have made, under one of these addresses."""


def leftovers(run: Run, profile: Profile, address: str, password: PasswordOf | None) -> Leftovers:
    """The accounts that the run's exchanges made and did not delete.

    `address` is the configuration's template for addresses; without `password` the accounts come
    without passwords.
    """
    replay = _Replay(profile, password)
    for _, exchange in sorted(run.exchanges.items()):
        replay.take(exchange)
    left = [account for account in replay.accounts if not account.gone]
    if run.footer is not None:
        return Leftovers(_as_listed(left, run.footer.leftovers, profile))
    return Leftovers(left, _in_flight(run, profile, address, password))


def _as_listed(known: list[Account], listed: tuple[str, ...], profile: Profile) -> list[Account]:
    """The accounts that the footer lists; one that the exchanges do not show has its login alone."""
    found = [account for account in known if set(account.logins) & set(listed)]
    named = {login for account in found for login in account.logins}
    by_email = profile.user.login_field == profile.user.email_field
    return found + [
        Account(login, login if by_email else "", "", logins=[login])
        for login in listed
        if login not in named
    ]


class _Replay:
    """Follows the exchanges in their order, as the run's own books did."""

    def __init__(self, profile: Profile, password: PasswordOf | None) -> None:
        self.profile = profile
        self.accounts: list[Account] = []
        self._password = password
        self._owners: dict[str, Account] = {}

    def take(self, exchange: Exchange) -> None:
        tail = self._tail(exchange.url)
        if tail is None or exchange.status is None or exchange.response is None:
            return
        sent, got = _object(exchange.request.body), _object(exchange.response.body)
        login = self.profile.user.login_field
        if tail in {"jwt/create", "token/login"} and exchange.status == 200:
            self._logged_in(sent, exchange.response.body)
        elif tail == "jwt/refresh" and exchange.status == 200:
            self._handed_on(exchange)
        elif exchange.method == "POST" and tail == "users" and exchange.status == 201:
            self._registered(exchange, sent, got)
        elif exchange.status == 200 and tail == "users/me":
            self._changed(self._caller(exchange), got)
        elif exchange.status == 204:
            who = self._by_uid(sent.get("uid")) if "uid" in sent else self._caller(exchange)
            if who is not None:
                self._done(who, exchange, tail, sent.get(f"new_{login}"))

    def _tail(self, url: str) -> str | None:
        """The path behind the prefix, without slashes at its ends."""
        path = urlsplit(url).path
        _, found, tail = path.partition(self.profile.prefix)
        return tail.strip("/") if found else None

    def _registered(self, exchange: Exchange, sent: dict[str, Any], got: dict[str, Any]) -> None:
        user = self.profile.user
        key = self.profile.login_field
        login = str(got.get(key, sent.get(key, ""))).strip()
        if not login:
            return
        email = str(got.get(user.email_field, sent.get(user.email_field, ""))).strip()
        fields = {k: v for k, v in sent.items() if k not in {"password", "re_password"}}
        account = Account(login, email, "", fields=fields, shown=got)
        account.active = not self.profile.djoser.SEND_ACTIVATION_EMAIL
        account.became(login=login)
        self._learn(account, exchange.request.body)
        self.accounts.append(account)

    def _logged_in(self, sent: dict[str, Any], body: str) -> None:
        value = sent.get(self.profile.user.login_field, sent.get(self.profile.login_field))
        account = self._by_login(value)
        if account is not None:
            account.active = True
            self._owners |= dict.fromkeys(_TOKEN.findall(body), account)

    def _handed_on(self, exchange: Exchange) -> None:
        assert exchange.response is not None
        for token in _TOKEN.findall(exchange.request.body):
            if token in self._owners:
                fresh = _TOKEN.findall(exchange.response.body)
                self._owners |= dict.fromkeys(fresh, self._owners[token])

    def _done(self, who: Account, exchange: Exchange, tail: str, new_login: object) -> None:
        login = self.profile.user.login_field
        if exchange.method == "DELETE":
            who.gone = True
        elif tail == "users/activation":
            who.active = True
        elif tail in {"users/set_password", "users/reset_password_confirm"}:
            self._learn(who, exchange.request.body)
        elif tail in {f"users/set_{login}", f"users/reset_{login}_confirm"} and new_login:
            self._renamed(who, str(new_login).strip())

    def _changed(self, who: Account | None, got: dict[str, Any]) -> None:
        if who is None:
            return
        email = got.get(self.profile.user.email_field)
        if isinstance(email, str) and email != who.email:
            who.email = email
            if self.profile.user.login_field == self.profile.user.email_field:
                who.became(login=email)
        who.shown = {**got, **who.shown}

    def _renamed(self, who: Account, login: str) -> None:
        who.login = login
        who.became(login=login)
        if self.profile.user.login_field == self.profile.user.email_field:
            who.email = login

    def _learn(self, who: Account, body: str) -> None:
        """Every password in a request may have become the account's."""
        if self._password is None:
            return
        for number in dict.fromkeys(_PASSWORD.findall(body)):
            who.became(password=self._password(int(number)))
        if who.passwords:
            who.password = who.passwords[-1]

    def _caller(self, exchange: Exchange) -> Account | None:
        for name, value in exchange.request.headers.items():
            if name.lower() == "authorization" and (token := _TOKEN.search(value)):
                return self._owners.get(token[0])
        return None

    def _by_login(self, login: object) -> Account | None:
        for account in reversed(self.accounts):
            if not account.gone and login in account.logins:
                return account
        return None

    def _by_uid(self, uid: object) -> Account | None:
        """djoser/utils.py: a mail's uid is the id in base64."""
        text = str(uid)
        try:
            id_ = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        except ValueError:
            return None
        name = self.profile.djoser.USER_ID_FIELD
        for account in reversed(self.accounts):
            if id_ in {str(account.shown.get(name, "")), str(account.shown.get("id", ""))}:
                return account
        return None


def _in_flight(
    run: Run, profile: Profile, address: str, password: PasswordOf | None
) -> list[Account]:
    """Accounts that a registration without a recorded answer may have made.

    The run numbers its addresses, user names and passwords one after the other.
    """
    return [
        account
        for number in _last_numbers(run, address)
        for account in _next_accounts(run, profile, address, password, number)
    ]


def _next_accounts(
    run: Run, profile: Profile, address: str, password: PasswordOf | None, last: int
) -> list[Account]:
    """Those of the worker whose last number is this."""
    number = last + 1
    emails = [address.format(run=run.header.run, n=number + i) for i in range(_IN_FLIGHT)]
    logins = [f"authspec_{run.header.run}_{number + i}" for i in range(_IN_FLIGHT)]
    by_email = profile.user.login_field == profile.user.email_field
    text = "\n".join(exchange.request.body for exchange in run.exchanges.values())
    used = [n for n in map(int, _PASSWORD.findall(text)) if n // BLOCK == last // BLOCK]
    newest = max(used, default=last // BLOCK * BLOCK)
    passwords = [password(newest + i) for i in (1, 2, 3)] if password else []
    possible = []
    for position, email in enumerate(emails):
        # with user names, the address and the name of one account are numbered apart
        names = [email] if by_email else logins[position : position + 2]
        account = Account(names[0], email, "", logins=names, passwords=list(passwords))
        account.active = True  # it is tried like any other
        possible.append(account)
    return possible


def _last_numbers(run: Run, address: str) -> list[int]:
    """The highest number of each worker in an address or a user name of this run."""
    before, _, after = address.format(run=run.header.run, n="\0").partition("\0")
    pattern = re.compile(
        rf"(?:{re.escape(before)}(\d+){re.escape(after)}|authspec_{run.header.run}_(\d+))"
    )
    numbers = [
        int(first or second)
        for exchange in run.exchanges.values()
        for first, second in pattern.findall(exchange.request.body)
    ]
    highest = {block: block * BLOCK for block in _blocks(run)}
    for number in sorted(numbers):
        highest[number // BLOCK] = number
    return list(highest.values())


def _blocks(run: Run) -> range:
    """The blocks of numbers that the run's workers had; its command line tells how many there were."""
    words = " ".join(run.header.command).replace("--workers=", "--workers ").split()
    given = [after for word, after in pairwise(words) if word == "--workers"]
    workers = int(given[-1]) if given and given[-1].isdecimal() else 1
    return range(1, workers + 1) if workers > 1 else range(1)


def _object(body: str) -> dict[str, Any]:
    """A JSON object; empty for anything else, as for a body that was cut off."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
