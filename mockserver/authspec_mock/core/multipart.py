"""Reading multipart forms as Django 5.2 does (django/http/multipartparser.py)."""

import base64
import binascii
import re
from html import unescape
from typing import Any

from authspec_mock.core.media import header_parameters

_BOUNDARY = re.compile(r"[ -~]{0,200}[!-~]")
_MOST_FIELDS = 1000 + 2  # Django counts what stands before and after the boundaries as fields
_MOST_FILES, _LONGEST_HEADER = 100, 1024
_DISPOSITION = "content-disposition"


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
    parts = _parts(body, b"--" + boundary)
    for index, (headers, content) in enumerate(parts, start=1):
        parameters = headers.get(_DISPOSITION, ("", {}))[1]
        is_file = bool(parameters.get("filename"))
        field_count += not is_file
        if field_count > _MOST_FIELDS:
            raise TooMuch
        if "name" not in parameters:
            continue
        name = _decoded_name(parameters["name"], encoding)
        if is_file:
            file_count += 1
            if file_count > _MOST_FILES:
                raise TooMuch
            file_name = _file_name(_decoded_name(parameters["filename"], encoding))
            if file_name:
                _check_file(content, headers)
                # a file is complete once a further part begins
                if index < len(parts):
                    files[name] = Upload(file_name)
            continue
        value = _field_value(content, headers)
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
    """Each part's headers and content; what stands before the first boundary counts as one too."""
    *ended, last = body.split(separator)
    return [_part(_without_line_end(piece)) for piece in ended] + ([_part(last)] if last else [])


def _without_line_end(piece: bytes) -> bytes:
    if piece.endswith(b"\n"):
        piece = piece[:-1]
    return piece[:-1] if piece.endswith(b"\r") else piece


def _part(piece: bytes) -> tuple[Headers, bytes]:
    end = piece.find(b"\r\n\r\n", 0, _LONGEST_HEADER)
    if end < 0:
        if len(piece) >= _LONGEST_HEADER:
            raise MultipartError("Request max total header size exceeded.")
        return {}, piece
    return _headers(piece[:end]), piece[end + 4 :]


def _headers(head: bytes) -> Headers:
    headers: Headers = {}
    for line in head.split(b"\r\n"):
        try:
            main, params = header_parameters(line.decode())
            name, value = main.split(":", 1)
            "".join(params.values()).encode()
        except ValueError:
            continue
        headers[name] = (value.strip(), params)
    return headers


def _decoded_name(name: str, encoding: str) -> str:
    return name.strip().encode().decode(encoding, "replace")


def _is_base64(headers: Headers) -> bool:
    return headers.get("content-transfer-encoding", ("",))[0] == "base64"


def _field_value(content: bytes, headers: Headers) -> bytes:
    if not _is_base64(headers):
        return content
    try:
        return base64.b64decode(content)
    except binascii.Error:
        return content


def _check_file(content: bytes, headers: Headers) -> None:
    if not _is_base64(headers):
        return
    packed = b"".join(content.split())
    try:
        if len(packed) % 4:
            raise binascii.Error("truncated")
        base64.b64decode(packed)
    except binascii.Error as error:
        raise MultipartError("Could not decode base64 data.") from error


def _file_name(name: str) -> str:
    name = unescape(name).rsplit("/")[-1].rsplit("\\")[-1]
    name = "".join(char for char in name if char.isprintable())
    return "" if name in {".", ".."} else name
