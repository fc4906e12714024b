import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import conv_engine


@pytest.mark.parametrize("stranger", ["streamlit", "plotly", "PIL", "scipy", "matplotlib"])
def test_importing_the_engine_leaves_screens_and_scipy_alone(stranger):
    code = f"import sys, conv_engine; print({stranger!r} in sys.modules)"
    root = Path(conv_engine.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_importing_the_engine_starts_nothing():
    code = """
import sys, threading, conv_engine
from conv_engine import compiled, threads
print(threading.active_count(), compiled._started, threads._pool, "subprocess" in sys.modules)
"""
    root = Path(conv_engine.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "None", "None", "False"]


def test_all_public_names_exist_and_functions_and_classes_have_a_docstring():
    assert list(conv_engine.__all__) == sorted(conv_engine.__all__, key=lambda name: (not name.isupper(), name))
    for name in conv_engine.__all__:
        public = getattr(conv_engine, name)
        assert public.__doc__ or not callable(public), name


def test_the_package_itself_has_an_example():
    finder = doctest.DocTestFinder(recurse=False)
    assert [len(test.examples) for test in finder.find(conv_engine)] == [6]
