"""An SVG badge of a run: what the contract came to, and the hardening score."""

from authspec_contract.results import Run
from authspec_reports.markup import Markup, element
from authspec_reports.summary import Contract, summarize

_WORDS = {
    Contract.HOLDS: ("contract holds", "#18794e"),
    Contract.PARTLY: ("holds as selected", "#18794e"),
    Contract.OPEN: ("holds as far as tried", "#a35a00"),
    Contract.BROKEN: ("contract broken", "#c22a2f"),
    Contract.ERROR: ("error of the suite", "#8e3fb5"),
    Contract.CUT_SHORT: ("cut short", "#a35a00"),
    Contract.UNKNOWN: ("nothing tested", "#5b6470"),
}
_NARROW = frozenset("fijlrt1 .:,'|")


def render(run: Run) -> str:
    """The picture."""
    summary = summarize(run)
    words, colour = _WORDS[summary.contract]
    passed, decided = summary.hardening
    if decided:
        words += f", hardening {passed}/{decided}"
    return _picture("authspec", words, colour)


def _picture(label: str, words: str, colour: str) -> str:
    left, right = _width(label), _width(words)
    title = f"{label}: {words}"
    corner = element("rect", width=left + right, height=20, rx=3, fill="#fff")
    svg = element(
        "svg",
        element("title", title),
        element("clipPath", corner, id="r"),
        element(
            "g",
            element("rect", width=left, height=20, fill="#3c434b"),
            element("rect", x=left, width=right, height=20, fill=colour),
            clip_path="url(#r)",
        ),
        element(
            "g",
            _label(label, left / 2, left - 12),
            _label(words, left + right / 2, right - 12),
            fill="#fff",
            text_anchor="middle",
            font_family="Verdana,DejaVu Sans,sans-serif",
            font_size=11,
        ),
        xmlns="http://www.w3.org/2000/svg",
        width=left + right,
        height=20,
        role="img",
        aria_label=title,
    )
    return f"{svg}\n"


def _label(text: str, middle: float, length: int) -> Markup:
    return element("text", text, x=f"{middle:g}", y=14, textLength=length)


def _width(text: str) -> int:
    """About as wide as Verdana at 11 px sets it, with its margins; `textLength` does the rest."""
    return 12 + sum(4 if character in _NARROW else 7 for character in text)
