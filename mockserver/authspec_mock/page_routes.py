"""The pages for people: the web inbox, and the contract as JSON, YAML and readable."""

import json
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from authspec_contract import __version__
from authspec_contract.openapi_page import prose
from authspec_mock.answers import Answer, parameters, route, world_of
from authspec_mock.worlds import MockWorld

_REMEMBERED: dict[int, tuple[Any, dict[str, Any]]] = {}


def routes() -> list[Route]:
    return [
        route("/", get=_inbox),
        route("/_mock", get=_to_inbox),
        route("/_mock/", get=_to_inbox),
        route("/openapi.json", get=_openapi_json),
        route("/openapi.yaml", get=_openapi_yaml),
        route("/docs", get=_docs),
        route("/docs/", get=_docs),
    ]


async def _inbox(request: Request) -> Response:
    world = world_of(request)
    facts = {
        "base": request.scope["mock.prefix"],
        "world": world.name,
        "version": __version__,
        "prefix": world.profile.prefix,
        "login_field": world.profile.login_field,
    }
    # in a <script>: nothing of it may end the element
    text = json.dumps(facts).replace("<", "\\u003c")
    page = template("inbox.html").replace("{{facts}}", text)
    return _page(page)


async def _to_inbox(request: Request) -> Response:
    return RedirectResponse(request.scope["mock.prefix"] + "/", 302)


async def _openapi_json(request: Request) -> Response:
    parameters(request)
    return Answer(contract(world_of(request)))


async def _openapi_yaml(request: Request) -> Response:
    import yaml

    parameters(request)
    text = yaml.safe_dump(
        json.loads(json.dumps(contract(world_of(request)))), sort_keys=False, allow_unicode=True
    )
    return Response(text, media_type="application/yaml")


async def _docs(request: Request) -> Response:
    document = contract(world_of(request))
    info = document.get("info", {})
    page = template("docs.html")
    for name, value in (
        ("title", escape(str(info.get("title", "The contract")))),
        ("description", prose(str(info.get("description", "")))),
        ("profile", escape(world_of(request).profile.name)),
        ("base", escape(request.scope["mock.prefix"])),
        ("operations", "\n".join(_operations(document))),
    ):
        page = page.replace("{{" + name + "}}", value)
    return _page(page)


def contract(world: MockWorld) -> dict[str, Any]:
    """The effective OpenAPI of the world's profile, made when it is first asked for."""
    from authspec_contract.openapi import effective

    profile = world.core.profile
    known = _REMEMBERED.get(0)
    if known is None or known[0] != profile:
        document = dict(effective(profile))
        known = _REMEMBERED[0] = (profile, document)
    return known[1]


def _operations(document: dict[str, Any]) -> list[str]:
    mount = str((document.get("servers") or [{}])[0].get("url", "")).rstrip("/")
    return [
        _operation(document, mount + path, method, operation)
        for path, item in document.get("paths", {}).items()
        for method, operation in item.items()
        if method in {"get", "post", "put", "patch", "delete", "head", "options"}
    ]


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    lines = [
        "<details><summary>",
        f'<b class="{method}">{method.upper()}</b> <code>{escape(path)}</code> ',
        f"{escape(str(operation.get('summary', '')))}</summary>",
        f"<p>{prose(str(operation.get('description', '')))}</p>",
    ]
    body = _resolved(document, operation.get("requestBody", {}))
    for media, content in body.get("content", {}).items():
        lines.append(f"<h4>Request, {escape(media)}</h4>{_shown(document, content)}")
    for status, response in operation.get("responses", {}).items():
        response = _resolved(document, response)
        lines.append(
            f"<h4>{escape(str(status))} {prose(str(response.get('description', '')))}</h4>"
        )
        shown = list(response.get("content", {}).values())[:1]
        lines.extend(_shown(document, content) for content in shown)
    lines.append("</details>")
    return "".join(lines)


def _shown(document: dict[str, Any], content: dict[str, Any]) -> str:
    """A media type's example where it has one, and its schema."""
    parts = []
    for name, example in content.get("examples", {}).items():
        value = _resolved(document, example).get("value")
        parts.append(f"<p>{escape(name)}</p><pre>{escape(_json(value))}</pre>")
    if "example" in content:
        parts.append(f"<pre>{escape(_json(content['example']))}</pre>")
    schema = _resolved(document, content.get("schema", {}))
    parts.append(f"<pre class=schema>{escape(_json(schema))}</pre>")
    return "".join(parts)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _resolved(document: dict[str, Any], value: Any) -> dict[str, Any]:
    """What a local `$ref` points at."""
    seen = 0
    while isinstance(value, dict) and "$ref" in value and seen < 20:
        seen += 1
        target: Any = document
        for part in str(value["$ref"]).removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            target = target.get(name, {}) if isinstance(target, dict) else {}
        value = target
    return value if isinstance(value, dict) else {}


@lru_cache(maxsize=4)
def template(name: str) -> str:
    """A page of the package."""
    return (files("authspec_mock") / "templates" / name).read_text(encoding="utf-8")


def _page(html: str) -> Response:
    return Response(
        html.encode("utf-8", "replace"),
        media_type="text/html",
        headers={
            "Cache-Control": "no-store",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        },
    )
