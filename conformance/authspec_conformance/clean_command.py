"""`authspec clean RESULTS`: deletes the accounts that a broken-off run left on its target."""

import argparse
import io
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from authspec_conformance import clean_key
from authspec_conformance.accounts import Account, Ledger
from authspec_conformance.bodies import confirm_reset
from authspec_conformance.clean_up import delete_all
from authspec_conformance.client import Client
from authspec_conformance.contract import contract_of
from authspec_conformance.errors import Inconclusive
from authspec_conformance.journal import Journal
from authspec_conformance.leftovers import Leftovers, leftovers
from authspec_conformance.links import Link
from authspec_conformance.login import Login
from authspec_conformance.mailbox.message import Mailbox
from authspec_conformance.mailbox.opening import open_mailbox
from authspec_conformance.observer import Observer
from authspec_conformance.operations import operations
from authspec_conformance.people import People
from authspec_conformance.postbox import Postbox
from authspec_conformance.preflight import preflight
from authspec_conformance.redaction import Redactor
from authspec_conformance.session_login import with_login_page
from authspec_conformance.settings import Settings, environment, read_settings
from authspec_conformance.target import Target, TargetOptions
from authspec_contract.errors import TargetError
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile
from authspec_contract.results import ResultsWriter, Run, read_run

ABOUT = """Deletes the accounts that a run left on its target, going by its results file.

A results file holds no passwords. They come from a key that `authspec check` keeps for each run in
the user's state folder (~/.local/state/authspec, or XDG_STATE_HOME), readable by this user alone,
until the run has cleaned up; to clean up on another machine, give both commands the same long secret
in the environment variable AUTHSPEC_CLEAN_KEY. Without the key, an account is opened by a password
reset, which needs the target's mailbox. An inactive account is activated in order to be deleted,
which needs the mailbox as well."""
EXAMPLE = """example:
  authspec clean authspec-report/results.jsonl --mailbox file:///tmp/mails

exit code: 0 nothing is left · 2 bad usage · 3 something is left, or the target cannot be reached"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `authspec clean`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description, parser.epilog = ABOUT, EXAMPLE
    add = parser.add_argument
    add("results", metavar="RESULTS", type=Path, help="the results.jsonl of the run")
    add("--mailbox", metavar="URL", help="the target's mailbox (default: the run's own)")
    add("--config", metavar="FILE", type=Path, help="the run's configuration file")
    add("--profile", metavar="NAME|FILE", help="the target's profile (default: the run's own)")


def run(arguments: argparse.Namespace) -> int:
    """Runs the command; gives its exit code. Raises AuthspecError for what it cannot begin."""
    found = read_run(arguments.results)
    settings = read_settings(arguments.config, environment())
    source = str(found.header.profile.get("source") or found.header.profile.get("name"))
    profile = with_login_page(load_profile(arguments.profile or source), settings.login_url)
    if found.footer is not None and not found.footer.leftovers:
        print("The run ended by itself and left nothing; there is nothing to delete.")
        clean_key.forget_key(found.header.run, environment())
        return 0
    mailbox_url = arguments.mailbox or settings.mailbox or found.header.mailbox
    cleaned = clean(found, settings, profile, mailbox_url, environment())
    return _report(cleaned)


@dataclass(frozen=True)
class Cleaned:
    """What became of the accounts."""

    deleted: tuple[str, ...]
    gone: tuple[str, ...]
    """Deleted by the run itself, as it turned out."""
    left: tuple[str, ...]
    notes: tuple[str, ...] = ()


def clean(
    run: Run, settings: Settings, profile: Profile, mailbox_url: str, environment: Mapping[str, str]
) -> Cleaned:
    """Deletes what the run left. Raises TargetError where the target or its mailbox cannot be used."""
    key = clean_key.kept_key(run.header.run, environment)
    id_ = run.header.run
    what = leftovers(
        run,
        profile,
        settings.address,
        None if key is None else lambda number: clean_key.password(key, id_, number),
    )
    given = {account.login for account in settings.given}
    what.accounts = [a for a in what.accounts if not given & set(a.logins)]
    target = _target(run, settings, profile)
    api = Client(target, operations(profile))
    preflight(api, profile)
    mailbox = open_mailbox(mailbox_url, base=target.base, ca=settings.ca)
    try:
        cleaner = _Cleaner(api, settings, what, mailbox, id_)
        cleaned = cleaner.clean()
    finally:
        if mailbox is not None:
            mailbox.close()
    if not cleaned.left:
        clean_key.forget_key(id_, environment)
    elif key is None:
        note = "The run's key is not on this machine, so accounts could be opened by mail alone."
        cleaned = replace(cleaned, notes=(*cleaned.notes, note))
    return cleaned


def _target(run: Run, settings: Settings, profile: Profile) -> Target:
    """The run's target; what happens now is written nowhere."""
    redactor = Redactor()
    limits = settings.limits
    options = TargetOptions(
        url=run.header.target["url"],
        headers=settings.headers,
        ca=settings.ca,
        proxy=settings.proxy,
        timeout=limits.timeout,
        rate=limits.rate,
    )
    return Target(options, profile, Journal(ResultsWriter(io.StringIO()), redactor), redactor)


class _Cleaner:
    """Tries the ways into each account: its password, activation, a password reset."""

    def __init__(
        self, api: Client, settings: Settings, what: Leftovers, mailbox: Mailbox | None, run: str
    ) -> None:
        redactor = api.target.redactor
        self.api = api
        self.profile = profile = api.target.profile
        self.what = what
        self.ledger = Ledger(
            profile,
            redactor,
            run=f"{run}-clean",
            random=Random(),
            address=settings.address,
            max_accounts=settings.limits.accounts,
            key=secrets.token_bytes(32),
        )
        self.postbox = None
        if mailbox is not None:
            self.postbox = Postbox(mailbox, redactor, patience=settings.limits.mail_wait)
        login = Login(api, profile, scheme=settings.scheme, names=settings.session)
        observer = Observer(contract_of(profile))
        self.people = People(api, self.ledger, login, self.postbox, observer=observer)
        self.gone: list[Account] = []

    def clean(self) -> Cleaned:
        known = self.what.accounts
        self._delete(known)
        self._settle_by_registering(known)
        self._open_by_mail(known)
        self._settle_by_silence(known)
        possible = self._possible()
        everyone = [*known, *possible]
        return Cleaned(
            deleted=_logins([a for a in everyone if a.gone and a not in self.gone]),
            gone=_logins(self.gone),
            left=_logins([a for a in everyone if not a.gone]),
            notes=self._notes(),
        )

    def _delete(self, accounts: Sequence[Account]) -> None:
        self.ledger.accounts = [account for account in accounts if not account.gone]
        delete_all(self.people)
        if self.postbox is None and self.profile.djoser.SEND_ACTIVATION_EMAIL:
            # it may have been activated without the file knowing; a login shows it
            for account in self.ledger.remaining():
                account.active = True
            delete_all(self.people)

    def _open_by_mail(self, accounts: Sequence[Account]) -> None:
        """A password reset opens what no known password does; who gets no mail is gone already.

        Djoser mails the reset to active users alone, and the activation to inactive ones alone
        (djoser/views.py 2.3 `resend_activation`, `reset_password`), so that one of them comes.
        """
        if self.postbox is None:
            return
        for account in accounts:
            if account.gone or not account.email:
                continue
            link = self._reset_link(account)
            if link is not None and self._set_password(account, link):
                self._delete([account])

    def _reset_link(self, account: Account) -> Link | None:
        try:
            return self.people.ask_for_reset(account.email)
        except (Inconclusive, TargetError):
            return None

    def _set_password(self, account: Account, link: Link) -> bool:
        password = self.ledger.password()
        body = confirm_reset(self.profile, link.uid, link.token, password)
        if self.api("reset_password_confirm", body).status != 204:
            return False
        account.became(password=password)
        account.password, account.active = password, True
        self.people.forget(account)
        return True

    def _settle_by_registering(self, accounts: Sequence[Account]) -> None:
        """Whether a login that nothing opens exists: a free one can be registered, and deleted again.

        Not where a new account would have to be activated first.
        """
        if self.profile.djoser.SEND_ACTIVATION_EMAIL:
            return
        for account in accounts:
            if account.gone:
                continue
            login = account.logins[-1]
            wanted = {self.profile.login_field: login}
            if account.email:
                wanted[self.profile.user.email_field] = account.email
            body = self.ledger.body(**wanted)
            if self.api("create_user", body).status == 201:
                account.became(password=body["password"])
                account.password, account.active = body["password"], True
                self._delete([account])
                if account.gone:
                    self.gone.append(account)

    def _settle_by_silence(self, accounts: Sequence[Account]) -> None:
        """Who got neither a reset nor an activation from a target whose mails arrive is gone."""
        silent = [a for a in accounts if not a.gone and a.email and self._unheard(a)]
        if not silent or not self.profile.djoser.PASSWORD_RESET_CONFIRM_URL:
            return
        if self._mails_arrive():
            for account in silent:
                account.gone = True
            self.gone += silent

    def _unheard(self, account: Account) -> bool:
        return self.postbox is not None and not self.postbox.since(0, to=account.email)

    def _mails_arrive(self) -> bool:
        """By a mail that came, else by an account that is made for it and deleted again."""
        assert self.postbox is not None
        if self.postbox.count == 0:
            self.ledger.accounts = []
            self.api.target.on_reply.append(self.ledger.watch)
            with suppress(Inconclusive, TargetError):
                self.people.active()
            self.api.target.on_reply.remove(self.ledger.watch)
            delete_all(self.people)
        return self.postbox.count > 0

    def _possible(self) -> list[Account]:
        """Deletes the account that the last call may have made; gives it where there is one."""
        candidates = self.what.possible
        if not candidates:
            return []
        has_key = bool(candidates[0].passwords)
        if self.postbox is None or (has_key and not self.profile.djoser.SEND_ACTIVATION_EMAIL):
            for account in candidates if has_key else ():
                self._delete([account])
            return [account for account in candidates if account.gone]
        real = self._mailed(candidates)
        self._open_by_mail(real)
        return real

    def _mailed(self, candidates: Sequence[Account]) -> list[Account]:
        """The candidates that exist, since a mail comes for them; an inactive one is activated."""
        assert self.postbox is not None
        mark = self.postbox.mark()
        for account in candidates:
            address = {self.profile.user.email_field: account.email}
            if self.profile.djoser.SEND_ACTIVATION_EMAIL:
                self.api("resend_activation", address)
            self.api("reset_password", address)
        self.postbox.wait(mark, to=candidates[0].email)
        real = [a for a in candidates if self.postbox.since(mark, to=a.email)]
        for account in real:
            account.mark, account.active = mark, not self.profile.djoser.SEND_ACTIVATION_EMAIL
            self._delete([account])
        return real

    def _notes(self) -> tuple[str, ...]:
        if self.postbox is not None or not self.what.possible:
            return ()
        if not self.profile.djoser.SEND_ACTIVATION_EMAIL and self.what.possible[0].passwords:
            return ()
        return (
            "A registration that was under way when the run broke off may have left "
            f"{self.what.possible[0].login} or the next numbers; only the mailbox could tell.",
        )


def _logins(accounts: Sequence[Account]) -> tuple[str, ...]:
    return tuple(account.logins[-1] if account.logins else account.login for account in accounts)


def _report(cleaned: Cleaned) -> int:
    gone = f", {len(cleaned.gone)} were gone already" if cleaned.gone else ""
    plural = "s" * (len(cleaned.deleted) != 1)
    print(f"Deleted {len(cleaned.deleted)} account{plural}{gone}; {len(cleaned.left)} are left.")
    for login in cleaned.left:
        print(f"  {login}")
    for note in cleaned.notes:
        print(note)
    return 3 if cleaned.left else 0
