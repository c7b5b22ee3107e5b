"""No float comes near an amount: read off the source of every package through which money passes.

A float gets in by a literal, by ``float``, by ``round``, by ``math``, or by dividing two whole numbers; each of these is
looked for, and only files about places, times and bytes are let off, by name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "fsconsole"
FOLDERS = ("values", "rules", "flow", "inbox", "store", "outbox")
#: What is about places, times, sizes and likeness, and about no amount.
APART = {
    "values/geo.py": "distances on the ground",
    "rules/trail.py": "distances on the ground",
    "flow/trails.py": "distances on the ground",
    "flow/attachments.py": "sizes of files",
    "flow/imports.py": "how much of a file is read",
    "inbox/dates.py": "a spreadsheet's part of a day",
    "inbox/gathered.py": "positions",
    "inbox/gpx.py": "positions",
    "inbox/nmea.py": "positions",
    "inbox/tiles.py": "map tiles",
    "inbox/kinds.py": "how alike two headings are",
    "inbox/sheets.py": "which delimiter a file has",
    "inbox/terms_called.py": "how alike two words are",
    "store/instants.py": "milliseconds of an instant",
    "store/opening.py": "seconds to wait",
}
#: Calls that give an exact number, besides those that are annotated so.
EXACT_CALLS = {"sum", "max", "min", "abs", "enumerate", "sorted", "list", "zip"}
EXACT = {"Decimal", "Fraction"}


def _files() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((PACKAGE / folder).rglob("*.py"))]


def _trees() -> dict[str, ast.Module]:
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in _files()}


TREES = _trees()


def _exact_annotation(node: ast.expr | None) -> bool:
    return node is not None and any(isinstance(one, ast.Name) and one.id in EXACT for one in ast.walk(node))


def _annotated() -> tuple[set[str], set[str]]:
    """Fields and functions that are annotated as exact numbers, and as whole ones nowhere."""
    names, calls, whole = set(), set(EXACT), set()
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for one in node.body:
                    if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                        (names if _exact_annotation(one.annotation) else whole).add(one.target.id)
            elif isinstance(node, ast.FunctionDef) and _exact_annotation(node.returns):
                calls.add(node.name)
    return names - whole, calls


FIELDS, CALLS = _annotated()


def _is_exact(node: ast.expr, local: set[str]) -> bool:
    if isinstance(node, ast.ListComp):
        return _is_exact(node.elt, local)
    if isinstance(node, ast.Call):
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return called in CALLS or (called in EXACT_CALLS and any(_is_exact(one, local) for one in node.args))
    if isinstance(node, ast.Name):
        return node.id in local
    if isinstance(node, ast.Attribute):
        return node.attr in FIELDS
    if isinstance(node, ast.BinOp):
        return _is_exact(node.left, local) or _is_exact(node.right, local)
    if isinstance(node, ast.UnaryOp):
        return _is_exact(node.operand, local)
    if isinstance(node, ast.IfExp):
        return _is_exact(node.body, local) or _is_exact(node.orelse, local)
    if isinstance(node, ast.GeneratorExp):
        return _is_exact(node.elt, local)
    if isinstance(node, ast.Subscript):
        return _is_exact(node.value, local)
    return False


def _locals(function: ast.AST) -> set[str]:
    """Arguments annotated as exact numbers, and variables that are given one, in a function."""
    found: set[str] = set()
    for _ in range(3):
        for node in ast.walk(function):
            if isinstance(node, ast.arg) and _exact_annotation(node.annotation):
                found.add(node.arg)
            elif isinstance(node, ast.AnnAssign) and _exact_annotation(node.annotation) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            elif isinstance(node, ast.For | ast.comprehension) and _is_exact(node.iter, found):
                found |= {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    pairs = [(target, node.value)]
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                        pairs = list(zip(target.elts, node.value.elts, strict=False))
                    elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Call):
                        pairs = [(one, node.value) for one in target.elts]
                    found |= {one.id for one, value in pairs if isinstance(one, ast.Name) and _is_exact(value, found)}
    return found


def _paths(node: ast.BinOp) -> bool:
    """A path joined to a name: folder / "x", shipped("y") / "z"."""
    text = ast.unparse(node.left).lower()
    return any(word in text for word in ("path", "folder", "shipped"))


def _faults(name: str, tree: ast.Module) -> Iterator[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    inside = {id(node): one for one in functions for node in ast.walk(one)}
    for node in ast.walk(tree):
        where = f"fsconsole/{name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield f"{where}: the number {node.value}; write a Decimal or a Fraction"
        elif isinstance(node, ast.Name) and node.id in ("float", "round", "complex"):
            yield f"{where}: {node.id}; use Decimal, Fraction and rules.prorate.rounded"
        elif isinstance(node, ast.Import | ast.ImportFrom) and "math" in ast.unparse(node).split():
            yield f"{where}: {ast.unparse(node)}"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            parts = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
            if isinstance(node, ast.BinOp) and _paths(node):
                continue
            known = _locals(inside.get(id(node), tree))
            if not any(_is_exact(part, known) for part in parts):
                yield f"{where}: {ast.unparse(node)} divides what may be whole numbers; make one of them a Fraction"


@pytest.mark.parametrize("name", sorted(set(TREES) - set(APART)))
def test_no_float_is_near_an_amount(name: str) -> None:
    assert not list(_faults(name, TREES[name]))


def test_files_that_are_let_off_are_there_and_have_a_reason_to_be() -> None:
    for name, why in APART.items():
        assert name in TREES, f"{name} ({why}) is gone; take it off the list"
        assert list(_faults(name, TREES[name])), f"{name} ({why}) has no float any more; take it off the list"


@pytest.mark.parametrize(
    "text",
    ["share = amount * 0.2", "share = float(amount)", "share = round(amount)", "share = amount / 3", "amount /= 3", "import math"],
)
def test_each_way_in_is_seen(text: str) -> None:
    assert list(_faults("made.py", ast.parse(f"def price(amount: int) -> int:\n    {text}\n")))
