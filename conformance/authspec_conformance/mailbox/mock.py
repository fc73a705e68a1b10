"""`mock:`: the outbox of our mock, when the target is one."""

from collections.abc import Sequence

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
            raw = answer.json()["messages"]
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise TargetError(
                f"The mock's outbox at {self._url} cannot be read ({type(error).__name__}); is the "
                "target an authspec mock? For another one, say by --mailbox where its mails go."
            ) from None
        if raw:
            self._last = str(raw[-1]["id"])
        return [
            MailMessage(str(m["id"]), tuple(m["to"]), m["from"], m["subject"], m["text"], m["html"])
            for m in raw
        ]

    def close(self) -> None:
        self._session.close()
