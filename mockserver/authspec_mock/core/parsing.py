"""Reading a request's body: JSON, form, multipart (rest_framework/parsers.py and request.py 3.18)."""

import codecs
import io
import json
from typing import Any
from urllib.parse import parse_qsl

from authspec_mock.core.media import header_parameters, read_media_type
from authspec_mock.core.multipart import FormData, MultipartError, TooMuch, read_multipart
from authspec_mock.core.part import Part
from authspec_mock.core.rejections import UnsupportedMedia, bad_request_page, malformed
from authspec_mock.core.wire import Request

_LONGEST_TYPE = 256
_MOST_FIELDS = 1000  # Django's DATA_UPLOAD_MAX_NUMBER_FIELDS
_MEDIA_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
}


def _refuse_constant(name: str) -> Any:
    # rest_framework/utils/json.py strict_constant
    raise ValueError(f"Out of range float values are not JSON compliant: {name!r}")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


class Parsing(Part):
    """Reads bodies by the profile's parsers."""

    def read(self, request: Request) -> Any:
        """The parsed body: any JSON value, or a form. Raises Rejection."""
        content_type = request.headers.get("content-type", "")
        if not request.body:
            return FormData() if _is_form(content_type) else {}
        parser = self._parser(content_type)
        if parser is None:
            raise UnsupportedMedia(content_type)
        if parser != "multipart" and len(request.body) > self._most_bytes:
            raise bad_request_page()
        encoding = self._encoding(content_type)
        if parser == "json":
            return read_json(request.body, encoding)
        if parser == "form":
            return self.read_form(request.body, encoding)
        try:
            return read_multipart(request.body, content_type, encoding, self._most_bytes)
        except MultipartError as error:
            raise malformed(f"Multipart form parse error - {error}") from error
        except TooMuch as error:
            raise bad_request_page() from error

    def read_form(self, body: bytes, encoding: str) -> FormData:
        """django/http/request.py QueryDict: bytes that are not of the charset are read as Latin-1."""
        try:
            text = body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            text = body.decode("iso-8859-1")
        try:
            pairs = parse_qsl(
                text, keep_blank_values=True, encoding=encoding, max_num_fields=_MOST_FIELDS
            )
        except ValueError as error:
            raise bad_request_page() from error
        return FormData(pairs)

    @property
    def _most_bytes(self) -> int:
        return self.world.profile.django.DATA_UPLOAD_MAX_MEMORY_SIZE

    def _encoding(self, content_type: str) -> str:
        """The charset of the body (django/http/request.py _set_content_type_params)."""
        if ";" not in content_type:
            return "utf-8"
        charset = dict(read_media_type(content_type).params).get("charset", "utf-8")
        try:
            codecs.lookup(charset)
        except (LookupError, ValueError):
            return "utf-8"
        try:
            "".encode(charset)
        except (LookupError, UnicodeError) as error:
            if not self.world.era.bounded_headers:
                return charset
            # rest_framework/parsers.py get_encoding
            message = f'Unsupported charset "{charset}" in request Content-Type header.'
            raise malformed(message) from error
        return charset

    def _parser(self, content_type: str) -> str | None:
        if content_type == "application/json" and "json" in self.world.profile.parsers:
            return "json"
        if len(content_type) > _LONGEST_TYPE:
            return None
        given = read_media_type(content_type)
        for parser in self.world.profile.parsers:
            if read_media_type(_MEDIA_TYPES[parser]).matches(given):
                return parser
        return None


def read_json(body: bytes, encoding: str) -> Any:
    """A JSON value. Raises Invalid with DRF's sentence around Python's own."""
    try:
        try:
            text = body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            # DRF reads through a StreamReader, which passes over a character cut off at the end
            text = codecs.getreader(encoding)(io.BytesIO(body)).read()
        if text[:1] == "\ufeff" or isinstance(text, bytes):
            return json.loads(text)  # raises Python's sentence about a byte order mark
        return _decoder.decode(text)
    except ValueError as error:
        raise malformed(f"JSON parse error - {error}") from error
    except RecursionError as error:
        # The real one fails with 500 here
        raise malformed("JSON parse error - the value is nested too deeply") from error


def _is_form(content_type: str) -> bool:
    if len(content_type) > _LONGEST_TYPE:
        return False
    try:
        media_type, _ = header_parameters(content_type)
    except ValueError:
        return False
    return media_type in (_MEDIA_TYPES["form"], _MEDIA_TYPES["multipart"])
