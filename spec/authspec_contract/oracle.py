"""Holds answers against the contract: which schema an answer must meet, and what is wrong with it."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from authspec_contract.errors import ContractError, nearest
from authspec_contract.openapi import METHODS, Document, effective
from authspec_contract.profile import Profile

if TYPE_CHECKING:
    from jsonschema import FormatChecker

_PATH_WIDE = frozenset({301, 401, 403, 404, 405, 406, 415, 429})
"""What a path may answer to a method that the contract does not have there."""
_KEPT = 8


class Oracle:
    """The effective contract of one profile, to be asked about answers."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.document: Document = effective(profile)

    def schema(self, method: str, path: str, status: int) -> dict[str, Any] | None:
        """The JSON Schema of the body, self-contained; None where the body must be empty.

        `path` is a template (`/users/me/`) or a whole path with the prefix. Raises ContractError
        for an operation or a status that the contract does not have.
        """
        content = self.response(method, path, status).get("content")
        if not content:
            return None
        schema = next(iter(content.values()))["schema"]
        return {**schema, "components": {"schemas": self.document["components"]["schemas"]}}

    def response(self, method: str, path: str, status: int) -> dict[str, Any]:
        """The Response Object. Raises ContractError."""
        template = self.template(path)
        responses = self._responses(template, method.lower(), path)
        found = responses.get(str(status))
        if found is None:
            known = ", ".join(sorted(responses))
            raise ContractError(
                f"The contract has no {status} for {method.upper()} {template}; it has {known}."
            )
        return self._resolved(found)

    def template(self, path: str) -> str:
        """The path template that a path fits. Raises ContractError."""
        bare = path.partition("?")[0]
        inside = "/" + bare.removeprefix(self.profile.prefix)
        for candidate in (bare, inside, f"{bare}/", f"{inside}/"):
            for template, pattern in self._patterns:
                if candidate == template or pattern.fullmatch(candidate):
                    return template
        raise ContractError(
            f"The contract has no path {path}; {nearest(bare, self.document['paths'])}"
        )

    def complaints(
        self,
        method: str,
        path: str,
        status: int,
        body: bytes,
        headers: Mapping[str, str] | None = None,
    ) -> list[str]:
        """What is wrong with an answer, a sentence each; an empty list where it conforms."""
        try:
            response = self.response(method, path, status)
        except ContractError as error:
            return [str(error)]
        found = [] if headers is None else _header_complaints(response, headers)
        if method.upper() == "HEAD":
            return found
        return found + self._body_complaints(response, body)

    # --- inside -------------------------------------------------------------------------------

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        """Fixed paths first, so that `/users/me/` is not a user's."""
        templates = sorted(self.document["paths"], key=lambda path: "{" in path)
        return [(t, re.compile(re.sub(r"\\\{\w+\\\}", "[^/.]+", re.escape(t)))) for t in templates]

    def _responses(self, template: str, method: str, path: str) -> dict[str, Any]:
        item = self.document["paths"][template]
        if "x-without-slash" in item and not path.partition("?")[0].endswith("/"):
            return {"301": item["x-without-slash"]}
        if method == "head" and "get" in item:
            method = "get"
        if method in item:
            return item[method]["responses"]  # type: ignore[no-any-return]
        return {
            status: response
            for known in METHODS
            if known in item
            for status, response in item[known]["responses"].items()
            if int(status) in _PATH_WIDE
        }

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        reference = node.get("$ref")
        if reference is None:
            return node
        kind, name = reference.split("/")[-2:]
        return self.document["components"][kind][name]  # type: ignore[no-any-return]

    def _body_complaints(self, response: Mapping[str, Any], body: bytes) -> list[str]:
        content = response.get("content")
        if not content:
            return [f"The body is {_shown(body)}; expected none."] if body else []
        if not body and response.get("x-empty-body"):
            return []
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return [f"The body is {_shown(body)}; expected JSON."]
        schema = next(iter(content.values()))["schema"]
        return self.mismatches(schema, value)

    def mismatches(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """Where a value differs from a schema of this document."""
        import jsonschema  # slow to import, and of no use to a server

        whole = {**schema, "components": {"schemas": self.document["components"]["schemas"]}}
        validator = jsonschema.Draft202012Validator(whole, format_checker=_formats())
        return [_told(error) for error in validator.iter_errors(value)]


@cache
def _formats() -> "FormatChecker":
    """JSON Schema's formats, but for a moment's: made once, as every answer is held against them."""
    import jsonschema

    formats = jsonschema.FormatChecker(())
    known = jsonschema.Draft202012Validator.FORMAT_CHECKER.checkers
    formats.checkers = {**known, "date-time": (_is_a_moment, ValueError)}
    return formats


def _is_a_moment(value: object) -> bool:
    """Whether it is a date and a time; a time zone is missing where Django's USE_TZ is off, or DRF's
    DATETIME_FORMAT names none."""
    if not isinstance(value, str):
        return True
    return len(value) > len("2024-02-29") and bool(datetime.fromisoformat(value))


def schema_for(profile: Profile, method: str, path: str, status: int) -> dict[str, Any] | None:
    """`Oracle(profile).schema(…)`, with the oracle kept for the next question."""
    return oracle_of(profile).schema(method, path, status)


def validate_body(
    profile: Profile,
    method: str,
    path: str,
    status: int,
    body: bytes,
    headers: Mapping[str, str] | None = None,
) -> list[str]:
    """`Oracle(profile).complaints(…)`, with the oracle kept for the next question."""
    return oracle_of(profile).complaints(method, path, status, body, headers)


_oracles: dict[int, Oracle] = {}


def oracle_of(profile: Profile) -> Oracle:
    """The oracle of this profile, made once; it holds the profile, so that its id stays its own."""
    known = _oracles.get(id(profile))
    if known is None or known.profile is not profile:
        if len(_oracles) >= _KEPT:
            _oracles.clear()
        known = _oracles[id(profile)] = Oracle(profile)
    return known


def _header_complaints(response: Mapping[str, Any], headers: Mapping[str, str]) -> list[str]:
    sent = {name.lower(): value for name, value in headers.items()}
    found = []
    for name, header in response.get("headers", {}).items():
        value, schema = sent.get(name.lower()), header.get("schema", {})
        if value is None:
            if header.get("required"):
                found.append(f"The header {name} is missing.")
        elif "const" in schema and value != schema["const"]:
            found.append(f"The header {name} is {value!r}; expected {schema['const']!r}.")
        elif "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"The header {name} is {value!r}; expected {schema['pattern']}.")
    media = sent.get("content-type", "").partition(";")[0].strip().lower()
    if response.get("content") and media and media not in response["content"]:
        found.append(f"The media type is {media}; expected {', '.join(response['content'])}.")
    return found


def _told(error: Any) -> str:
    if error.context:
        branches = sorted(error.context, key=lambda inner: len(list(inner.absolute_path)))
        reasons = dict.fromkeys(_told(inner) for inner in branches)
        return f"{error.json_path} fits none of the shapes it may have: " + " or ".join(reasons)
    return f"{error.json_path}: {error.message}"


def _shown(body: bytes) -> str:
    text = body[:80].decode("utf-8", "replace")
    return repr(text + "…" if len(body) > 80 else text)
