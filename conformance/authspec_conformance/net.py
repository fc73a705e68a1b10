"""The net: calls that schemathesis makes up from the effective contract, and what is wrong with the answers.

schemathesis generates, this module sends and judges: a generated call may not reach a stranger's
mailbox, and each finding belongs to a requirement (schemathesis' own checks know neither DRF's
coercions nor Djoser's known faults).
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.result import Ok

from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.contract import contract_of
from authspec_conformance.exchange import Reply
from authspec_conformance.expect import Failure
from authspec_contract.oracle import oracle_of
from authspec_contract.profile import Field

_JSON = "application/json"
_OWN = ("/users/me/", "/users/set_password/", "/users/set_")
_DELETES = {("delete", "/users/me/")}
_HASHES = ("jwt/create/", "token/login/", "set_password/", "set_email/", "set_username/")
"""Operations that cost the target a password hash per call."""
_NUMBERS_KILL = {"uid", "token"}
"""djoser/serializers.py 2.3 UidAndTokenSerializer reads the raw value: a number is a server error."""


@dataclass
class Findings:
    """One sentence per operation, by requirement."""

    by_requirement: dict[str, dict[str, Failure]] = field(default_factory=dict)
    calls: int = 0

    def add(self, requirement: str, operation: str, sentence: str, reply: Reply) -> None:
        found = self.by_requirement.setdefault(requirement, {})
        found.setdefault(operation, Failure(sentence, reply))

    def of(self, requirement: str) -> list[Failure]:
        """What was found against a requirement."""
        return list(self.by_requirement.get(requirement, {}).values())


@dataclass(frozen=True)
class _Case:
    """One generated call."""

    method: str
    path: str
    body: Any
    valid: bool


def cast(
    context: Context, owner: Client, *, spared: bool, examples: int, registrations: int
) -> Findings:
    """Sends generated calls to every operation of the contract; gives what is wrong with the answers.

    `owner` is the account that operations with credentials are called as, and `spared` says that it
    must stay as it is; `examples` is per operation and mode; at most `registrations` accounts are made.
    """
    findings, net = Findings(), _Net(context, owner, spared, registrations)
    for operation in _operations(context):
        for valid in (True, False):
            dear = operation.path.endswith(_HASHES) or operation.method.upper() == "DELETE"
            few = min(examples, 2) if dear else examples
            if valid and dear and any(part in operation.path for part in _OWN):
                few = min(examples, 1)  # each has a wrong current password, and is refused for that
            net.run(operation, valid, few, findings)
    return findings


def _operations(context: Context) -> Iterator[Any]:
    document = _json_only(oracle_of(context.profile).document)
    config = schemathesis.Config.from_dict(
        {"seed": context.seed, "generation": {"database": "none"}, "cache": {"enabled": False}}
    )
    schema = schemathesis.openapi.from_dict(document, config=config)
    for result in schema.get_all_operations():
        if not isinstance(result, Ok):
            continue
        operation = result.ok()
        if operation.body and "{" not in operation.path and not _broken(operation.path, context):
            yield operation


def _broken(path: str, context: Context) -> bool:
    """sunscrapers/djoser#691: with a LOGIN_FIELD of its own, stock Djoser's set_username is a KeyError."""
    profile = context.profile
    return (
        path.endswith(f"set_{profile.user.login_field}/")
        and profile.login_field != profile.user.login_field
    )


def _json_only(document: dict[str, Any]) -> dict[str, Any]:
    """The contract with JSON as the only media type of requests: forms are HTTP-008's."""
    kept = copy.deepcopy(document)
    for item in kept["paths"].values():
        for operation in item.values():
            body = operation.get("requestBody") if isinstance(operation, dict) else None
            if body:
                body = _resolved(kept, body)
                body["content"] = {m: c for m, c in body["content"].items() if m == _JSON}
    return kept


class _Net:
    def __init__(self, context: Context, owner: Client, spared: bool, registrations: int) -> None:
        self._context = context
        self._owner = owner
        self._spared = spared
        self._left = registrations
        self._contract = contract_of(context.profile)
        self._email = context.profile.user.email_field

    def run(self, operation: Any, valid: bool, examples: int, findings: Findings) -> None:
        mode = (
            schemathesis.GenerationMode.POSITIVE if valid else schemathesis.GenerationMode.NEGATIVE
        )
        options = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )

        @seed(self._context.seed)
        @options
        @given(operation.as_strategy(generation_mode=mode))
        def generated(case: Any) -> None:
            body = (
                case.body
                if isinstance(case.body, dict | list | str | int | float | type(None))
                else None
            )
            self._send(_Case(case.method.lower(), operation.path, body, valid), findings)

        generated()

    def _send(self, case: _Case, findings: Findings) -> None:
        registers = case.method == "post" and case.path.rstrip("/").endswith("/users")
        if registers and self._left <= 0 and case.valid:
            return
        if (case.method, _tail(case.path)) in _DELETES and self._would_delete(case.body):
            return
        caller = self._owner if any(part in case.path for part in _OWN) else self._context.api
        if caller is self._owner and self._spared and case.method in {"put", "patch"}:
            return
        path = self._context.profile.prefix + case.path.partition(self._context.profile.prefix)[2]
        if self._context.profile.prefix not in case.path:
            path = self._context.profile.prefix + case.path.lstrip("/")
        body = self._harmless(self._reachable(case.body, registers))
        call = caller.target.prepare(
            case.method.upper(),
            path,
            json_body=self._deletable(body, case.valid) if registers else body,
            headers=dict(caller.credentials.headers) if caller.credentials else {},
        )
        with self._context.observer.odd():
            reply = caller.target.send(call)
        findings.calls += 1
        self._left -= registers and reply.status == 201
        self._judge(case, reply, registers, findings)

    def _harmless(self, body: Any) -> Any:
        """The body with every address replaced by one of the run's: no stranger gets a mail."""
        if not isinstance(body, dict):
            return body
        changed = dict(body)
        for name in (self._email, f"new_{self._email}"):
            if isinstance(changed.get(name), str) and "@" in changed[name]:
                changed[name] = self._context.ledger.address()
                if f"re_{name}" in changed:
                    changed[f"re_{name}"] = changed[name]
        login = self._context.profile.user.login_field
        if login != self._email and isinstance(changed.get(login), str) and changed[login]:
            changed[login] = self._context.ledger.username()
        return changed

    def _reachable(self, body: Any, registers: bool) -> Any:
        """Where the address may be left out, one is put in: an account that waits for its activation
        without an address can never be deleted."""
        profile = self._context.profile
        optional = not profile.user.field(self._email).required
        if not optional or not profile.djoser.SEND_ACTIVATION_EMAIL or not isinstance(body, dict):
            return body
        if body.get(self._email) == "" or (registers and self._email not in body):
            return {**body, self._email: "nobody@example.com"}
        return body

    def _deletable(self, body: Any, valid: bool) -> Any:
        """A registration whose password the run can make again: `authspec clean` must know it.

        That both passwords are the same is what a schema cannot say; a valid body means it.
        """
        if not isinstance(body, dict) or not isinstance(body.get("password"), str):
            return body
        if not body["password"].strip():
            return body
        password = self._context.ledger.password()
        changed = {**body, "password": password}
        if "re_password" in body and (valid or body["re_password"] == body["password"]):
            changed["re_password"] = password
        return changed

    def _would_delete(self, body: Any) -> bool:
        sent = body.get("current_password") if isinstance(body, dict) else None
        return isinstance(sent, str) and sent in self._passwords()

    def _passwords(self) -> set[str]:
        return {p for account in self._context.ledger.accounts for p in account.passwords}

    def _judge(self, case: _Case, reply: Reply, registers: bool, findings: Findings) -> None:
        operation = f"{case.method} {case.path}"
        if reply.status >= 500:
            findings.add("NET-005", operation, f"{reply}, a server error", reply)
            if not _known_to_kill(case):
                findings.add("NET-001", operation, f"{reply}, a server error", reply)
            return
        complaint = self._contract(reply)
        if complaint:
            findings.add("NET-002", operation, complaint, reply)
        if not case.valid and reply.status < 300 and (why := self._cannot_be_right(case)):
            findings.add("NET-003", operation, f"{reply} accepts a body {why}", reply)
        if (
            case.valid
            and registers
            and reply.status == 400
            and (why := self._cannot_be_wrong(reply))
        ):
            findings.add("NET-004", operation, why, reply)

    def _cannot_be_right(self, case: _Case) -> str | None:
        """Why DRF, with all its coercions, refuses this body; None where it may take it."""
        if case.path.endswith("/me/") or not isinstance(case.body, dict):
            return None if isinstance(case.body, dict) else "that is no object"
        document = oracle_of(self._context.profile).document
        operation = document["paths"][case.path][case.method]
        body = _resolved(document, operation["requestBody"])
        schema = _resolved(document, body["content"][_JSON]["schema"])
        for name in schema.get("required", []):
            if name not in case.body:
                return f"without {name}"
            kind = _resolved(document, schema["properties"][name]).get("type")
            if kind == "string" and (
                case.body[name] in (None, "") or isinstance(case.body[name], dict | list | bool)
            ):
                return f"whose {name} is {case.body[name]!r}"
        return None

    def _cannot_be_wrong(self, reply: Reply) -> str | None:
        """Why this refusal of a valid registration is wrong; passwords, and clashes, a schema cannot judge."""
        if not isinstance(reply.json, dict):
            return None
        profile = self._context.profile
        fields = set(reply.json) - {"password", "re_password", profile.non_field_errors_key}
        fields -= {self._email, profile.user.login_field}
        fields -= {f.name for f in profile.user.create if not _said_by_schema(f)}
        return (
            f"{reply} refuses a valid registration because of {', '.join(sorted(fields))}"
            if fields
            else None
        )


def _said_by_schema(field: Field) -> bool:
    """Whether the schema says all that a value has to be."""
    if field.type in {"date", "datetime", "integer", "boolean", "any"}:
        return False  # a date of birth of somebody old enough, a number of seats, terms that are accepted
    return field.example is None and (field.type != "string" or field.free_text)


def _known_to_kill(case: _Case) -> bool:
    """Whether stock Djoser 2.3 answers 500: serializers.py reads uid and token raw, so a number kills it;
    for the confirmation of a login reset the two are no fields at all, and anything but a text does."""
    if not isinstance(case.body, dict):
        return False
    unchecked = "_confirm/" in case.path and "password" not in case.path
    fatal = (int, float, list, dict, type(None)) if unchecked else (int, float)
    values = [case.body[name] for name in _NUMBERS_KILL if name in case.body]
    return any(isinstance(v, fatal) and (unchecked or not isinstance(v, bool)) for v in values)


def _tail(path: str) -> str:
    return "/users/me/" if path.endswith("/users/me/") else path


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node  # type: ignore[no-any-return]
