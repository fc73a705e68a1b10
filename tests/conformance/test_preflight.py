"""The look before the first test: a Djoser that refuses wrongly is tested, anything else is named."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests

from authspec_conformance.preflight import preflight
from authspec_contract.errors import TargetError
from authspec_mock.server import WorldHandle

from .actors import people_of
from .sample import DOCUMENT
from .servers import Answer, Server, http

DETAIL = '{"detail": "Authentication credentials were not provided."}'
FIELDS = {"email": ["This field is required."], "password": ["This field is required."]}
HTML = "<h1>Bad Request</h1>"


def look(url: str) -> None:
    preflight(people_of(url, mailbox=False).api, DOCUMENT)


def answer_registrations(mock: WorldHandle, status: int, body: Any) -> None:
    """From now on, POST users/ gets this and nothing else does."""
    rule = {"match": {"method": "POST", "path": "users/"}, "do": {"status": status, "body": body}}
    requests.post(f"{mock.url}/_mock/faults", json=rule, timeout=5).raise_for_status()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, HTML),
        (400, {"errors": FIELDS}),
        (400, {"email": FIELDS["email"]}),
        (422, FIELDS),
        (200, {"success": False}),
        (404, {"detail": "Not found."}),
        (500, HTML),
    ],
)
def test_a_djoser_that_refuses_wrongly_is_tested(mock: WorldHandle, status: int, body: Any) -> None:
    answer_registrations(mock, status, body)
    look(mock.url)


@pytest.mark.parametrize(
    "answer",
    [
        http(401, DETAIL),
        http(403, DETAIL, more=["Allow: GET, PUT, PATCH, DELETE, HEAD, OPTIONS"]),
        http(422, '{"errors": {"email": ["required"], "password": ["required"]}}'),
    ],
)
def test_an_api_that_answers_every_path_alike_is_no_djoser(
    serve: Callable[[Answer], Server], answer: bytes
) -> None:
    with pytest.raises(TargetError):
        look(serve(answer).url)


def test_an_api_of_something_else_that_names_a_password_is_no_djoser(
    mock: WorldHandle, serve: Callable[[Answer], Server]
) -> None:
    """As frameworks that answer 422 do, at a path that happens to be Djoser's."""

    def route(connection: Any) -> None:
        first = server.requests[-1].partition("\r\n")[0]
        wrong = http(422, '{"detail": [{"loc": ["body", "password"]}]}')
        refused = http(401, '{"detail": "Unauthorized"}')
        answers = {"POST /auth/users/": wrong, "GET /auth/users/me/": refused}
        path = first.rpartition(" ")[0]
        connection.sendall(answers.get(path, http(404, '{"detail": "Not Found"}')))

    server = serve(route)
    with pytest.raises(TargetError, match="answers 422"):
        look(server.url)


def test_a_profile_that_nobody_can_log_in_with_is_refused_before_an_account_is_made(
    mock: WorldHandle,
) -> None:
    jwt = replace(DOCUMENT.simple_jwt, ACCESS_TOKEN_LIFETIME=30.0)
    short = replace(DOCUMENT, authentication=("jwt",), simple_jwt=jwt)
    with pytest.raises(TargetError, match="access tokens live 30 s"):
        preflight(people_of(mock.url, profile=short).api, short)
    closed = replace(DOCUMENT, authentication=("session",))
    with pytest.raises(TargetError, match="add the one that the target has"):
        preflight(people_of(mock.url, profile=closed).api, closed)
