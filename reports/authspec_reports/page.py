"""The frame of an HTML page: one file, its style inside, no script, nothing fetched."""

from functools import lru_cache
from importlib.resources import files

from authspec_reports.markup import Child, Markup, element

# whatever got past the escaping could still neither run nor fetch anything
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(title: str, *body: Child) -> str:
    """A whole page."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        element("style", _style()),
    )
    return f"<!doctype html>\n{element('html', head, element('body', *body), lang='en')}\n"


@lru_cache(maxsize=1)
def _style() -> Markup:
    return Markup((files("authspec_reports") / "page.css").read_text(encoding="utf-8"))
