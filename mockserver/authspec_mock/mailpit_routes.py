"""The part of Mailpit's REST API that its clients call."""

from starlette.routing import Route


def routes() -> list[Route]:
    return []
