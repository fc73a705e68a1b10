"""The HTML page shows the verdict, the failures and everything else, and lets no markup through."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from authspec_contract.results import Outcome, Result
from authspec_reports import html
from tests.reports.sample import (
    HOSTILE,
    full_run,
    hostile_run,
    requirement,
    run_of,
)


class Page(HTMLParser):
    """What a browser would make of a page, as far as the tests ask."""

    VOID = frozenset({"meta", "link", "br", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.references: list[tuple[str, str]] = []
        self.handlers: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], "an element is left open"

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in self.VOID:
            self._open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"href", "src", "action", "srcset"}:
                self.references.append((tag, value or ""))
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


RUNS = {"full": full_run(), "cut short": full_run(complete=False), "hostile": hostile_run()}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_page_is_self_contained_and_without_script(run):
    text = html.render(run)
    parsed = Page(text)
    assert not parsed.tags & {"script", "img", "iframe", "object", "form", "base"}
    assert parsed.handlers == []
    assert all(ref.startswith("#") or ref == "data:," for _, ref in parsed.references)
    assert "url(" not in text
    assert "@import" not in text
    text.encode("utf-8")


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_link_leads_somewhere_and_no_anchor_stands_twice(run):
    parsed = Page(html.render(run))
    assert len(parsed.ids) == len(set(parsed.ids))
    assert {ref[1:] for _, ref in parsed.references if ref.startswith("#")} <= set(parsed.ids)


def test_the_verdict_comes_first_then_what_failed_then_everything():
    text = html.render(full_run())
    places = [
        text.index(f'id="{id_}"')
        for id_ in (
            "verdict",
            "hardening",
            "run",
            "areas",
            "failures",
            "shortcomings",
            "unsettled",
            "leftovers",
            "requirements",
            "coverage",
        )
    ]
    assert places == sorted(places)


def test_a_failure_shows_sentence_sources_message_exchange_and_curl_line():
    words = Page(html.render(full_run())).text
    for expected in (
        "A second registration of one address answers 400.",
        "rests on D-01",
        "was answered 201; expected 400.",
        '"email": "ada@example.com"',
        "curl -X POST http://127.0.0.1:8000/auth/users/ -H 'Content-Type: application/json'",
        "the connection was closed before an answer came",
        "<h1>Server Error (500)</h1>",
    ):
        assert expected in words


def test_failures_stand_worst_first_and_recommendations_after_them():
    text = html.render(full_run())
    places = [
        text.index(f'id="{id_}"')
        for id_ in ("failure-REG-002", "failure-ACT-001", "shortcomings", "failure-PWD-001")
    ]
    assert places == sorted(places)


def test_recommendations_that_the_gate_asks_for_are_failures():
    run = full_run()
    strict = replace(run, header=replace(run.header, level="should"))
    assert 'id="shortcomings"' not in html.render(strict)
    assert 'id="failure-PWD-001"' in html.render(strict)


def test_every_requirement_has_its_anchor():
    run = full_run()
    ids = Page(html.render(run)).ids
    assert {line.id for line in run.header.requirements} <= set(ids)


def test_a_run_that_ended_before_its_time_says_why_in_words():
    text = html.render(run_of((), (), footer_changes={"stopped": "locked-out"}))
    assert "ended before its time: the target locks logins after wrong passwords." in text


def test_a_run_that_was_cut_short_says_so_at_the_top():
    text = html.render(full_run(complete=False))
    assert "This run was cut short: its results file has no last line." in text
    assert text.index("cut short: its results") < text.index('id="areas"')


def test_a_whole_run_does_not_speak_of_being_cut_short():
    assert "cut short" not in Page(html.render(full_run())).text


def test_hostile_text_is_shown_and_not_obeyed():
    text = html.render(hostile_run())
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert r"\x00\x08\x1b[31m \ud800 \udfff \ufffe \u202e" in text


def test_a_huge_body_does_not_make_a_huge_page():
    assert len(html.render(hostile_run())) < 200_000


def test_a_long_sequence_of_calls_is_bounded_and_says_so():
    run = full_run()
    result = Result("REG-001", "test", Outcome.FAIL, "no", tuple([1, 2, 3] * 100))
    text = html.render(run_of([requirement("REG-001")], [result], list(run.exchanges.values())))
    assert "The first 280 stand in the results file." in text
    assert text.count('class="exchange"') == 20


def test_an_area_of_hostile_name_has_an_anchor_of_its_own():
    lines = [
        requirement("A-1", area=HOSTILE),
        requirement("A-2", area="b c"),
        requirement("A-3", area="b-c"),
    ]
    assert Page(html.render(run_of(lines, [])))
    ids = Page(html.render(run_of(lines, []))).ids
    assert len(ids) == len(set(ids))
