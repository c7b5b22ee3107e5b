"""Policies from a TOML file: ``name = value``, and under a day's table what holds from that day on.

    sign_off_required = true
    approve_above = 1000.00                  # money in the company's currency
    least = { order_missing = 50.00 }
    ["2026-04-01"]
    tax_rate = "21%"

It stands apart because everything else comes as a table of rows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from fsconsole.inbox.kinds import Record
from fsconsole.inbox.toml_lines import line_at, lines_of
from fsconsole.values.work import Reject


def read_toml(path: Path) -> Iterator[Record | Reject]:
    """Records of (name, start, value), or one reject when the file is not TOML."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        # Money keeps its decimals as they are written: 50.10 is no float.
        told = tomllib.loads(text, parse_float=str)
    except OSError as error:
        yield Reject(path.name, 0, "", "", f"the file cannot be read: {error.strerror or error}")
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        yield Reject(path.name, 1, "", "", f"this is not TOML: {error}")
        return
    lines = lines_of(text)
    for name, value in told.items():
        start, line = _day(name), line_at(lines, (name,))
        if start is None:
            yield Record(line, {"name": name, "value": _plain(value)})
        elif isinstance(value, dict):
            for inner, each in value.items():
                yield Record(line_at(lines, (name, inner)), {"name": inner, "start": start, "value": _plain(each)})
        else:
            yield Reject(path.name, line, name, str(value), 'a day is a table: ["2026-04-01"] with name = value below it')


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _plain(value: Any) -> Any:
    """A TOML value as a policy takes it: days as text, decimals as text, tables and lists with the same inside."""
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, (bool, int, str)) else str(value)
