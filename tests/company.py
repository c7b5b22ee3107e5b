"""A small company in a store of its own, for tests that drive the verbs: two clients, two technicians, one contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from fsconsole import verbs
from fsconsole.clock import FixedClock, ids_from
from fsconsole.desk import Desk, Done
from fsconsole.flow.settle import settle
from fsconsole.store.opening import Store, open_store
from fsconsole.store.record import save
from fsconsole.store.tables import put

#: A Tuesday in winter time: local time is UTC.
START = datetime(2026, 3, 3, 9, tzinfo=UTC)


@dataclass
class Company:
    """``do("d 1042 amy")`` types a line as jo; ``wait(minutes)`` moves the clock; ``ids`` names the rows."""

    store: Store
    clock: FixedClock
    desk: Desk
    ids: dict[str, bytes] = field(default_factory=dict)

    def do(self, *lines: str) -> Done:
        done = Done("")
        for line in lines:
            done = verbs.run(self.desk, line)
            self.wait(1)
        return done

    def wait(self, minutes: int) -> None:
        self.clock.move(self.clock.now() + timedelta(minutes=minutes))

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def column(self, ref: str) -> str:
        return str(self.store.sql("SELECT column_ FROM job_now WHERE ref = ?", (ref,))[0][0])


def company(folder: Path, *, at: datetime = START, site: int = 1, code: str = "LDN") -> Company:
    """Acme with Unit 3 and HQ, a covered boiler and a contract C204; Finch & Co with one place; Amy and Ben; rates."""
    store = open_store(folder / "store.db")
    store.set_own(site=site, code=code, timezone="Europe/London", currency="GBP")
    clock = FixedClock(at)
    desk = Desk(store, clock, ids_from(clock, Random(7)), "jo")
    names = [
        "site",
        "acme",
        "finch",
        "unit3",
        "hq",
        "reading",
        "amy",
        "ben",
        "boiler",
        "panel",
        "c204",
        "term",
        "cover",
        "job",
        "older",
        "pcb",
        "ap",
        "labour",
        "callout",
        "finch_ap",
    ]
    ids = {name: desk.ids() for name in names}
    i = ids
    save(
        store,
        desk.act("import company"),
        [
            put("site", i["site"], code=code, number=site, name="London"),
            put("client", i["acme"], ref="LDN-K1", name="Acme Ltd", phone="020 7946 0121", email="pay@acme.example"),
            put("client", i["finch"], ref="LDN-K2", name="Finch & Co", phone="0118 496 0200", order_required=True),
            put("location", i["unit3"], ref="LDN-L1", client=i["acme"], name="Unit 3", postcode="SL1 4DX", lat=515100000, lon=-5900000),
            put("location", i["hq"], ref="LDN-L2", client=i["acme"], name="HQ", postcode="SL1 1AA", lat=515200000, lon=-6000000),
            put("location", i["reading"], ref="LDN-L12", client=i["finch"], name="Reading", postcode="RG1 2AB"),
            put("contact", i["ap"], client=i["acme"], name="A Patel", role="accounts payable", email="ap@acme.example"),
            put("technician", i["amy"], code="amy", name="Amy Reed", skills=["gas"], lat=515000000, lon=-5000000),
            put("technician", i["ben"], code="ben", name="Ben Cole", skills=["electrical"], lat=514500000, lon=-9700000),
            put("asset", i["boiler"], ref="LDN-A1", client=i["acme"], location=i["unit3"], kind="boiler", maker="Vaillant",
                model="ecoTEC 838", serial="21-0093"),
            put("asset", i["panel"], ref="LDN-A2", client=i["finch"], location=i["reading"], kind="panel", maker="Kentec", serial="K-77"),
            put("contract", i["c204"], ref="LDN-C204", client=i["acme"], name="Care Plus", kind="care", start=date(2026, 1, 1),
                respond_minutes=120, restore_minutes=480),
            put("term", i["term"], contract=i["c204"], kind="fixed", name="Care Plus", amount=29000, every=1, unit="month",
                timing="advance", proration="actual", start=date(2026, 1, 1)),
            put("cover", i["cover"], contract=i["c204"], asset=i["boiler"], labour=True, parts=True, call_out=True),
            put("job", i["older"], ref="LDN-1008", client=i["finch"], location=i["reading"], asset=i["panel"], kind="repair",
                title="Panel fault", priority=3, reported_at=at - timedelta(days=2)),
            put("job", i["job"], ref="LDN-1042", client=i["acme"], location=i["unit3"], asset=i["boiler"], kind="repair",
                title="Boiler down", priority=1, reported_at=at - timedelta(minutes=30), skill="gas"),
            put("part", i["pcb"], code="PCB-77", name="Printed circuit board", price=24900, cost=11000),
            put("rate", i["labour"], kind="labour", amount=7200, step_minutes=15),
            put("rate", i["callout"], kind="call-out", amount=4500),
        ],
        at,
    )  # fmt: skip
    settle(store, at)
    return Company(store, clock, desk, ids)
