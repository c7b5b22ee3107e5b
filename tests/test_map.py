"""The map in the README, the package docstring and DESIGN's import rules are kept true by reading the imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "fsconsole"

#: Who may import whom within the package; what is not listed for a folder is forbidden to it.
MAY_IMPORT = {
    "values": set(),
    "changes": set(),
    "rules": {"values"},
    "planner": {"values"},
    "store": {"changes", "values", "errors"},
    "sync": {"store", "changes", "values", "errors", "places", "clock", "settings"},
    "inbox": {"values", "errors"},
    "flow": {"rules", "planner", "store", "inbox", "values", "changes", "errors", "desk", "clock", "places"},
    "console": {
        "verbs", "flow", "sync", "store", "rules", "planner", "values", "inbox", "errors", "desk", "clock", "places", "settings", "doctor", "terminal",
        "watch", "changes", "opening",
    },
}  # fmt: skip
STANDARD_ONLY = {"values": set(), "changes": {"msgspec", "nacl"}}


def modules(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Every module a file names in an import, also inside functions; relative ones made absolute."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    here = ("fsconsole", *path.relative_to(PACKAGE).with_suffix("").parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: len(here) - node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            found |= {f"{module}.{alias.name}" for alias in node.names} if module == "fsconsole" else {module}
    return found


@pytest.mark.parametrize("folder", sorted(MAY_IMPORT))
def test_imports_only_go_down(folder: str) -> None:
    for path in modules(folder):
        for name in imports_of(path):
            if name.startswith("fsconsole.") and name != "fsconsole.__version__":
                other = name.split(".")[1]
                assert other in MAY_IMPORT[folder] | {folder}, f"{path.name} in {folder}/ imports {name}"


@pytest.mark.parametrize(("library", "folder"), [("peewee", "store"), ("playhouse", "store"), ("textual", "console"), ("rich", "console")])
def test_only_one_folder_imports_a_library(library: str, folder: str) -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.is_relative_to(PACKAGE / folder):
            continue
        assert not {name for name in imports_of(path) if name.split(".")[0] == library}, f"{path} imports {library}"


@pytest.mark.parametrize("folder", sorted(STANDARD_ONLY))
def test_the_pure_folders_need_no_library(folder: str) -> None:
    import sys

    for path in modules(folder):
        outside = {name.split(".")[0] for name in imports_of(path)} - {"fsconsole"} - set(sys.stdlib_module_names)
        assert outside <= STANDARD_ONLY[folder], f"{path} imports {outside}"


def test_every_folder_stands_in_the_package_map() -> None:
    told = ast.get_docstring(ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))) or ""
    for folder in PACKAGE.iterdir():
        if folder.is_dir() and (folder / "__init__.py").exists():
            assert f"{folder.name}/" in told, folder.name


def test_every_module_opens_with_a_sentence() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_no_file_is_a_room_where_nobody_finds_anything() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 600, path


def test_every_module_of_the_store_may_be_the_first_that_a_process_loads() -> None:
    names = [
        ".".join(("fsconsole", *path.relative_to(PACKAGE).with_suffix("").parts))
        for folder in ("changes", "store")
        for path in modules(folder)
        if path.name != "__init__.py"
    ]
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    for one in [one for one in sys.modules if one.startswith('fsconsole')]: del sys.modules[one]\n"
        "    try: importlib.import_module(name)\n"
        "    except ImportError as error: print(name, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True, check=False, cwd=PACKAGE.parent)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
