"""The small company after a morning's work: a job done without a card, an invoice, a trail; and the screens over it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from fsconsole.console.app import ConsoleApp
from fsconsole.flow.trails import add_fixes, settle_trail
from fsconsole.store.record import save
from fsconsole.values.work import Fix
from tests.company import Company
from tests.console.company import console


def worked(folder: Path, **how: Any) -> tuple[ConsoleApp, Company]:
    """Amy went to Unit 3 at nine, worked 1 h 35 and has written no card; January was invoiced; Ben has a booking."""
    app, firm = console(folder, **how)
    firm.do("d 1042 amy", "en amy", "a amy")
    trail(firm, "amy", 60)
    firm.wait(95)
    firm.do("c 1042", "labour 1042 1h35", "book 1008 ben 14:00")
    return app, firm


def trail(firm: Company, who: str, minutes: int, *, start: int = 0) -> None:
    """A fix a minute, the first ones on the way to Unit 3 and then at it."""
    fixes = []
    for minute in range(start, minutes):
        far = max(0, 15 - minute)
        fixes.append(
            Fix(firm.now.replace(hour=9, minute=0) + timedelta(minutes=minute), 515100000 - far * 9000, -5900000 + far * 12000)
        )
    puts, _ = add_fixes(firm.store, firm.ids[who], firm.desk.today, fixes, firm.now)
    save(firm.store, firm.desk.act("trail"), puts, firm.now)
    settle_trail(firm.store, firm.ids[who], firm.desk.today, firm.now + timedelta(hours=2))
