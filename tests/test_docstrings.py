"""The examples in the docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import conv_engine
import ui

MODULES = [
    package.__name__ + end
    for package in (conv_engine, ui)
    for end in ("", *(f".{module.name}" for module in pkgutil.iter_modules(package.__path__)))
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    failures, _ = doctest.testmod(importlib.import_module(name))
    assert failures == 0


def test_there_are_examples_to_be_true() -> None:
    finder = doctest.DocTestFinder()
    examples = {name: sum(len(t.examples) for t in finder.find(importlib.import_module(name))) for name in MODULES}
    assert examples["conv_engine"] >= 6
    assert examples["ui.weights"] >= 2
