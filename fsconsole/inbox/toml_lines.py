"""Which line of a TOML file says what: for errors that name the line, which the standard reader does not keep.

It stands apart because it reads places only; what the values are, tomllib has read already.
"""

from __future__ import annotations

import re

Place = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=""")


def lines_of(text: str) -> dict[Place, int]:
    """The line (from 1) of each table and key: ``("term", 0, "amount") -> 7``, ``("contract",) -> 1``.

    What stands within an inline table or an array is at the line of its key, or of the entry that begins the line.
    """
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    depth, quoted = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if not depth and not quoted:
            if header := _HEADER.match(line):
                table = _table(_parts(header[2]), header[1] == "[[", counts)
                found.setdefault(table, number)
                continue
            if key := _KEY.match(line):
                place = (*table, *_parts(key[1]))
                found.setdefault(place, number)
                line = line[key.end() :]
        depth, quoted = _open(line, depth, quoted)
    return found


def line_at(lines: dict[Place, int], place: Place) -> int:
    """The line of a place, or of the nearest thing around it."""
    for size in range(len(place), 0, -1):
        if place[:size] in lines:
            return lines[place[:size]]
    return 1


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", key))


def _table(parts: tuple[str, ...], array: bool, counts: dict[Place, int]) -> Place:
    """The place of a header; tables within an array belong to its last entry."""
    place: Place = ()
    for index, part in enumerate(parts):
        place = (*place, part)
        last = index == len(parts) - 1
        if array and last:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _open(line: str, depth: int, quoted: str) -> tuple[int, str]:
    """How many brackets, and which long quote, are still open after a line."""
    at = 0
    while at < len(line):
        if quoted:
            end = line.find(quoted, at)
            if end < 0:
                return depth, quoted
            at, quoted = end + len(quoted), ""
            continue
        if line[at] == "#":
            break
        if line[at] in "\"'":
            mark = line[at]
            if line.startswith(mark * 3, at):
                at, quoted = at + 3, mark * 3
                continue
            at += 1
            while at < len(line) and line[at] != mark:
                at += 2 if mark == '"' and line[at] == "\\" else 1
        elif line[at] in "[{":
            depth += 1
        elif line[at] in "]}":
            depth = max(0, depth - 1)
        at += 1
    return depth, quoted
