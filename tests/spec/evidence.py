"""Plays the evidence of a finding against a real Djoser: `python -m tests.spec.evidence F-01`.

A line of evidence is one of
    profile NAME [with djoser.SETTING=VALUE …]   the deployment; the first line
    account ADDRESS                  registers, activates where needed, logs in by JWT: {access}, {refresh}
    deactivate ADDRESS               as an administrator would
    > METHOD PATH BODY [Name: value] a call below the prefix, with JSON, or with `raw` and any text
    < STATUS BODY [Name: value]      its answer; … stands for anything, {name} for an earlier value
    mail ADDRESS: SUBJECT            exactly one new mail, to this address; gives {uid} and {token}
    link PATTERN, no link            what that mail's text contains
    no mail                          none since the last call
    see FILE: TEXT                   what a file of the installed packages contains
Every text that an answer's object holds can be used by its name, as {name}, in later lines.
"""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import requests
import yaml

from authspec_contract.catalogue import Finding, load_catalogue
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile, profile_from_mapping
from authspec_contract.yamlfile import read_yaml
from tests.deployment.environment import real_python
from tests.deployment.server import RealDjoser

PASSWORD = "correct-horse-7"
_LINK = re.compile(r"/([A-Za-z0-9_-]+)/([a-z0-9]+-[0-9a-f]{32})")
_HEADERS = re.compile(r"^(.*?)(?:\s*\[([A-Za-z-]+: [^\]]*)\])?$", re.DOTALL)
_PROFILES = Path(load_profile.__code__.co_filename).parent / "profiles"


class EvidenceError(AssertionError):
    """The real Djoser does not do what the evidence says."""


@dataclass
class Player:
    """One deployment, and what was learnt from its answers."""

    real: RealDjoser
    names: dict[str, str] = field(default_factory=dict)
    seen: int = 0
    answer: requests.Response | None = None
    mail: EmailMessage | None = None

    def play(self, finding: Finding) -> None:
        """Raises EvidenceError at the first line that does not hold."""
        self.names = {"password": PASSWORD}
        self.seen = len(self._mails())
        for line in finding.evidence.splitlines():
            if line.strip() and not line.startswith("profile "):
                self._line(finding.id, line)

    def _line(self, id_: str, line: str) -> None:
        word, _, rest = line.partition(" ")
        action = getattr(self, f"_do_{_ACTIONS.get(word, '')}", None)
        if action is None:
            raise EvidenceError(f"{id_}: the line {line!r} begins with no known word.")
        try:
            action(rest)
        except EvidenceError as error:
            raise EvidenceError(f"{id_}: {line}\n  {error}") from None

    # --- the lines ----------------------------------------------------------------------------

    def _do_account(self, address: str) -> None:
        user = self.real.profile.user
        login = address if user.login_field == "email" else address.partition("@")[0]
        body = {user.login_field: login, "email": address, "password": PASSWORD}
        if self.real.profile.djoser.USER_CREATE_PASSWORD_RETYPE:
            body["re_password"] = PASSWORD
        self._call("POST", "users/", body)
        if self.real.profile.djoser.SEND_ACTIVATION_EMAIL:
            _remember(self._mails()[-1], self.names)
            self._call("POST", "users/activation/", self._only("uid", "token"))
        self._call("POST", "jwt/create/", {user.login_field: login, "password": PASSWORD})
        self.seen = len(self._mails())

    def _do_deactivate(self, address: str) -> None:
        table = self.real.user_table
        self.real.execute(f"UPDATE {table} SET is_active = 0 WHERE email = ?", [address])

    def _do_call(self, rest: str) -> None:
        text, headers = _split(self._filled(rest))
        method, path, body = [*text.split(" ", 2), ""][:3]
        self.seen = len(self._mails())
        self._call(method, path.lstrip("/"), body, headers)

    def _do_answer(self, rest: str) -> None:
        assert self.answer is not None
        text, headers = _split(self._filled(rest))
        status, _, body = text.partition(" ")
        sent = self.answer
        if str(sent.status_code) != status or not _fits(body.strip(), sent.text):
            raise EvidenceError(f"answered {sent.status_code} {sent.text[:300]}")
        for name, value in headers.items():
            if not _fits(value, sent.headers.get(name, "(none)")):
                raise EvidenceError(f"answered {name}: {sent.headers.get(name)}")

    def _do_mail(self, rest: str) -> None:
        address, _, subject = self._filled(rest).partition(": ")
        new = self._mails()[self.seen :]
        told = [f"{mail['To']}: {mail['Subject']}" for mail in new]
        if len(new) != 1 or new[0]["To"] != address or not _fits(subject, str(new[0]["Subject"])):
            raise EvidenceError(f"mailed {told}")
        self.mail = new[0]
        _remember(self.mail, self.names)

    def _do_link(self, pattern: str) -> None:
        if not _fits(f"…{self._filled(pattern)}…", _text(self.mail)):
            raise EvidenceError(f"the mail says {_text(self.mail)}")

    def _do_no(self, what: str) -> None:
        if what == "link" and "://" in _text(self.mail).replace(self.real.url, ""):
            raise EvidenceError(f"the mail says {_text(self.mail)}")
        if what == "mail" and (new := self._mails()[self.seen :]):
            raise EvidenceError(f"mailed {[str(mail['Subject']) for mail in new]}")

    def _do_see(self, rest: str) -> None:
        file, _, text = rest.partition(": ")
        packages = next(real_python().parent.parent.glob("lib/python*/site-packages"))
        if " ".join(text.split()) not in " ".join((packages / file).read_text("utf-8").split()):
            raise EvidenceError(f"{file} does not say so")

    # --- inside -------------------------------------------------------------------------------

    def _call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> None:
        data, extra = _payload(body)
        self.answer = requests.request(
            method,
            f"{self.real.url}{self.real.profile.prefix}{path}",
            data=data,
            headers={**extra, **(headers or {})},
            allow_redirects=False,
            timeout=20,
        )
        try:
            answered = self.answer.json()
        except ValueError:
            return
        if isinstance(answered, dict):
            self.names |= {k: str(v) for k, v in answered.items() if isinstance(v, str | int)}

    def _only(self, *names: str) -> dict[str, str]:
        return {name: self.names[name] for name in names}

    def _filled(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda m: self.names.get(m[1], m[0]), text)

    def _mails(self) -> list[EmailMessage]:
        return _read_mails(self.real.mail_dir)


_ACTIONS = {
    "account": "account", "deactivate": "deactivate", ">": "call", "<": "answer",
    "mail": "mail", "link": "link", "no": "no", "see": "see",
}  # fmt: skip


def profile_of(finding: Finding) -> Profile:
    """The profile that the first line of the evidence names."""
    words = finding.evidence.splitlines()[0].split(" ", 3)
    if words[0] != "profile":
        raise EvidenceError(f"{finding.id}: the evidence begins with no profile.")
    raw = read_yaml(_PROFILES / f"{words[1]}.yaml")
    for change in words[3].split() if len(words) > 3 else ():
        path, _, value = change.partition("=")
        *groups, name = path.split(".")
        place = raw
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = yaml.safe_load(value)
    return profile_from_mapping(raw, source=words[1])


def _payload(body: Any) -> tuple[bytes | None, dict[str, str]]:
    if not body:
        return None, {}
    text = body if isinstance(body, str) else json.dumps(body)
    return text.removeprefix("raw ").encode(), {"Content-Type": "application/json"}


def _split(line: str) -> tuple[str, dict[str, str]]:
    match = _HEADERS.match(line)
    assert match is not None
    pairs = (part.partition(": ") for part in (match[2] or "").split("; ") if part)
    return match[1].strip(), {name: value for name, _, value in pairs}


def _fits(pattern: str, text: str) -> bool:
    parts = (re.escape(part) for part in pattern.split("…"))
    return re.fullmatch(".*".join(parts), text.strip(), re.DOTALL) is not None


def _read_mails(folder: Path) -> list[EmailMessage]:
    """Every mail of Django's file backend, oldest first."""
    found: list[EmailMessage] = []
    for file in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns):
        parts = re.split(rb"^-{79}\n", file.read_bytes(), flags=re.MULTILINE)
        found += [message_from_bytes(raw, policy=policy.default) for raw in parts if raw.strip()]
    return found


def _text(mail: EmailMessage | None) -> str:
    part = mail.get_body(("plain", "html")) if mail is not None else None
    return str(part.get_content()) if part is not None else ""


def _remember(mail: EmailMessage, names: dict[str, str]) -> None:
    if match := _LINK.search(_text(mail)):
        names["uid"], names["token"] = match[1], match[2]


def main(ids: list[str]) -> int:
    findings = load_catalogue().findings
    failed = 0
    for id_ in ids or findings:
        with RealDjoser(profile_of(findings[id_])) as real:
            try:
                Player(real).play(findings[id_])
                print(f"{id_} holds: {findings[id_].title}", flush=True)
            except EvidenceError as error:
                failed += 1
                print(f"{id_} does not hold:\n  {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
