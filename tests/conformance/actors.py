"""The actors of a run, put together as the runner does it, for tests of single parts."""

from collections.abc import Sequence
from io import StringIO
from random import Random

from authspec_conformance.accounts import Account, Ledger
from authspec_conformance.client import Client
from authspec_conformance.journal import Journal
from authspec_conformance.login import Login
from authspec_conformance.mailbox.mock import MockMailbox
from authspec_conformance.observer import Observer
from authspec_conformance.operations import operations
from authspec_conformance.people import People
from authspec_conformance.postbox import Postbox
from authspec_conformance.redaction import Redactor
from authspec_conformance.session_login import SessionNames
from authspec_conformance.target import Target, TargetOptions
from authspec_contract.profile import Profile
from authspec_contract.results import ResultsWriter

from .sample import DOCUMENT


def people_of(
    url: str, *, profile: Profile = DOCUMENT, mailbox: bool = True, given: Sequence[Account] = (),
    accounts: int = 50, timeout: float = 5, names: SessionNames | None = None,
) -> People:  # fmt: skip
    """The actors of a run, as the runner puts them together."""
    redactor = Redactor()
    journal = Journal(ResultsWriter(StringIO()), redactor)
    target = Target(TargetOptions(url, timeout=timeout), profile, journal, redactor)
    api = Client(target, operations(profile))
    ledger = Ledger(
        profile, redactor, run="1a2b", random=Random(1), key=b"key", max_accounts=accounts,
        address="authspec+{run}-{n}@example.com",
    )  # fmt: skip
    target.on_reply.append(ledger.watch)
    postbox = Postbox(MockMailbox(target.base), redactor, patience=1) if mailbox else None
    login = Login(api, profile, names=names)
    return People(api, ledger, login, postbox, given, observer=Observer(lambda reply: None))
