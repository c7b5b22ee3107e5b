"""What the README says of verbs, keys and the tree is what the program has. UPDATE_README=1 writes it anew."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

from fsconsole.verbs import VERBS

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"


def verbs() -> str:
    """The table of verbs, as the README shows it."""
    lines = ["| type | key | does | for example |", "|---|---|---|---|"]
    for verb in VERBS:
        usage = verb.usage.replace("|", "\\|")
        key = f"`{verb.key}`" if verb.key else ""
        lines.append(f"| `{usage}` | {key} | {verb.help} | `{verb.example}` |")
    return "\n".join(lines)


def tree() -> str:
    """The map of the package's docstring, as the README shows it."""
    told = ast.get_docstring(ast.parse((ROOT / "fsconsole/__init__.py").read_text(encoding="utf-8"))) or ""
    return "```\n" + told.split("\n\n", 2)[2] + "\n```"


def between(text: str, mark: str, wanted: str) -> str:
    return re.sub(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", lambda found: found[1] + wanted + "\n" + found[2], text, flags=re.S)


def test_the_readme_lists_the_verbs_and_the_tree_as_they_are() -> None:
    told = README.read_text(encoding="utf-8")
    wanted = between(between(told, "verbs", verbs()), "map", tree())
    if os.environ.get("UPDATE_README"):
        README.write_text(wanted, encoding="utf-8")
    assert told == wanted or os.environ.get("UPDATE_README"), "run: UPDATE_README=1 python -m pytest tests/test_readme.py"


def test_the_readme_names_every_command() -> None:
    from fsconsole.cli import make_parser

    told = README.read_text(encoding="utf-8")
    commands = next(action for action in make_parser()._actions if action.dest == "==SUPPRESS==" or hasattr(action, "choices") and action.choices)
    assert isinstance(commands.choices, dict)
    for name in commands.choices:
        assert re.search(rf"\b{name}\b", told), name
