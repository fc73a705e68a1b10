"""`authspec probe URL`: finds out from outside which profile a deployment has."""

import argparse
import io
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from authspec_conformance.client import Client
from authspec_conformance.journal import Journal
from authspec_conformance.mailbox.opening import open_mailbox
from authspec_conformance.operations import operations
from authspec_conformance.postbox import Postbox
from authspec_conformance.preflight import is_mock
from authspec_conformance.probe.output import Difference, as_profile, differences, settled
from authspec_conformance.probe.probing import Probed, probe
from authspec_conformance.probe.visitor import Visitor
from authspec_conformance.profile_text import flow
from authspec_conformance.redaction import Redactor
from authspec_conformance.settings import Settings, environment, read_settings
from authspec_conformance.target import Target, TargetOptions, base_url
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile
from authspec_contract.results import ResultsWriter

ABOUT = """Finds out from outside which profile a deployment has, and prints it as a profile file:
each setting with what was seen, and "cannot tell" with the reason where nothing shows it. It makes
two accounts at most and deletes them; without a mailbox it makes none where they would have to be
activated."""
EXAMPLE = """examples:
  authspec probe http://127.0.0.1:8000 --mailbox file:///tmp/mails > ours.yaml
  authspec probe https://staging.example.com/api/auth/ --profile ours.yaml

exit code: 0 told, and nothing differs from --profile · 1 something differs · 2 bad usage ·
3 there is no Djoser, or it cannot be reached"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `authspec probe`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description, parser.epilog = ABOUT, EXAMPLE
    add = parser.add_argument
    add("url", help="the target; its path is tried as the prefix before the usual ones")
    add("--mailbox", metavar="URL", help="where its mails arrive (default: mock:, or none)")
    add("--profile", metavar="NAME|FILE", help="say what differs from this profile instead")
    add("--config", metavar="FILE", type=Path, help="authspec.toml, for headers, CA, addresses")


def run(arguments: argparse.Namespace) -> int:
    """Runs the command; gives its exit code. Raises AuthspecError for what it cannot begin."""
    settings = read_settings(arguments.config, environment())
    declared = load_profile(arguments.profile) if arguments.profile else None
    settings = replace(settings, url=arguments.url, mailbox=arguments.mailbox or settings.mailbox)
    probed = probe_deployment(settings)
    if declared is None:
        told = sum(finding.told for finding in settled(probed.findings).values())
        heading = [
            f"Probed from outside at {arguments.url}: {told} settings told, with "
            f"{probed.accounts} accounts made for it."
        ]
        print(as_profile(probed.findings, heading), end="")
    if probed.left:
        print(
            f"authspec: {len(probed.left)} account{'s' * (len(probed.left) != 1)} could not be "
            f"deleted: {', '.join(probed.left)}.",
            file=sys.stderr,
        )
    if declared is None:
        return 0
    return _compare(list(differences(probed.findings, declared)), declared)


def probe_deployment(settings: Settings) -> Probed:
    """Probes `settings.url`. Raises TargetError where there is no Djoser, or no answer."""
    assert settings.url is not None
    path = urlsplit(base_url(settings.url, "")).path
    redactor = Redactor()
    options = TargetOptions(
        url=settings.url,
        headers=settings.headers,
        ca=settings.ca,
        proxy=settings.proxy,
        timeout=settings.limits.timeout,
        rate=settings.limits.rate,
    )
    # the path becomes part of the prefix; a long Retry-After is not waited for
    provisional = Profile(name="probed", prefix=f"{path}/", throttle={"anon": "unknown"})
    journal = Journal(ResultsWriter(io.StringIO()), redactor)
    target = Target(options, provisional, journal, redactor)
    url = settings.mailbox
    if url is None:
        url = "mock:" if is_mock(Client(target, operations(provisional))) else "none"
    mailbox = open_mailbox(url, base=target.base, ca=settings.ca)
    try:
        postbox = (
            Postbox(mailbox, redactor, patience=settings.limits.mail_wait) if mailbox else None
        )
        return probe(Visitor(target, postbox, settings.address), path)
    finally:
        if mailbox is not None:
            mailbox.close()


def _compare(found: list[Difference], declared: Profile) -> int:
    for difference in found:
        seen = "" if difference.found is None else f", found {flow(difference.found)}"
        print(
            f"{difference.setting}: the profile says {flow(_printable(difference.declared))}{seen} "
            f"({difference.evidence})"
        )
    words = f"{len(found)} settings differ" if found else "Nothing that can be told differs"
    print(f"{words} from the profile {declared.name}.")
    return 1 if found else 0


def _printable(value: object) -> object:
    if isinstance(value, tuple):
        return [getattr(item, "name", item) for item in value]
    return value
