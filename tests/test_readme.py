"""What the README says of verbs, keys and the tree is what the program has. UPDATE_README=1 writes it anew."""

from __future__ import annotations

import argparse
import ast
import os
import re
from pathlib import Path

from fsconsole.cli import make_parser
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


def commands() -> str:
    """The table of commands, as the README shows it."""
    lines = ["| command | does |", "|---|---|", "| `fsconsole` | Opens the console; the first time it asks what `init` would. |"]
    made = next(action for action in make_parser()._actions if isinstance(action, argparse._SubParsersAction))
    for name, parser in made.choices.items():
        words = [name]
        for action in parser._actions:
            shown = str(action.metavar or "" if action.nargs == 0 else action.metavar or action.dest.upper())
            if action.option_strings and action.dest not in ("help", "home", "user", "json"):
                option = f"{action.option_strings[0]} {shown}".strip()
                words.append(option if action.required else f"[{option}]")
            elif not action.option_strings:
                words.append(shown + ("…" if action.nargs == "+" and "…" not in shown else ""))
        lines.append(f"| `{' '.join(words)}` | {parser.description} |")
    return "\n".join(lines)


def tree() -> str:
    """The map of the package's docstring, as the README shows it."""
    told = ast.get_docstring(ast.parse((ROOT / "fsconsole/__init__.py").read_text(encoding="utf-8"))) or ""
    return "```\n" + told.split("\n\n", 2)[2] + "\n```"


def between(text: str, mark: str, wanted: str) -> str:
    return re.sub(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", lambda found: found[1] + wanted + "\n" + found[2], text, flags=re.S)


def test_the_readme_lists_the_commands_the_verbs_and_the_tree_as_they_are() -> None:
    told = README.read_text(encoding="utf-8")
    wanted = told
    for mark, text in (("commands", commands()), ("verbs", verbs()), ("map", tree())):
        wanted = between(wanted, mark, text)
    if os.environ.get("UPDATE_README"):
        README.write_text(wanted, encoding="utf-8")
    assert told == wanted or os.environ.get("UPDATE_README"), "run: UPDATE_README=1 python -m pytest tests/test_readme.py"


def test_the_help_of_list_names_the_fields_that_list_gives(tmp_path: Path) -> None:
    from fsconsole.flow.telling import LISTS
    from fsconsole.printing import LIST_FIELDS
    from fsconsole.store.opening import open_store

    store = open_store(tmp_path / "site.db")
    assert set(LISTS) == set(LIST_FIELDS)
    for kind, (query, _, _) in LISTS.items():
        given = store.raw.execute(query, {"now": 0, "day": "2026-01-01", "money": "GBP", "worths": "[]"}).description
        assert " ".join(column[0] for column in given) == LIST_FIELDS[kind], kind
