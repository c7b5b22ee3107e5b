"""The catalogue of faults that a shared folder, a machine or a hostile writer can inflict, by number; and which tests prove each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
#: What may happen, and what holds all the same.
FAULTS: dict[int, str] = {
    1: "a file ends anywhere: its whole frames are taken, nothing after them",
    2: "a file arrives in pieces: it is read again until its end is there",
    3: "files arrive in any order, with gaps: a gap holds up one site only, is said, and after a day with what to do",
    4: "files arrive twice, or overlap: nothing is applied twice",
    5: "copies under the names that sync tools give to conflicts: never read as ours, never removed",
    6: "temporary and placeholder names of sync tools: never opened; our own are of a kind they leave alone",
    7: "a rename is refused while another program holds the file: tried again, then queued and tried at each exchange",
    8: "a file system that does not tell upper from lower case: no two of our names differ by case only",
    9: "modification times that lie: they are never read",
    10: "a clock years ahead or behind: no save fails, no other site waits, what is far ahead is held and listed",
    11: "a clock that jumps back or stands still: our stamps rise all the same",
    12: "a store put back from a backup: takes back what it published, goes on in a new series, repeats no number",
    13: "the plug is pulled, or a process killed, between any two steps: never two frames under one number",
    14: "a machine copied with its keys: found and said by every site, what both wrote is kept",
    15: "the folder is away, empty, or another one: nothing is written, made or removed there, no row changes",
    16: "files are deleted by a person or a peer: put back by their author, or by whoever has them",
    17: "two frames signed under one number: every site ends alike, whichever it saw first",
    18: "a flipped bit anywhere: no row changes, it is listed, and a good copy comes",
    19: "someone who may write the folder, or a member beyond its role: nothing of it counts",
    20: "an old file again, or one of another workspace, site or epoch: nothing happens",
    21: "the whole folder set back: published again and joined by nobody who knows better",
    22: "a site that is not heard: amber after a day, red after a week",
    23: "a large backlog: taken lot by lot, in bounded memory, resumed after a kill",
    24: "what a newer version wrote: parked and merged after the upgrade; an unknown kind stops one stream",
    25: "one poisonous change: set aside, and nothing else waits for it",
    26: "a full disk, here or there: nothing confirmed is lost, no half file, a sentence, and on it goes",
    27: "no right to write: others' work still arrives, ours waits and is shown",
    28: "empty files and placeholders: not here yet; none is ever published",
    29: "a mount that tells of nothing: looked through all the same; a store on a network disk is refused",
    30: "many consoles at once: each save in one frame, stamps unique, one publisher, another when it dies",
    31: "a removed site goes on writing: the cut is a position in its log, wherever it arrives first",
    32: "two sites bill one thing: one holds the right; what is billed without it is owed back and listed",
    33: "a photo before or after its record, damaged or gone: the record says so, half of one is never shown",
    34: "a folder of many years: few files a site, one listing a directory",
}


def proofs() -> dict[int, list[str]]:
    """{row: tests as ``file::name``}, from the marks ``fault`` and from names such as ``test_26_…``."""
    found: dict[int, list[str]] = {row: [] for row in FAULTS}
    for folder in ("changes", "store", "sync"):
        for path in sorted((TESTS / folder).glob("test_*.py")):
            for name, rows in _marked(ast.parse(path.read_text(encoding="utf-8"))):
                for row in rows:
                    found[row].append(f"{folder}/{path.name}::{name}")
    return found


def _marked(module: ast.Module) -> Iterator[tuple[str, list[int]]]:
    for one in module.body:
        if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"):
            rows = [
                int(arg.value)
                for mark in one.decorator_list
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "fault"
                for arg in mark.args
                if isinstance(arg, ast.Constant) and isinstance(arg.value, int)
            ]
            number = one.name.split("_")[1]
            if number.isdigit() and len(number) <= 2:
                rows.append(int(number))
            yield one.name, sorted(set(rows))


def table() -> str:
    lines = ["| | what happens, and what holds | proved by |", "|---|---|---|"]
    for row, tests in proofs().items():
        lines.append(f"| {row} | {FAULTS[row]} | {'<br>'.join(f'`{test}`' for test in tests)} |")
    return "\n".join(lines) + "\n"
