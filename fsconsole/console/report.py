"""Crash reports: where it failed and in which version, without a single value of clients' data.

It stands apart because it must work when nothing else does.

Always: file, line and function of each frame, and the kind of error; no locals, no source, no message text.
"""

from __future__ import annotations

import platform
import traceback
from datetime import datetime
from pathlib import Path

from fsconsole import __version__
from fsconsole.errors import FsError
from fsconsole.places import Home

#: The exit status of a crash (EX_SOFTWARE of sysexits.h).
STATUS = 70
KEEP = 20


def write(home: Home, error: BaseException, at: datetime, doing: str) -> Path:
    """Writes a report and returns its path; older ones beyond the last twenty go."""
    lines = [
        f"fsconsole {__version__}, Python {platform.python_version()}, {platform.system()}",
        f"at {at:%Y-%m-%dT%H:%M:%SZ}, {doing}",
        "",
    ]
    seen: BaseException | None = error
    while seen is not None:
        # Our own errors are sentences for people and may name a client; a library's message may quote a value.
        lines.append(f"{type(seen).__module__}.{type(seen).__qualname__}{' (told)' if isinstance(seen, FsError) else ''}")
        lines += [f"  {_place(one.filename)}:{one.lineno} in {one.name}" for one in traceback.extract_tb(seen.__traceback__)]
        seen = seen.__cause__ or seen.__context__
    path = home.reports / f"crash-{at:%Y%m%dT%H%M%S%f}.txt"
    try:
        home.reports.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for old in sorted(home.reports.glob("crash-*.txt"))[:-KEEP]:
            old.unlink(missing_ok=True)
    except OSError:
        return Path("(no report: the folder cannot be written)")
    return path


def _place(filename: str) -> str:
    """A file from its package on: the folders above may name a person."""
    parts = Path(filename).parts
    for name in ("site-packages", "fsconsole"):
        if name in parts:
            start = len(parts) - 1 - parts[::-1].index(name)
            return "/".join(parts[start + (name == "site-packages") :])
    return parts[-1] if parts else filename
