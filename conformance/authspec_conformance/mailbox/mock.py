"""`mock:`: the outbox of our mock, when the target is one."""

from collections.abc import Sequence
from typing import Any

import requests

from authspec_conformance.mailbox.message import MailMessage
from authspec_contract.errors import TargetError


class MockMailbox:
    """Reads `/_mock/outbox` of the target."""

    def __init__(self, base: str) -> None:
        self.url = "mock:"
        self._url = f"{base}/_mock/outbox"
        self._session = requests.Session()
        self._session.trust_env = False
        self._last: str | None = None
        self.arrived()

    def arrived(self) -> Sequence[MailMessage]:
        try:
            parameters = {"after": self._last} if self._last is not None else {}
            answer = self._session.get(self._url, params=parameters, timeout=10)
            answer.raise_for_status()
            mails = [_message(raw) for raw in answer.json()["messages"]]
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise TargetError(
                f"The mock's outbox at {self._url} cannot be read ({type(error).__name__}); is the "
                "target an authspec mock? For another one, say by --mailbox where its mails go."
            ) from None
        if mails:
            self._last = mails[-1].id
        return mails

    def close(self) -> None:
        self._session.close()


def _message(raw: Any) -> MailMessage:
    return MailMessage(
        str(raw["id"]), tuple(raw["to"]), raw["from"], raw["subject"], raw["text"], raw["html"]
    )
