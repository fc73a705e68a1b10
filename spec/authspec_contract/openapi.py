"""The contract as OpenAPI 3.1: the joined parts, and the effective contract of one deployment.

Imports no validator and no resolver, so that a server can make it at first use.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from authspec_contract.errors import ContractError, nearest
from authspec_contract.facts import facts, failing
from authspec_contract.openapi_fields import BUILDERS, Schema
from authspec_contract.openapi_parts import KINDS, shipped_parts
from authspec_contract.profile import Profile

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
"""In the order in which Django's `View` names them, and so `Allow`."""

NON_FIELD_ERRORS = "non_field_errors"
"""What the parts call it; a deployment may have another NON_FIELD_ERRORS_KEY."""

Document = dict[str, Any]
_GONE = object()
_PUBLIC = frozenset({"AllowAny"})
_PUBLIC_READING = frozenset({"IsAuthenticatedOrReadOnly"})
_SELECTIVE = frozenset({"IsAdminUser"})


def joined() -> Document:
    """The parts as one document, with their annotations; references lead to its components."""
    return copy.deepcopy(shipped_parts())


def effective(profile: Profile) -> Document:
    """The contract of one deployment.

    What the profile switches off is gone, what it names is filled in; `x-statements` and
    `x-in-document` are the annotations that stay. Raises ContractError.
    """
    document = _pruned(shipped_parts(), facts(profile))
    document["info"]["x-profile"] = profile.name
    document["servers"][0]["url"] = profile.prefix.rstrip("/") or "/"
    document = dict(_built(document, profile))
    _fill_errors(document["components"]["schemas"])
    if profile.non_field_errors_key != NON_FIELD_ERRORS:
        document = _with_key(document, profile.non_field_errors_key)
    document["paths"] = {
        _renamed(path, profile): item
        for path, item in document["paths"].items()
        if any(method in item for method in METHODS)
    }
    for path, item in document["paths"].items():
        _finish_path(path, item, document, profile)
    _drop_unused(document)
    return document


def bundle(profile: Profile) -> str:
    """The effective contract as one YAML file."""
    head = f"# The contract of profile {profile.name}, made by `authspec spec bundle`.\n"
    return head + yaml.dump(
        effective(profile), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Document]]:
    """Method in capitals, path template and operation, of each operation of a document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


# --- taking away ------------------------------------------------------------------------------


def _pruned(document: Mapping[str, Any], known: Mapping[str, bool]) -> Document:
    """A copy without what the conditions rule out, references to it included."""
    gone = {
        f"#/components/{kind}/{name}"
        for kind, entries in document["components"].items()
        for name, entry in entries.items()
        if failing(entry.get("x-when", ()), known)
    }
    pruned = _prune(document, known, gone)
    for holder in (pruned, *(operation for _, _, operation in operations(pruned))):
        if holder.get("security"):
            schemes = pruned["components"]["securitySchemes"]
            holder["security"] = [
                s for s in holder["security"] if all(name in schemes for name in s)
            ]
    return pruned  # type: ignore[no-any-return]


def _prune(node: Any, known: Mapping[str, bool], gone: set[str]) -> Any:
    if isinstance(node, list):
        kept = (_prune(item, known, gone) for item in node)
        return [item for item in kept if item is not _GONE]
    if not isinstance(node, Mapping):
        return node
    if node.get("$ref") in gone or failing(node.get("x-when", ()), known):
        return _GONE
    result = {
        key: value
        for key, item in node.items()
        if key != "x-when" and (value := _prune(item, known, gone)) is not _GONE
    }
    if "x-empty-body" in result:
        result["x-empty-body"] = not failing(result["x-empty-body"], known)
    if isinstance(result.get("properties"), dict) and isinstance(result.get("required"), list):
        _align(result)
    return result


def _align(schema: Schema) -> None:
    """Drops the names of removed properties from `required` and from the examples."""
    names = schema["properties"]
    schema["required"] = [name for name in schema["required"] if name in names]
    if "examples" in schema:
        schema["examples"] = [
            {name: value for name, value in example.items() if name in names}
            for example in schema["examples"]
        ]


# --- filling in -------------------------------------------------------------------------------


def _built(node: Any, profile: Profile) -> Any:
    """The node with every `x-build` carried out."""
    if isinstance(node, list):
        return [_built(item, profile) for item in node]
    if not isinstance(node, dict):
        return node
    inside = {key: _built(item, profile) for key, item in node.items() if key != "x-build"}
    name = node.get("x-build")
    if name is None:
        return inside
    if name not in BUILDERS:
        raise ContractError(
            f"The OpenAPI names the unknown x-build {name!r}; {nearest(name, BUILDERS)}"
        )
    return BUILDERS[name](inside, profile)


def _with_key(node: Any, key: str) -> Any:
    """The node with the deployment's own name for what no single field is to blame for."""
    if isinstance(node, list):
        return [_with_key(item, key) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key if name == NON_FIELD_ERRORS else name: _with_key(item, key)
        for name, item in node.items()
    }


def _fill_errors(schemas: dict[str, Schema]) -> None:
    """Gives each `x-errors-of` the fields of its request, and no others."""
    for name, schema in schemas.items():
        request = schema.get("x-errors-of")
        if request is None:
            continue
        if request not in schemas:
            raise ContractError(f"{name} is the errors of {request!r}; {nearest(request, schemas)}")
        fields = (*schemas[request]["properties"], NON_FIELD_ERRORS)
        messages = {"$ref": "#/components/schemas/Messages"}
        schemas[name] = {
            "type": "object",
            "properties": {field: dict(messages) for field in fields},
            "minProperties": 1,
            "additionalProperties": False,
        }


def _renamed(path: str, profile: Profile) -> str:
    """Djoser names two paths by the model's `USERNAME_FIELD` (djoser/views.py 2.3, set_username)."""
    for action in ("set_", "reset_"):
        path = path.replace(f"/{action}email", f"/{action}{profile.user.login_field}")
    return path


def _finish_path(path: str, item: Document, document: Document, profile: Profile) -> None:
    if not profile.django.APPEND_SLASH:
        item.pop("x-without-slash", None)
    allow = ", ".join(_allowed(item))
    for method in METHODS:
        if method not in item:
            continue
        operation = item[method]
        if "set_email" not in path and operation["operationId"] == "user_set_username":
            operation["x-in-document"] = False
            operation.pop("x-statements", None)
        _apply_permission(method, operation, profile)
        operation["responses"]["405"] = _method_not_allowed(document, allow)
        operation["responses"] = dict(sorted(operation["responses"].items()))


def _apply_permission(method: str, operation: Document, profile: Profile) -> None:
    """Public operations need no credentials; an admin's operation refuses other callers."""
    action = operation.pop("x-permission", None)
    if action is None:
        return
    named = profile.default_permissions if action == "default" else profile.permission(action)
    classes = set(named)
    public = _PUBLIC | (_PUBLIC_READING if method == "get" else frozenset())
    if classes <= public:
        operation["security"] = []
    if classes & _SELECTIVE and "403" not in operation["responses"]:
        operation["responses"]["403"] = {"$ref": "#/components/responses/Denied"}


def _allowed(item: Document) -> Iterator[str]:
    """rest_framework/viewsets.py 3.18: `head` is bound where `get` is; OPTIONS always is."""
    for method in METHODS:
        if method in item or (method == "head" and "get" in item) or method == "options":
            yield method.upper()


def _method_not_allowed(document: Document, allow: str) -> Document:
    response: Document = copy.deepcopy(document["components"]["responses"]["MethodNotAllowed"])
    header = response["headers"]["Allow"]
    header["schema"], header["example"] = {"type": "string", "const": allow}, allow
    return response


def _drop_unused(document: Document) -> None:
    """Removes the components that nothing refers to any more."""
    components = document["components"]
    while True:
        used = set(_references(document))
        unused = [
            (kind, name)
            for kind in KINDS
            for name in components[kind]
            if f"#/components/{kind}/{name}" not in used
        ]
        if not unused:
            return
        for kind, name in unused:
            del components[kind][name]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        for key, item in node.items():
            if key == "$ref":
                yield item
            else:
                yield from _references(item)


class _Dumper(yaml.SafeDumper):
    """Writes a part that stands at two places twice, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
