"""JUnit XML has the shape that CI servers read, and its counts are the results file's."""

from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from authspec_contract.verdict import totals, verdicts
from authspec_reports import junit
from tests.reports.sample import full_run, hostile_run

RUNS = {"full": full_run(), "cut short": full_run(complete=False), "hostile": hostile_run()}

COUNTS = {"name", "tests", "failures", "errors", "skipped", "time"}
SHAPE: dict[str, tuple[set[str], set[str], list[str]]] = {
    # element: required attributes, optional ones, children in their order
    "testsuites": (COUNTS, set(), ["testsuite"]),
    "testsuite": (COUNTS, {"timestamp", "hostname", "id", "package"}, ["properties", "testcase"]),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": ({"name", "classname", "time"}, {"file", "line"}, ["skipped", "error", "failure"]),
    "skipped": ({"message"}, set(), []),
    "error": ({"message", "type"}, set(), []),
    "failure": ({"message", "type"}, set(), []),
}
"""What the JUnit readers of Jenkins, GitLab and GitHub's actions have in common."""


def check_shape(element: ET.Element) -> None:
    required, optional, children = SHAPE[element.tag]
    assert required <= set(element.attrib) <= required | optional
    places = [children.index(child.tag) for child in element]
    assert places == sorted(places)
    for child in element:
        check_shape(child)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_document_has_the_common_shape(run):
    root = ET.fromstring(junit.render(run).encode("utf-8"))
    assert root.tag == "testsuites"
    check_shape(root)
    for case in root.iter("testcase"):
        assert len(case) <= 1


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_counts_are_those_of_the_results_file(run):
    root = ET.fromstring(junit.render(run))
    counted = totals(verdicts(run))
    assert int(root.get("tests", "")) == len(run.header.requirements)
    assert int(root.get("failures", "")) == counted["fail"]
    assert int(root.get("errors", "")) == counted["error"]
    decided = counted["fail"] + counted["error"] + counted["pass"]
    assert int(root.get("skipped", "")) == len(run.header.requirements) - decided
    if run.footer is not None:
        assert counted == run.footer.totals


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_each_count_is_the_number_of_what_it_counts(run):
    root = ET.fromstring(junit.render(run))
    for element in (root, *root.iter("testsuite")):
        cases = list(element.iter("testcase"))
        kinds = Counter(child.tag for case in cases for child in case)
        assert element.get("tests") == str(len(cases))
        assert element.get("failures") == str(kinds["failure"])
        assert element.get("errors") == str(kinds["error"])
        assert element.get("skipped") == str(kinds["skipped"])


def test_what_was_not_decided_is_skipped_with_its_outcome_as_the_message():
    root = ET.fromstring(junit.render(full_run()))
    messages = {skipped.get("message", "").split(":")[0] for skipped in root.iter("skipped")}
    assert messages == {"inconclusive", "waived", "not-applicable", "not-run", "untested"}


def test_a_failure_holds_its_message_its_sources_and_the_curl_line():
    root = ET.fromstring(junit.render(full_run()))
    failure = next(root.iter("failure"))
    assert "answered 201; expected 400" in failure.get("message", "")
    assert "rests on D-01" in (failure.text or "")
    assert "curl -X POST http://127.0.0.1:8000/auth/users/" in (failure.text or "")


def test_areas_are_suites():
    root = ET.fromstring(junit.render(full_run()))
    assert [s.get("name") for s in root.iter("testsuite")] == [
        "registration",
        "activation",
        "set password",
    ]


def test_a_run_that_was_cut_short_carries_a_property_that_says_so():
    root = ET.fromstring(junit.render(full_run(complete=False)))
    values = {p.get("name"): p.get("value", "") for p in root.iter("property")}
    assert "no last line" in values["cut-short"]
