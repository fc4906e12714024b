"""Who may import whom, held against every import in the code: app → pages → ui → conv_engine, never back."""

import ast
import sys
from collections.abc import Iterator, Set
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]

LAYERS = ("conv_engine", "ui", "pages", "app")
"""From the lowest to the highest."""

OUTSIDE = ("tests", "benchmarks", "tools")
"""Code about the app, which the app does not know."""

ENGINE_MAY = sys.stdlib_module_names | {"numpy", "scipy", "conv_engine"}

SESSION_FILE = "ui.state"
SESSION_NAMES = {"session_state", "query_params"}

EVIDENCE = "conv_engine.trace"
ALGORITHMS = tuple(
    f"conv_engine.{name}"
    for name in (
        "conv",
        "naive",
        "patches",
        "shifts",
        "banded",
        "separable",
        "fourier",
        "compiled_bytes",
        "compiled_layer",
        "compiled_planes",
        "repeat",
        "choose",
        "layer",
        "transpose",
        "gradients",
    )
)


class Module(NamedTuple):
    """A module's full name and its source."""

    name: str
    source: str
    is_package: bool = False


class Import(NamedTuple):
    """One import: what is imported, and the names that are taken from it."""

    target: str
    names: tuple[str, ...] = ()


def all_modules() -> list[Module]:
    """Read every Python file of the layers."""
    files = [ROOT / "app.py", *(path for layer in LAYERS[:-1] for path in sorted((ROOT / layer).rglob("*.py")))]
    modules = []
    for path in files:
        parts = path.relative_to(ROOT).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        modules.append(Module(name, path.read_text(encoding="utf-8"), is_package))
    return modules


# --- the checker -------------------------------------------------------------------------------------------


def imports_of(module: Module) -> Iterator[Import]:
    """Find every import, wherever it stands: at the top, in a function, behind TYPE_CHECKING or by a call."""
    for node in ast.walk(ast.parse(module.source)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield Import(_absolute(module, node), tuple(alias.name for alias in node.names))
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__"):
            first = node.args[0] if node.args else None
            is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
            yield Import(first.value if is_text else "?")


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    package = package[: len(package) - node.level + module.is_package]
    return ".".join([*package, node.module] if node.module else package)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def imported_roots(module: Module) -> list[str]:
    """Give the first part of each import's name, and of what is taken from the very root."""
    roots = []
    for target, names in imports_of(module):
        roots += [target.split(".")[0]] if target else list(names)
    return roots


def layer_violations(modules: list[Module]) -> list[str]:
    """Find imports that go up, or out to what is not the app."""
    found = []
    for module in modules:
        layer = module.name.split(".")[0]
        above = LAYERS[LAYERS.index(layer) + 1 :]
        found += [
            f"{module.name} imports {root}"
            for root in imported_roots(module)
            if root in above or root in OUTSIDE or root == "?"
        ]
    return found


def engine_violations(modules: list[Module]) -> list[str]:
    """Find what the engine imports beyond the standard library, NumPy, SciPy and itself."""
    return [
        f"{module.name} imports {root}"
        for module in modules
        if module.name.split(".")[0] == "conv_engine"
        for root in imported_roots(module)
        if root not in ENGINE_MAY
    ]


def session_violations(modules: list[Module]) -> list[str]:
    """Find who touches the session or the address besides `ui/state.py`: by attribute, import or text."""
    found = []
    for module in modules:
        if module.name == SESSION_FILE:
            continue
        for node in ast.walk(ast.parse(module.source)):
            if isinstance(node, ast.Attribute | ast.Name):
                mentioned = {_name(node)}
            elif isinstance(node, ast.ImportFrom | ast.Import):
                mentioned = {part for alias in node.names for part in alias.name.split(".")}
                mentioned |= set((getattr(node, "module", None) or "").split("."))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                mentioned = {node.value}  # getattr(st, "session_state"); prose is longer than a name
            else:
                continue
            found += [f"{module.name} touches {name}" for name in sorted(mentioned & SESSION_NAMES)]
    return found


def reachable(start: str, modules: list[Module]) -> set[str]:
    """Follow the imports of a module to all that it needs, directly or through others.

    That importing `a.b` also runs `a/__init__.py` is Python's doing and does not count; taking a name from `a`
    does.
    """
    by_name = {module.name: module for module in modules}
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        current = waiting.pop()
        needed = {name for one in imports_of(by_name[current]) for name in _modules_of(one, by_name.keys())}
        waiting += needed - seen
        seen |= needed
    return seen


def _modules_of(one: Import, known: Set[str]) -> Set[str]:
    inner = {f"{one.target}.{name}" for name in one.names} & known
    only_modules = bool(one.names) and len(inner) == len(set(one.names))
    return inner if only_modules else inner | ({one.target} & known)


def evidence_violations(modules: list[Module]) -> list[str]:
    """Find ways from the trace to an algorithm, or from an algorithm to the trace."""
    known = {module.name for module in modules}
    traced = reachable(EVIDENCE, modules) if EVIDENCE in known else set()
    return [f"{EVIDENCE} needs {one}" for one in ALGORITHMS if one in traced] + [
        f"{one} needs {EVIDENCE}" for one in ALGORITHMS if one in known and EVIDENCE in reachable(one, modules)
    ]


# --- the code ----------------------------------------------------------------------------------------------


def test_every_layer_is_read():
    names = {module.name for module in all_modules()}
    assert {"app", "pages.explore", "ui", SESSION_FILE, "conv_engine", EVIDENCE, *ALGORITHMS} <= names
    assert all(any(imports_of(module)) for module in all_modules() if module.name in ("app", SESSION_FILE))


def test_no_layer_imports_a_higher_one():
    assert layer_violations(all_modules()) == []


def test_the_engine_imports_only_the_standard_library_numpy_scipy_and_itself():
    assert engine_violations(all_modules()) == []


def test_only_the_state_touches_the_session_and_the_address():
    assert session_violations(all_modules()) == []


def test_the_state_does_touch_them():
    renamed = [module._replace(name="ui.other") for module in all_modules() if module.name == SESSION_FILE]
    assert set(session_violations(renamed)) == {f"ui.other touches {name}" for name in SESSION_NAMES}


def test_the_trace_and_the_algorithms_do_not_need_each_other():
    assert evidence_violations(all_modules()) == []


def test_both_the_trace_and_the_algorithms_need_the_plan():
    for one in (EVIDENCE, *ALGORITHMS):
        assert "conv_engine.plan" in reachable(one, all_modules())


# --- the checker catches what is planted -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("ui.x", "import pages.explore", ["ui.x imports pages"]),
        ("ui.x", "import numpy, app", ["ui.x imports app"]),
        ("ui.x", "from pages import explore", ["ui.x imports pages"]),
        ("ui.x", "from .. import app", ["ui.x imports app"]),
        ("ui.x", "def later():\n    import app as a", ["ui.x imports app"]),
        ("ui.x", "if TYPE_CHECKING:\n    from app import chosen", ["ui.x imports app"]),
        ("ui.x", "try:\n    import pages\nexcept ImportError:\n    pass", ["ui.x imports pages"]),
        ("ui.x", "importlib.import_module('pages.explore')", ["ui.x imports pages"]),
        ("ui.x", "__import__('app')", ["ui.x imports app"]),
        ("ui.x", "import_module(name)", ["ui.x imports ?"]),
        ("ui.x", "from tests import helper", ["ui.x imports tests"]),
        ("ui.x", "import pages\nimport app", ["ui.x imports pages", "ui.x imports app"]),
        ("pages.x", "import app", ["pages.x imports app"]),
        ("app", "import benchmarks.stage", ["app imports benchmarks"]),
        ("conv_engine.x", "from ui.layer import Layer", ["conv_engine.x imports ui"]),
        ("conv_engine.x", "import pages", ["conv_engine.x imports pages"]),
        ("app", "from ui import state\nimport pages.explore\nimport conv_engine", []),
        ("pages.x", "from ui import state\nfrom conv_engine import ConvError", []),
        ("ui.x", "from . import state\nfrom .weights import f\nimport conv_engine.plan\nimport streamlit", []),
        ("conv_engine.x", "'''import app'''\n# import ui\nimport conv_engine.plan", []),
    ],
)
def test_an_import_of_a_higher_layer_is_caught(name, source, found):
    assert layer_violations([Module(name, source)]) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import streamlit", ["streamlit"]),
        ("import PIL.Image as image", ["PIL"]),
        ("from plotly.graph_objects import Figure", ["plotly"]),
        ("def f():\n    from pandas import DataFrame", ["pandas"]),
        ("importlib.import_module('PIL')", ["PIL"]),
        ("import_module(word)", ["?"]),
        ("import numpy_financial", ["numpy_financial"]),
        ("from ui import experiment", ["ui"]),
        ("from .. import ui", ["ui"]),
        ("import math, numpy.typing\nfrom scipy import signal\nfrom . import plan\nfrom .axis import A", []),
        ("from __future__ import annotations\nfrom conv_engine.errors import ConvError", []),
    ],
)
def test_a_stranger_in_the_engine_is_caught(source, found):
    assert engine_violations([Module("conv_engine.x", source)]) == [
        f"conv_engine.x imports {one}" for one in found
    ]


def test_a_stranger_elsewhere_is_no_business_of_the_engine():
    assert engine_violations([Module("ui.x", "import streamlit")]) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("st.session_state['a'] = 1", ["session_state"]),
        ("streamlit.session_state.a", ["session_state"]),
        ("from streamlit import session_state", ["session_state"]),
        ("from streamlit import session_state as memory", ["session_state"]),
        ("import streamlit.runtime.state.session_state", ["session_state"]),
        ("from streamlit.runtime.state.session_state import SessionState", ["session_state"]),
        ("getattr(st, 'session_state')", ["session_state"]),
        ("def f():\n    return st.query_params", ["query_params"]),
        ("from streamlit import query_params", ["query_params"]),
        ("st.query_params.update(st.session_state)", ["query_params", "session_state"]),
        ("'''What st.session_state holds.'''\n# st.query_params\nstate.value_of('stage')", []),
    ],
)
def test_a_hand_on_the_session_is_caught(source, found):
    planted = session_violations([Module("ui.x", source), Module("ui.state", source)])
    assert sorted(planted) == [f"ui.x touches {name}" for name in found]


PLAIN_ENGINE = {
    "conv_engine": "from conv_engine.conv import conv2d\nfrom conv_engine.trace import trace2d",
    "conv_engine.plan": "import numpy",
    "conv_engine.arrays": "from conv_engine.plan import Plan2D",
    "conv_engine.trace": "from conv_engine.arrays import check",
    "conv_engine.conv": "from conv_engine import naive\n" + "\n".join(f"import {name}" for name in ALGORITHMS[2:]),
    "conv_engine.naive": "from conv_engine.plan import Plan2D",
    "conv_engine.patches": "from .arrays import check",
    **dict.fromkeys(ALGORITHMS[3:], ""),
}


def planted_engine(changes):
    sources = {**PLAIN_ENGINE, **changes}
    return [Module(name, source, name == "conv_engine") for name, source in sources.items()]


def test_an_engine_whose_trace_stands_alone_is_accepted():
    assert evidence_violations(planted_engine({})) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {"conv_engine.trace": "import conv_engine.naive"},
            ["conv_engine.trace needs conv_engine.naive"],
        ),
        (
            {"conv_engine.trace": "from . import patches"},
            ["conv_engine.trace needs conv_engine.patches"],
        ),
        (
            {"conv_engine.trace": "def f():\n    from conv_engine.conv import conv2d"},
            [f"conv_engine.trace needs {one}" for one in ALGORITHMS],
        ),
        (
            {"conv_engine.trace": "from conv_engine import conv2d"},
            [f"conv_engine.trace needs {one}" for one in ALGORITHMS],
        ),
        (
            {"conv_engine.plan": "from conv_engine.naive import four_loops"},
            ["conv_engine.trace needs conv_engine.naive"],
        ),
        (
            {"conv_engine.naive": "from conv_engine.trace import trace2d"},
            ["conv_engine.conv needs conv_engine.trace", "conv_engine.naive needs conv_engine.trace"],
        ),
        (
            {"conv_engine.conv": "import importlib\nimportlib.import_module('conv_engine.trace')"},
            ["conv_engine.conv needs conv_engine.trace"],
        ),
    ],
    ids=[
        "the trace needs an algorithm",
        "by a relative import",
        "inside a function",
        "through the package",
        "through the plan",
        "an algorithm needs the trace",
        "by a call",
    ],
)
def test_a_way_between_the_trace_and_an_algorithm_is_caught(changes, found):
    assert evidence_violations(planted_engine(changes)) == found
