"""The mock's core as an oracle: what Djoser would answer to the same call, and which mails it would send."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from authspec_conformance.errors import Inconclusive
from authspec_conformance.operations import Operation
from authspec_contract.errors import UsageError
from authspec_contract.profile import Profile
from authspec_mock.core.wire import Mail as Mail
from authspec_mock.core.wire import Request
from authspec_mock.core.world import World


@dataclass(frozen=True)
class Expected:
    """What the oracle says about one call."""

    status: int
    json: Any
    """The decoded body; None where there is none, or where it is not JSON."""
    mails: tuple[Mail, ...]


class Oracle:
    """A Djoser in memory that goes through the same calls as the target."""

    def __init__(self, profile: Profile, random: Random) -> None:
        """Raises Inconclusive where the core does not carry out a setting of the profile."""
        self._prefix = profile.prefix
        # a throttled target is waited for; the oracle must not count
        quiet = replace(profile, throttle={})
        try:
            self._world = World(quiet, clock=time.time, random=random, secret="oracle")
        except UsageError as error:
            raise Inconclusive(f"the oracle cannot follow this profile: {error}") from None

    def take_in(self, login: str, password: str, data: Mapping[str, Any]) -> dict[str, str]:
        """An active account as the target has it: login, password and what `users/me/` shows. Gives
        its tokens. Raises Inconclusive where the core cannot have such an account."""
        user = self._world.profile.user
        taken = {
            spec.name: data[spec.name]
            for spec in user.fields
            if spec.name in data
            and spec.name not in {user.login_field, self._world.profile.djoser.USER_ID_FIELD}
            and not spec.type.startswith("date")
            and not spec.volatile
        }
        try:
            self._world.put_user(login, password=password, is_active=True, **taken)
            return self._world.login_tokens(login)
        except (UsageError, TypeError) as error:
            raise Inconclusive(f"the oracle cannot take the account in: {error}") from None

    def begin_session(self, login: str, password: str) -> dict[str, str] | None:
        """A login that begins a session; its cookies, or None where it is refused."""
        user = self._world.authentication.by_password(login, password)
        if user is None:
            return None
        user.last_login = time.time()
        return self._world.session_of(user)

    def call(self, operation: Operation, body: Any, headers: Mapping[str, str]) -> Expected:
        """One call, answered from memory."""
        sent = {
            "host": "localhost",
            "accept": "application/json",
            "content-type": "application/json",
        }
        sent |= {name.lower(): value for name, value in headers.items()}
        request = Request(
            method=operation.method,
            path=self._prefix + operation.path,
            headers=sent,
            body=b"" if body is None else json.dumps(body).encode(),
        )
        response, mails = self._world.handle(request)
        try:
            decoded = json.loads(response.body) if response.body else None
        except ValueError:
            decoded = None
        return Expected(response.status, decoded, mails)
