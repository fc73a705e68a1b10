"""Which form an answer takes: DRF's content negotiation (rest_framework/negotiation.py 3.18)."""

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from authspec_mock.core.media import MediaType, read_media_type
from authspec_mock.core.part import Part
from authspec_mock.core.rejections import NotAcceptable, NotFound, bad_request_page

if TYPE_CHECKING:
    from authspec_mock.core.world import World

_LONGEST_HEADER, _MOST_TOKENS, _LONGEST_TYPE, _MOST_PARAMETERS = 8192, 64, 256, 1000
_CACHED = 256


class Rendering(NamedTuple):
    """A renderer and how it was asked for."""

    name: str
    indent: int | None = None


JSON = Rendering("json")
_MEDIA_TYPES = {
    "json": read_media_type("application/json"),
    "browsable": read_media_type("text/html"),
}
_FORMATS = {"json": "json", "api": "browsable"}


class Negotiation(Part):
    """Chooses the renderer of a call."""

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        self._known: dict[tuple[str, str | None], Rendering] = {}

    def choose(self, accept: str, format: str | None) -> Rendering:
        """The rendering that `Accept` and a format suffix or `?format=` ask for.

        Raises NotAcceptable, and NotFound for a format that no renderer has.
        """
        key = (accept, format)
        found = self._known.get(key)
        if found is None:
            found = self._chosen(accept, format)
            if len(self._known) < _CACHED:
                self._known[key] = found
        return found

    def _chosen(self, accept: str, format: str | None) -> Rendering:
        names = self.world.profile.renderers
        if format:
            names = tuple(name for name in names if _FORMATS.get(format) == name)
            if not names:
                raise NotFound
        tokens = _tokens(accept, bounded=self.world.era.bounded_headers)
        accepted = [read_media_type(token) for token in tokens]
        for precedence in (3, 2, 1, 0):
            wanted = [media for media in accepted if media.precedence == precedence]
            for name in names:
                for media in wanted:
                    if _MEDIA_TYPES[name].matches(media):
                        return Rendering(name, _indent(name, media))
        raise NotAcceptable

    def fallback(self) -> Rendering:
        """What a refusal is rendered by when negotiation itself failed."""
        return Rendering(self.world.profile.renderers[0])


def _indent(name: str, media: MediaType) -> int | None:
    """`Accept: application/json; indent=4` (rest_framework/renderers.py JSONRenderer.get_indent)."""
    value = dict(media.params).get("indent")
    if name != "json" or value is None:
        return None
    try:
        return max(min(int(value), 8), 0) or None
    except ValueError:
        return None


def _tokens(header: str, *, bounded: bool) -> list[str]:
    if not bounded:
        return [token.strip() for token in header.split(",")]
    if len(header) > _LONGEST_HEADER:
        header = header[: header.rfind(",", 0, _LONGEST_HEADER) + 1]
    tokens = [token.strip() for token in header.split(",")]
    return [token for token in tokens if token and len(token) <= _LONGEST_TYPE][:_MOST_TOKENS]


def query_value(query: str, name: str) -> str | None:
    """The last value of a query parameter. Raises Page where Django finds too many of them."""
    if not query:
        return None
    if name not in query and "%" not in query and query.count("&") < _MOST_PARAMETERS:
        return None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise bad_request_page() from error
    return dict(pairs).get(name)
