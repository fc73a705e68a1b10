"""Headless Chromium shows the page: the verdict, the requirements by area, a failure's exchange and curl."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from authspec_reports import compare_html, html
from authspec_reports.compare import compare
from tests.reports.sample import full_run, hostile_run
from tests.reports.test_html import Page

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> str:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is not None:
        return path
    missing = "Chromium is not installed: apt-get install chromium fonts-dejavu-core"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


def browse(chromium: str, tmp_path: Path, text: str, *flags: str) -> str:
    """What Chromium prints of a page that it opens from a file."""
    page = tmp_path / "page.html"
    page.write_text(text, encoding="utf-8")
    command = [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'data'}", *flags, page.as_uri()]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=True, stdin=subprocess.DEVNULL
    )
    return done.stdout


def test_it_shows_the_verdict_the_areas_and_a_failure_with_its_curl_line(chromium, tmp_path):
    page = Page(browse(chromium, tmp_path, html.render(full_run()), "--dump-dom"))
    assert page.text.index("The contract is broken") < page.text.index("By area")
    assert {"area-registration", "area-activation", "failure-REG-002", "REG-003"} <= set(page.ids)
    for expected in ("was answered 201; expected 400.", '"id": 7', "curl -X POST http://127.0.0.1"):
        assert expected in page.text


def test_hostile_text_makes_no_element(chromium, tmp_path):
    page = Page(browse(chromium, tmp_path, html.render(hostile_run()), "--dump-dom"))
    assert not page.tags & {"script", "img", "iframe"}
    assert page.handlers == []
    assert "<script>alert(1)</script>" in page.text


def test_the_comparison_is_shown(chromium, tmp_path):
    text = compare_html.render(compare([full_run(), hostile_run()], ["one", "two"]))
    page = Page(browse(chromium, tmp_path, text, "--dump-dom"))
    assert "1 regression against one" in page.text
    assert {"matrix", "REG-001"} <= set(page.ids)


@pytest.mark.parametrize("size", ["1100,1400", "400,800"])
def test_it_paints(chromium, tmp_path, size):
    picture = tmp_path / "page.png"
    text = html.render(full_run())
    browse(chromium, tmp_path, text, f"--window-size={size}", f"--screenshot={picture}")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 10_000


def test_it_prints(chromium, tmp_path):
    paper = tmp_path / "page.pdf"
    browse(chromium, tmp_path, html.render(full_run()), f"--print-to-pdf={paper}")
    assert paper.read_bytes().startswith(b"%PDF")
