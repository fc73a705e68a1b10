"""`/_mock/…` besides the outbox: reset, state, users, profile, clock, faults, journal, events, worlds."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from authspec_contract import fields as f
from authspec_contract.errors import UsageError
from authspec_contract.profile_file import profile_from_mapping
from authspec_mock.answers import (
    Answer,
    detail,
    json_body,
    number,
    parameters,
    route,
    world_of,
)
from authspec_mock.app import health
from authspec_mock.profile_view import changed, profile_as_json
from authspec_mock.worlds import DEFAULT, MockWorld, Worlds, put_user, users


def routes(worlds: Worlds) -> list[Route]:
    async def list_worlds(request: Request) -> Response:
        return Answer({"worlds": [_described(world) for world in worlds.all()]})

    async def forget(request: Request) -> Response:
        name = request.path_params["name"]
        if name == DEFAULT:
            raise UsageError("The default world cannot be deleted; POST /_mock/reset empties it.")
        if not worlds.remove(name):
            return detail(404, f"There is no world {name!r}.")
        return Answer({"deleted": name})

    return [
        route("/_mock/health", get=_health),
        route("/_mock/reset", post=_reset, delete=_reset),
        route("/_mock/state", get=_state, put=_restore),
        route("/_mock/users", get=_users, post=_create_user),
        route("/_mock/users/{login:path}/login", post=_login),
        route("/_mock/users/{login:path}", get=_user, put=_put_user),
        route("/_mock/profile", get=_profile, put=_put_profile, patch=_patch_profile),
        route("/_mock/clock", get=_clock, post=_set_clock),
        route("/_mock/faults", get=_faults, post=_add_fault, delete=_clear_faults),
        route("/_mock/faults/{id}", delete=_remove_fault),
        route("/_mock/requests", get=_requests, delete=_clear_requests),
        route("/_mock/events", get=_events),
        route("/_mock/worlds", get=list_worlds),
        route("/_mock/worlds/{name}", delete=forget),
    ]


def _described(world: MockWorld) -> dict[str, Any]:
    return {
        "name": world.name,
        "profile": world.profile.name,
        "users": len(world.core.users()),
        "mails": len(world.outbox),
        "requests": len(world.journal),
        "faults": len(world.faults),
    }


async def _health(request: Request) -> Response:
    """For the methods that it has not: `app` answers GET before Starlette is imported."""
    shown = health(world_of(request))
    return Response(shown.body, shown.status, dict(shown.headers))


async def _reset(request: Request) -> Response:
    parameters(request)
    return Answer({"status": "ok", "cleared": world_of(request).reset()})


async def _state(request: Request) -> Response:
    return Answer(world_of(request).state())


async def _restore(request: Request) -> Response:
    world = world_of(request)
    world.restore(await json_body(request))
    return Answer({"status": "ok", **_described(world)})


# --- users ------------------------------------------------------------------------------------


async def _users(request: Request) -> Response:
    parameters(request)
    return Answer({"users": users(world_of(request))})


async def _create_user(request: Request) -> Response:
    body = f.mapping(await json_body(request), "The user")
    return Answer(put_user(world_of(request), body), 201)


async def _put_user(request: Request) -> Response:
    login = request.path_params["login"]
    fields = f.mapping(await json_body(request), "The user")
    world = world_of(request)
    name = world.profile.login_field
    if fields.setdefault(name, login) != login:
        raise UsageError(
            f"The path names {login!r} and the body's {name!r} is {fields[name]!r}; "
            "give one user only."
        )
    return Answer(put_user(world, fields))


async def _user(request: Request) -> Response:
    login = request.path_params["login"]
    world = world_of(request)
    found = _named(world, login)
    return Answer(found) if found is not None else _no_user(world, login)


async def _login(request: Request) -> Response:
    login = request.path_params["login"]
    world = world_of(request)
    if _named(world, login) is None:
        return _no_user(world, login)
    return Answer(world.core.login_tokens(login))


def _named(world: MockWorld, login: str) -> Any:
    field = world.profile.login_field
    return next((user for user in users(world) if user.get(field) == login), None)


def _no_user(world: MockWorld, login: str) -> Response:
    return detail(
        404,
        f"There is no user {login!r} among the {len(world.core.users())} here; "
        f"PUT /_mock/users/{login} makes one.",
    )


# --- profile and clock ------------------------------------------------------------------------


async def _profile(request: Request) -> Response:
    return Answer(profile_as_json(world_of(request).profile))


async def _put_profile(request: Request) -> Response:
    world = world_of(request)
    world.change_profile(profile_from_mapping(await json_body(request), source="/_mock/profile"))
    return Answer(profile_as_json(world.profile))


async def _patch_profile(request: Request) -> Response:
    world = world_of(request)
    world.change_profile(changed(world.profile, await json_body(request)))
    return Answer(profile_as_json(world.profile))


async def _clock(request: Request) -> Response:
    return Answer(world_of(request).clock.describe())


async def _set_clock(request: Request) -> Response:
    clock = world_of(request).clock
    clock.command(await json_body(request))
    return Answer(clock.describe())


# --- faults, journal, events ------------------------------------------------------------------


async def _faults(request: Request) -> Response:
    return Answer({"faults": [rule.as_json() for rule in world_of(request).faults.rules]})


async def _add_fault(request: Request) -> Response:
    return Answer(world_of(request).faults.add(await json_body(request)).as_json(), 201)


async def _clear_faults(request: Request) -> Response:
    return Answer({"cleared": {"faults": world_of(request).faults.clear()}})


async def _remove_fault(request: Request) -> Response:
    id_ = number(request.path_params["id"], "The id of a fault")
    if not world_of(request).faults.remove(id_):
        return detail(404, f"There is no fault {id_}.")
    return Answer({"cleared": {"faults": 1}})


async def _requests(request: Request) -> Response:
    """The journal, oldest first; `limit` keeps the newest."""
    asked = parameters(request, "method", "path", "status", "after", "limit")
    after, limit = number(asked.get("after"), "after"), number(asked.get("limit"), "limit", 10**9)
    status = number(asked.get("status"), "status")
    method, path = asked.get("method", "").upper(), asked.get("path")
    chosen = [
        entry
        for entry in world_of(request).journal.entries()
        if entry.id > after
        and (not method or entry.request.method == method)
        and (path is None or entry.request.path == path)
        and (not status or (entry.response is not None and entry.response.status == status))
    ]
    newest = chosen[-limit:] if limit else []
    return Answer({"requests": [entry.as_json() for entry in newest]})


async def _clear_requests(request: Request) -> Response:
    return Answer({"cleared": {"requests": world_of(request).journal.clear()}})


async def _events(request: Request) -> Response:
    return StreamingResponse(
        world_of(request).events.listen(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
