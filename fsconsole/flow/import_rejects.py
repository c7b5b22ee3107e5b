"""The lines an import did not take, written out with their reasons, to be mended and imported again.

It stands apart because the file must be theirs column for column, and never the one that is being read.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from fsconsole.inbox.sheets import RowReject, Sheet
from fsconsole.values.work import Reject

WHY = "why"
SHOWN = 1_000  # kept for the report; all of them stand in the file


class Rejects:
    """Rejects of one file, in a file ``<name>-rejects.csv`` with the original columns and ``why``."""

    def __init__(self, folder: Path, source: Path, headers: tuple[str, ...], *, dry: bool) -> None:
        self.headers = tuple(header for header in headers if header != WHY)
        self.skip = headers.index(WHY) if WHY in headers else -1
        stem = re.sub(r"-rejects(-\d+)?$", "", source.stem)
        self.path = folder / f"{stem}-rejects.csv"
        number = 1
        while self.path.absolute() == source.absolute():
            number += 1
            self.path = folder / f"{stem}-rejects-{number}.csv"
        self.dry = dry
        self.count = 0
        self.shown: list[Reject] = []
        self._pending: dict[int, str] = {}
        self._lines: set[int] = set()
        self._file: Any = None
        self._writer: Any = None

    @property
    def part(self) -> Path:
        return self.path.with_suffix(".part")

    def add(self, reject: Reject) -> None:
        if reject.line and reject.line in self._lines:
            return  # one line of a contract file is several rows of ours: one reason is enough
        self._lines.add(reject.line)
        self.count += 1
        if len(self.shown) < SHOWN:
            self.shown.append(reject)
        why = f"{reject.field} “{reject.value}”: {reject.reason}" if reject.field and reject.value else reject.reason
        if isinstance(reject, RowReject) and reject.row:
            self._write(list(reject.row), why)
        elif reject.line:
            self._pending[reject.line] = why

    def _write(self, row: list[str], why: str) -> None:
        if self.dry or not self.headers:
            return
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.part.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow([*self.headers, WHY])
        if self.skip >= 0 and len(row) > self.skip:
            del row[self.skip]
        width = len(self.headers)
        # A row with too many cells keeps them all, after the reason, so that nothing is lost.
        self._writer.writerow([*row[:width], *[""] * (width - len(row)), why, *row[width:]])

    def close(self, sheet: Sheet) -> Path | None:
        """Completes the file (lines whose cells were not at hand are read once more) and puts it in its place."""
        if self._pending and not self.dry and sheet.problem is None:
            for item in sheet.rows():
                if not isinstance(item, Reject) and (why := self._pending.get(item[0])):
                    self._write(list(item[1]), why)
        if self._file is None:
            return None
        self._file.close()
        self.part.replace(self.path)
        return self.path
