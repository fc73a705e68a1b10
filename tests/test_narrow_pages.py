"""On a phone's screen the written pages do not scroll sideways, with everything unfolded."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from authspec_conformance.cli import main
from authspec_reports import compare_html, html
from authspec_reports.compare import compare
from tests.mockserver.browser import Browser, browser, chromium
from tests.reports.sample import full_run

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="needs Chromium"),
]

UNFOLDED = """
document.readyState === 'complete' && location.protocol === 'file:' &&
(document.querySelectorAll('details').forEach(details => { details.open = true }), innerWidth)
"""
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as page:
        yield page


def beyond(phone: Browser, page: Path) -> int:
    """By how many pixels the page is wider than a screen of 380."""
    phone.open(page.as_uri())
    phone.narrow(380)
    phone.until(UNFOLDED)
    pixels: int = phone.run(BEYOND)
    return pixels


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (["review", "-o", "{}"], "review.html"),
        (["spec", "html", "-o", "{}/contract.html"], "contract.html"),
    ],
)
def test_a_page_of_the_contract_fits(
    phone: Browser, tmp_path: Path, command: Sequence[str], written: str
) -> None:
    assert main([word.format(tmp_path) for word in command]) == 0
    assert beyond(phone, tmp_path / written) <= 0


def test_a_report_with_long_sources_and_a_comparison_fit(phone: Browser, tmp_path: Path) -> None:
    run = full_run()
    sources = ("django/contrib/auth/password_validation.py:UserAttributeSimilarityValidator",)
    lines = tuple(replace(line, sources=sources) for line in run.header.requirements)
    run = replace(run, header=replace(run.header, requirements=lines))
    for name, text in (
        ("report.html", html.render(run)),
        ("compare.html", compare_html.render(compare([run, run], ["one", "two"]))),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert beyond(phone, tmp_path / name) <= 0
