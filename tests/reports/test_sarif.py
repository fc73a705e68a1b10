"""SARIF 2.1.0: alerts at a line of the checked repository, the requirement beside them."""

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from authspec_reports import sarif
from authspec_reports.sarif import Place
from tests.reports.sample import full_run, hostile_run

TEXT = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "id": {"type": "integer", "minimum": -1},
        "message": TEXT,
        "physicalLocation": {
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string"}, "uriBaseId": {"type": "string"}},
                    "additionalProperties": False,
                },
                "region": {
                    "required": ["startLine"],
                    "properties": {"startLine": {"type": "integer", "minimum": 1}},
                },
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SHAPE = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "minItems": 1,
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id", "help", "shortDescription"],
                                            "properties": {
                                                "help": TEXT,
                                                "shortDescription": TEXT,
                                                "fullDescription": TEXT,
                                                "defaultConfiguration": {
                                                    "properties": {"level": LEVEL}
                                                },
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "invocations": {
                        "items": {
                            "required": ["executionSuccessful"],
                            "properties": {
                                "executionSuccessful": {"type": "boolean"},
                                "exitCode": {"type": "integer"},
                                "toolExecutionNotifications": {
                                    "items": {
                                        "required": ["message"],
                                        "properties": {"level": LEVEL, "message": TEXT},
                                        "additionalProperties": False,
                                    }
                                },
                            },
                        }
                    },
                    "results": {
                        "items": {
                            "required": ["message", "ruleId", "ruleIndex", "locations"],
                            "properties": {
                                "message": TEXT,
                                "level": LEVEL,
                                "kind": {"const": "fail"},
                                "locations": {"minItems": 1, "maxItems": 10, "items": LOCATION},
                                "relatedLocations": {"items": LOCATION},
                                "partialFingerprints": {
                                    "additionalProperties": {"type": "string", "minLength": 1}
                                },
                                "suppressions": {
                                    "items": {
                                        "required": ["kind"],
                                        "properties": {"kind": {"enum": ["inSource", "external"]}},
                                    }
                                },
                            },
                        }
                    },
                },
            },
        },
    },
}
"""The part of the 2.1.0 schema that our documents use."""

RUNS = {"full": full_run(), "cut short": full_run(complete=False), "hostile": hostile_run()}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_document_has_the_shape_of_sarif(run):
    log = json.loads(sarif.render(run))
    errors = [error.message for error in Draft202012Validator(SHAPE).iter_errors(log)]
    assert errors == []
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    for result in log["runs"][0]["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def only_run(**options):
    return json.loads(sarif.render(full_run(), **options))["runs"][0]


def test_alerts_are_what_failed_worst_first_and_what_was_waived():
    results = only_run()["results"]
    assert [(r["ruleId"], r["level"], "suppressions" in r) for r in results] == [
        ("REG-002", "error", False),
        ("ACT-002", "error", True),
        ("PWD-001", "warning", False),
    ]


def test_an_alert_stands_at_the_given_line_with_the_requirement_beside_it():
    (first, *_) = only_run(place=Place("authspec.toml", 3))["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "authspec.toml"}, "region": {"startLine": 3}}
    (related,) = first["relatedLocations"]
    assert related["physicalLocation"] == {
        "artifactLocation": {"uri": "requirements/registration.yaml", "uriBaseId": "CONTRACT"},
        "region": {"startLine": 12},
    }


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("deploy/profile.yaml", "deploy/profile.yaml"),
        ("document", "authspec.toml"),
        ("/usr/lib/profiles/document.yaml", "authspec.toml"),
        ("../outside.yaml", "authspec.toml"),
        ("", "authspec.toml"),
    ],
)
def test_without_a_place_alerts_stand_at_a_profile_inside_the_repository(source, uri):
    run = full_run()
    run.header.profile["source"] = source  # type: ignore[index]
    (first, *_) = json.loads(sarif.render(run))["runs"][0]["results"]
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_rule_helps_with_the_requirements_text():
    rule = only_run()["tool"]["driver"]["rules"][0]
    assert rule["help"]["text"].startswith("A second registration of one address answers 400.")
    assert "D-01" in rule["help"]["text"]


def test_our_own_errors_are_notifications_and_not_alerts():
    run = only_run()
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    texts = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert texts == ["ACT-001: KeyError: 'uid'"]
    assert "ACT-001" not in {result["ruleId"] for result in run["results"]}


def test_a_run_that_was_cut_short_was_no_success():
    (invocation,) = json.loads(sarif.render(full_run(complete=False)))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "no last line" in invocation["toolExecutionNotifications"][-1]["message"]["text"]


def test_an_alert_keeps_its_fingerprint_from_run_to_run():
    prints = [r["partialFingerprints"] for r in only_run()["results"]]
    again = [r["partialFingerprints"] for r in only_run(place=Place("other.toml", 9))["results"]]
    assert prints == again
    assert len({str(p) for p in prints}) == len(prints)


def test_times_are_spelt_as_sarif_wants_them():
    run = full_run()
    run = replace(run, header=replace(run.header, started="2026-03-04T05:06:07+00:00"))
    (invocation,) = json.loads(sarif.render(run))["runs"][0]["invocations"]
    assert invocation["startTimeUtc"] == "2026-03-04T05:06:07Z"
    assert invocation["endTimeUtc"] == "2026-03-04T05:07:07Z"
