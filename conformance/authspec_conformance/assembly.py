"""Puts together what the tests of one process share: the target's watchers, the books, the actors."""

from collections.abc import Callable
from random import Random
from threading import Lock

from authspec_conformance.accounts import Account, Ledger
from authspec_conformance.allowance import Allowance, MailBudget
from authspec_conformance.budget import Budget
from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.contract import contract_of
from authspec_conformance.costs import password_computations
from authspec_conformance.exchange import Reply
from authspec_conformance.login import Login
from authspec_conformance.mailbox.message import Mailbox
from authspec_conformance.observer import Observer
from authspec_conformance.people import People
from authspec_conformance.postbox import Postbox
from authspec_conformance.selection import Selection
from authspec_conformance.settings import Settings
from authspec_conformance.target import Target, TargetOptions
from authspec_contract.catalogue import Catalogue


def target_options(settings: Settings) -> TargetOptions:
    """How the settings say that the target is to be reached."""
    assert settings.url is not None
    limits = settings.limits
    return TargetOptions(
        url=settings.url,
        headers=settings.headers,
        ca=settings.ca,
        proxy=settings.proxy,
        timeout=limits.timeout,
        rate=limits.rate,
        max_requests=limits.requests,
        max_seconds=settings.max_seconds,
    )


def assemble(
    settings: Settings,
    api: Client,
    mailbox: Mailbox | None,
    catalogue: Catalogue,
    selection: Selection,
    *,
    run: str,
    key: bytes,
    numbers_from: int = 0,
    accounts: Budget | None = None,
    mails: Budget | None = None,
    known: frozenset[str] = frozenset(),
) -> Context:
    """The context of the tests; from now on every reply of the target is watched.

    A worker has numbers of its own, and the budgets `accounts` and `mails` together with the others.
    """
    assert settings.seed is not None
    target, profile, redactor = api.target, api.target.profile, api.target.redactor
    postbox = None
    if mailbox is not None:
        patience = settings.limits.mail_wait
        postbox = Postbox(
            mailbox, redactor, patience=patience, seconds_left=lambda: target.seconds_left
        )
    ledger = Ledger(
        profile,
        redactor,
        run=run,
        random=Random(f"{settings.seed}:{run}" + (f":{numbers_from}" if numbers_from else "")),
        address=settings.address,
        max_accounts=accounts or settings.limits.accounts,
        key=key,
        numbers_from=numbers_from,
    )
    given = [
        Account(g.login, g.login if "@" in g.login else "", g.password, active=True, given=True)
        for g in settings.given
    ]
    login = Login(api, profile, scheme=settings.scheme, names=settings.session)
    observer = Observer(contract_of(profile))
    frugal = settings.mode == "fast"
    people = People(api, ledger, login, postbox, given, observer=observer, frugal=frugal)
    allowance = Allowance(profile, people.owner_of_uid)
    target.on_reply += [ledger.watch, _counting(target), observer.watch, allowance.watch]
    target.guard = MailBudget(allowance, mails or settings.limits.mails).guard
    return Context(
        observer=observer,
        allowance=allowance,
        run=run,
        seed=settings.seed,
        settings=settings,
        profile=profile,
        catalogue=catalogue,
        selection=selection,
        target=target,
        api=api,
        people=people,
        postbox=postbox,
        ledger=ledger,
        journal=target.journal,
        redactor=redactor,
        known=known,
    )


def _counting(target: Target) -> Callable[[Reply], None]:
    """Counts the password hashes that the target computes for its callers."""

    lock = Lock()  # calls are made at the same time

    def count(reply: Reply) -> None:
        with lock:
            target.password_computations += password_computations(reply, target.profile)

    return count
