"""Reading multipart forms as Django 5.2 does (django/http/multipartparser.py)."""

import base64
import binascii
import re
from html import unescape
from typing import Any

from authspec_mock.core.media import header_parameters

_BOUNDARY = re.compile(r"[ -~]{0,200}[!-~]")
_MOST_FIELDS, _MOST_FILES, _LONGEST_HEADER = 1000, 100, 1024


class FormData(dict[str, Any]):
    """A form's last values by name; fields treat blanks in it as missing, as DRF does."""


class Upload:
    """A file in a form; no field of the API takes one."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


class MultipartError(Exception):
    """The body is no multipart form; the text is Django's."""


class TooMuch(Exception):
    """More fields, files or bytes than Django takes."""


def read_multipart(body: bytes, content_type: str, encoding: str, most: int) -> FormData:
    """The fields and files of a form. Raises MultipartError and TooMuch."""
    boundary = _boundary(content_type)
    fields: dict[str, Any] = {}
    files: dict[str, Any] = {}
    size = field_count = file_count = 0
    for headers, content in _parts(body, b"--" + boundary):
        disposition = headers.get("content-disposition")
        if disposition is None:
            continue
        is_file = "filename" in disposition[1]
        field_count += not is_file
        file_count += is_file
        if field_count > _MOST_FIELDS or file_count > _MOST_FILES:
            raise TooMuch
        if "name" not in disposition[1]:
            continue
        name = disposition[1]["name"].strip()
        if is_file:
            file_name = _file_name(disposition[1]["filename"])
            if file_name:
                files[name] = Upload(file_name)
            continue
        value = _decoded(content, headers)
        size += len(value) + len(name) + 2
        if size > most:
            raise TooMuch
        fields[name] = value.decode(encoding, "replace")
    return FormData({**fields, **files})


def _boundary(content_type: str) -> bytes:
    if not content_type.startswith("multipart/"):
        raise MultipartError(f"Invalid Content-Type: {content_type}")
    if not content_type.isascii():
        raise MultipartError(f"Invalid non-ASCII Content-Type in multipart: {content_type}")
    boundary = header_parameters(content_type)[1].get("boundary")
    if not boundary or not _BOUNDARY.fullmatch(boundary):
        raise MultipartError(f"Invalid boundary in multipart: {boundary}")
    return boundary.encode("ascii")


Headers = dict[str, tuple[str, dict[str, str]]]


def _parts(body: bytes, separator: bytes) -> list[tuple[Headers, bytes]]:
    found = []
    for piece in body.split(separator)[1:]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        if not blank:
            continue
        if content.endswith(b"\n"):
            content = content[:-1]
        if content.endswith(b"\r"):
            content = content[:-1]
        found.append((_headers(head), content))
    return found


def _headers(head: bytes) -> Headers:
    headers: Headers = {}
    for line in head.split(b"\r\n"):
        try:
            main, params = header_parameters(line.decode())
            name, value = main.split(":", 1)
        except ValueError:
            continue
        headers[name] = (value.strip(), params)
    return headers


def _decoded(content: bytes, headers: Headers) -> bytes:
    if headers.get("content-transfer-encoding", ("",))[0].strip() != "base64":
        return content
    try:
        return base64.b64decode(content)
    except binascii.Error:
        return content


def _file_name(name: str) -> str:
    name = unescape(name).rsplit("/")[-1].rsplit("\\")[-1]
    name = "".join(char for char in name if char.isprintable())
    return "" if name in {".", ".."} else name
