"""A widget keeps its state under names that no class above it uses: two that share one undo each other without a word."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil

import pytest

import fsconsole.console

OURS = "fsconsole.console"
#: Set on purpose: the exit status of a crash.
MEANT = {"_return_code"}


def _classes() -> list[type]:
    found = {
        each
        for part in pkgutil.walk_packages(fsconsole.console.__path__, OURS + ".")
        for _, each in inspect.getmembers(importlib.import_module(part.name), inspect.isclass)
        if each.__module__.startswith(OURS)
    }
    return sorted(found, key=lambda each: each.__qualname__)


def _set_on_self(of: type) -> set[str]:
    """The private names that a class's own methods assign on ``self``; none where it has no source."""
    try:
        tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(of)))
    except (OSError, TypeError):
        return set()
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
    }


@pytest.mark.parametrize("of", _classes(), ids=lambda of: of.__qualname__)
def test_no_class_above_keeps_something_else_under_the_same_name(of: type) -> None:
    above = {name for each in of.__mro__[1:-1] for name in _set_on_self(each)}
    assert not (_set_on_self(of) & above) - MEANT
