"""The review lists every statement and finding, on a page that needs nothing else."""

import re
from html.parser import HTMLParser

import pytest

from authspec_contract.catalogue import load_catalogue
from authspec_contract.profile_file import load_profile, shipped_profiles
from authspec_contract.review import as_html, as_markdown, build_review


@pytest.fixture(scope="module")
def review():
    return build_review(load_catalogue(), [load_profile(name) for name in shipped_profiles()])


def test_every_kind_of_finding_is_there(review):
    assert len(review.of_kind("contradiction")) >= 5
    assert len(review.of_kind("silence")) >= 5
    assert len(review.of_kind("risk")) >= 5


def test_every_statement_has_a_row_with_its_element_and_requirement(review):
    for row in review.rows:
        assert row.elements or row.statement.untested
        assert row.requirements or row.statement.untested


def test_every_statement_holds_in_the_profile_document(review):
    assert {row.profiles["document"] for row in review.rows} == {"holds"}


def said(review, statement, profile):
    return next(row for row in review.rows if row.statement.id == statement).profiles[profile]


def test_a_statement_that_a_profile_switches_off_names_the_condition(review):
    assert said(review, "D-37", "djoser") == "off: login_by_email"


def test_a_statement_that_the_printed_settings_contradict_names_the_finding(review):
    assert said(review, "D-08", "hypersaas") == "contradicted: F-01"


def test_both_forms_name_every_statement_and_finding(review):
    catalogue = load_catalogue()
    for text in (as_html(review), as_markdown(review)):
        for id_ in (*catalogue.statements, *catalogue.findings):
            assert id_ in text


def test_the_page_calls_nothing_from_elsewhere_and_its_links_lead_somewhere(review):
    page = as_html(review)
    assert not re.findall(r"(?:src|href)=['\"](?!#)", page)
    targets, links = set(), set()

    class Anchors(HTMLParser):
        def handle_starttag(self, tag, attrs):
            values = dict(attrs)
            if "id" in values:
                targets.add(values["id"])
            if tag == "a":
                links.add(values["href"].removeprefix("#"))

    Anchors().feed(page)
    assert links <= targets


def test_every_row_of_the_table_has_the_same_cells(review):
    rows = [line for line in as_markdown(review).splitlines() if line.startswith("| ")]
    assert len({line.replace("\\|", "").count("|") for line in rows}) == 1
    assert len(rows) == len(review.rows) + 2
