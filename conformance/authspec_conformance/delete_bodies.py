"""Whether the body of a DELETE reaches the target: some proxies drop it, and then nobody can delete an account."""

from authspec_conformance.client import Client
from authspec_conformance.exchange import Reply

DROPPED = (
    "the body of a DELETE does not reach the target: broken JSON in it is answered as if there were none, "
    "so a proxy on the way drops it (RFC 9110 §9.3.5 lets it); give the URL behind that proxy, let it pass "
    "bodies on, or announce it in the configuration: [target] delete_bodies = false"
)


class DeleteBodies:
    """Asks once."""

    def __init__(self) -> None:
        self._arrive: bool | None = None

    def arrive(self, client: Client) -> bool:
        """Whether they do; `client` is logged in, and its account stays as it is.

        Two bodies that Django REST framework cannot read: neither can pass for an empty one.
        """
        if self._arrive is None:
            unreadable = ((b'{"current_password": ', "application/json"), (b"<a/>", "text/plain"))
            self._arrive = not all(
                _taken_for_empty(
                    client.raw("DELETE", "users/me/", data=data, headers={"Content-Type": kind})
                )
                for data, kind in unreadable
            )
        return self._arrive


def _taken_for_empty(reply: Reply) -> bool:
    body = reply.json
    return reply.status == 400 and isinstance(body, dict) and "current_password" in body
