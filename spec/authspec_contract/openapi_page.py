"""Draws an effective contract as one readable HTML page that needs no network."""

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from authspec_contract.openapi import Document, operations

STYLE = """
:root{--ink:#1c2330;--soft:#5b6577;--line:#d9dee7;--back:#fff;--panel:#f6f8fb;--link:#1a5fb4;
--get:#1a6fb4;--post:#257a3e;--put:#8a5a00;--patch:#6b4fa0;--delete:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf2;--soft:#9aa5b8;--line:#333d4d;--back:#12161d;
--panel:#1a2029;--link:#7db4ff;--get:#7db4ff;--post:#7fd39a;--put:#e6b566;--patch:#c0a6f2;--delete:#ff9a8f}}
*{box-sizing:border-box}
body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back)}
main{max-width:62rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
p,dd,h1,h2,h3{overflow-wrap:anywhere}a{color:var(--link)}.soft{color:var(--soft)}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{background:var(--panel);padding:.6rem .8rem;border-radius:6px;margin:.4rem 0;
white-space:pre-wrap;overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.4rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
details{border:1px solid var(--line);border-radius:8px;margin:.5rem 0;padding:0 .9rem}
summary{cursor:pointer;padding:.55rem 0}details[open]{padding-bottom:.7rem}
.tag{display:inline-block;border:1px solid var(--line);border-radius:10px;padding:0 .5rem;
font-size:12px;color:var(--soft)}
.method{display:inline-block;min-width:4.5rem;font:600 13px ui-monospace,monospace}
.get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.patch{color:var(--patch)}
.delete{color:var(--delete)}
"""


def page(document: Document, *, title: str = "") -> str:
    """The page of a contract; `title` is the profile's name as a rule."""
    name = title or str(document["info"].get("x-profile", ""))
    server = document["servers"][0]["url"].rstrip("/")
    groups = "".join(_group(tag, document, server) for tag in document["tags"])
    return html_page(
        f"Contract of {name}",
        f"<h1>{escape(document['info']['title'])}</h1>"
        f"<p>{escape(document['info']['summary'])} Profile <b>{escape(name)}</b>, below "
        f"<code>{escape(server or '/')}/</code>. <span class=tag>beside</span> marks what the document "
        "does not name; <span class=tag>D-…</span> the statement that an operation captures.</p>"
        f"<h2>Credentials</h2>{_schemes(document)}{groups}",
    )


def html_page(title: str, body: str, *, style: str = "") -> str:
    """A whole page around a body."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def prose(text: str) -> str:
    """A sentence as HTML, with what stands between backticks as code."""
    parts = text.split("`")
    return "".join(
        f"<code>{escape(part)}</code>" if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def table(rows: str, *, head: str = "") -> str:
    """A table that scrolls by itself where the screen is too narrow for it."""
    return f"<div class=wide><table>{head}<tbody>{rows}</tbody></table></div>"


def _group(tag: Mapping[str, Any], document: Document, server: str) -> str:
    inside = "".join(
        _operation(method, path, operation, document, server)
        for method, path, operation in operations(document)
        if tag["name"] in operation["tags"]
    )
    if not inside:
        return ""
    return (
        f"<h2>{escape(tag['name'].capitalize())}</h2>"
        f"<p class=soft>{escape(tag['description'])}</p>{inside}"
    )


def _operation(
    method: str, path: str, operation: Mapping[str, Any], document: Document, server: str
) -> str:
    security = operation.get("security", document.get("security", []))
    marks = list(operation.get("x-statements", ()))
    if operation.get("x-in-document") is False:
        marks.append("beside")
    if security:
        marks.append("needs credentials")
    tags = " ".join(f"<span class=tag>{escape(mark)}</span>" for mark in marks)
    return (
        f"<details id='{escape(operation['operationId'])}'><summary>"
        f"<span class='method {method.lower()}'>{method}</span> "
        f"<code>{escape(server + path)}</code> {escape(operation['summary'])} {tags}</summary>"
        f"{_request(operation, document)}{_responses(operation, document)}</details>"
    )


def _request(operation: Mapping[str, Any], document: Document) -> str:
    if "requestBody" not in operation:
        return ""
    body = _resolved(operation["requestBody"], document)
    media = next(iter(body["content"].values()))
    schema = _resolved(media["schema"], document)
    kinds = ", ".join(body["content"])
    return (
        f"<h3>Request</h3><p class=soft>{escape(kinds)}</p>"
        f"{_fields(schema, document)}{_sample(schema.get('examples', ())[:1])}"
    )


def _fields(schema: Mapping[str, Any], document: Document) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td>"
        f"<td>{'required' if name in schema.get('required', ()) else 'optional'}</td>"
        f"<td>{_kind(inner, document)}</td>"
        f"<td>{escape(', '.join(inner.get('x-statements', ())))}</td></tr>"
        for name, inner in schema.get("properties", {}).items()
    )
    return table(rows) if rows else "<p>An object; no field is read.</p>"


def _kind(schema: Mapping[str, Any], document: Document) -> str:
    whole = {**_resolved(schema, document), **{k: v for k, v in schema.items() if k != "$ref"}}
    words = [str(whole.get("type", "one of several"))]
    words += [str(whole["format"])] if "format" in whole else []
    words += [f"{key} {whole[key]}" for key in ("minLength", "maxLength") if key in whole]
    words = [escape(", ".join(words))]
    if "description" in whole:
        words.append(f"<span class=soft>{prose(whole['description'])}</span>")
    return "<br>".join(words)


def _responses(operation: Mapping[str, Any], document: Document) -> str:
    rows = "".join(
        f"<tr><td><b>{status}</b></td><td>{''.join(_response(response, document))}</td></tr>"
        for status, response in operation["responses"].items()
    )
    return f"<h3>Answers</h3>{table(rows)}"


def _response(node: Mapping[str, Any], document: Document) -> Iterator[str]:
    response = _resolved(node, document)
    yield prose(response["description"])
    for name, header in response.get("headers", {}).items():
        yield f"<br><code>{escape(name)}: {escape(str(header.get('example', '…')))}</code>"
    for media in response.get("content", {}).values():
        schema = _resolved(media["schema"], document)
        values = [example["value"] for example in media.get("examples", {}).values()]
        yield _sample(values or schema.get("examples", ()))


def _sample(values: Iterable[Any]) -> str:
    lines = [json.dumps(value, ensure_ascii=False) for value in values]
    return f"<pre>{escape(chr(10).join(lines))}</pre>" if lines else ""


def _schemes(document: Document) -> str:
    rows = "".join(
        f"<tr><td><b>{escape(name)}</b></td><td>{prose(scheme['description'])}</td></tr>"
        for name, scheme in document["components"]["securitySchemes"].items()
    )
    return table(rows)


def _resolved(node: Mapping[str, Any], document: Document) -> Mapping[str, Any]:
    if "$ref" not in node:
        return node
    kind, name = str(node["$ref"]).split("/")[-2:]
    return document["components"][kind][name]  # type: ignore[no-any-return]
