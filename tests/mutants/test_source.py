"""The mutants that are made by machine: each of another name, and a module that differs in one place."""

import ast

import pytest
import yaml

from ..deployment.environment import unavailable
from .runs import KNOWN, machine_made
from .source import MODULES, source_mutants

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(unavailable()), reason=str(unavailable())),
]


def test_every_mutant_has_a_name_of_its_own() -> None:
    names = [mutant.name for module in MODULES for mutant in source_mutants(module)]
    assert len(names) == len(set(names)) > 500


def test_a_mutant_is_a_module_that_differs() -> None:
    made = source_mutants("djoser.utils")
    sources = {mutant.source() for mutant in made}
    assert len(sources) == len(made)
    for source in sources:
        ast.parse(source)


def test_what_is_known_of_a_mutant_names_one_that_there_is() -> None:
    known = yaml.safe_load(KNOWN.read_text(encoding="utf-8"))
    made = [mutant for module in MODULES for mutant in source_mutants(module)]
    names, symbols = {m.name for m in made}, {m.symbol for m in made}
    assert set(known["equivalent"]) <= names
    assert set(known["profiles"]) <= names | symbols
    assert not set(known["equivalent"]) & {m.name for m in machine_made()}
