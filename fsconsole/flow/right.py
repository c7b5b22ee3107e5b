"""The billing right of a job or contract: who holds it, and what was billed without it.

It stands apart because both issuing and settling must ask the same question of the same facts.

Always: a document counts only where its site held the right when it was written. One that was issued without it is credited
by whoever holds the right, and listed until it is: nothing is billed twice, and nobody can bill away another site's work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fsconsole.changes.stamp import ms_of, site_of
from fsconsole.desk import Desk
from fsconsole.errors import Refused
from fsconsole.rules.checks.agreed import WITHOUT
from fsconsole.rules.facts import Offered
from fsconsole.rules.right import FIRST, Passing, Standing, standing
from fsconsole.rules.words import listed
from fsconsole.store.instants import instant
from fsconsole.store.opening import Store
from fsconsole.values.bill import Charge, Invoice, IssuedLine, Stray
from fsconsole.values.money import show
from fsconsole.values.terms import Contract
from fsconsole.values.work import Id, Job

Thing = Job | Contract
#: Roles of a site that may bill.
BILLING = ("billing", "owner")


class Sites(NamedTuple):
    """The sites that bill, those that do not, and who bills for these."""

    billing: frozenset[int]
    unable: frozenset[int]
    heir: int
    codes: dict[int, str]


def sites_of(store: Store) -> Sites:
    rows = store.sql("SELECT number, role, code FROM site WHERE number > 0 ORDER BY number")
    billing = frozenset(number for number, role, _ in rows if role in BILLING)
    heir = next((number for number, role, _ in rows if role == "owner"), min(billing, default=0))
    unable = frozenset(number for number, _, _ in rows) - billing if heir else frozenset()
    return Sites(billing, unable, heir, {number: code for number, _, code in rows})


# --- who holds it -----------------------------------------------------------------------------------------------------


def standings(store: Store, table: str, ids: Sequence[bytes]) -> dict[bytes, Standing]:
    """The standing of some jobs or contracts (``table``); a thing of which no maker can be told is left out."""
    sites = sites_of(store)
    found: dict[bytes, Standing] = {}
    for start in range(0, len(ids), 500):
        some = list(ids[start : start + 500])
        marks = ",".join("?" * len(some))
        passings = _passings(store, some, marks)
        for row, ref, client in store.sql(f'SELECT id, c_ref, c_client FROM "{table}" WHERE id IN ({marks})', some):
            if stamp := ref or client:
                found[row] = standing(site_of(stamp), passings.get(row, ()), sites.unable, sites.heir)
    return found


def _passings(store: Store, ids: list[bytes], marks: str) -> dict[bytes, list[Passing]]:
    found: dict[bytes, list[Passing]] = defaultdict(list)
    rows = store.sql(f"SELECT thing, id, what, stamp, follows, \"to\" FROM handover WHERE thing IN ({marks})", ids)
    for thing, row, what, stamp, follows, to in rows:
        found[thing].append(Passing(row, what, site_of(stamp), stamp, follows or FIRST, to=to))
    rows = store.sql(f"SELECT thing, id, stamp, follows, through FROM withdrawal WHERE thing IN ({marks})", ids)
    for thing, row, stamp, follows, through in rows:
        found[thing].append(Passing(row, "withdraw", site_of(stamp), stamp, follows or FIRST, through=through))
    return found


def offers(store: Store, table: str, ids: Sequence[bytes]) -> dict[bytes, Offered]:
    """The open offers among some jobs or contracts."""
    some = [row for start in range(0, len(ids), 500) for row in _passed(store, ids[start : start + 500])]
    if not some:
        return {}
    codes = sites_of(store).codes
    return {
        thing: Offered(code_of(codes, one.offer.site), code_of(codes, one.offer.to), instant(ms_of(one.offer.stamp)))
        for thing, one in standings(store, table, some).items()
        if one.offer is not None
    }


def _passed(store: Store, ids: Sequence[bytes]) -> list[bytes]:
    marks = ",".join("?" * len(ids))
    return [row for (row,) in store.sql(f"SELECT DISTINCT thing FROM handover WHERE thing IN ({marks})", list(ids))]


def standing_of(store: Store, thing: Thing) -> Standing | None:
    return standings(store, _table(thing), [thing.id]).get(thing.id)


def may_bill(store: Store, thing: Thing) -> bool:
    """Whether this site holds the right just now; a thing of unknown make may be billed anywhere."""
    found = standing_of(store, thing)
    return found is None or found.holder == store.site


def mine(store: Store, things: Sequence[Thing]) -> list[Thing]:
    """Those of some things that this site may bill just now."""
    tables: dict[str, list[bytes]] = defaultdict(list)
    for thing in things:
        tables[_table(thing)].append(thing.id)
    here = {row for table, ids in tables.items() for row in held_here(store, table, ids)}
    return [thing for thing in things if thing.id in here]


def held_here(store: Store, table: str, ids: Sequence[bytes]) -> set[bytes]:
    """The same by id, of jobs or of contracts (``table``)."""
    found = standings(store, table, ids)
    return {row for row in ids if row not in found or found[row].holder == store.site}


def must_hold(desk: Desk, thing: Thing) -> None:
    """Raises Refused, with who bills it, unless this site holds the right."""
    found = standing_of(desk.store, thing)
    if found is None or found.holder == desk.store.site:
        return
    codes = sites_of(desk.store).codes
    if found.offer is not None:
        giver, taker = (code_of(codes, site) for site in (found.offer.site, found.offer.to))
        here = desk.store.site == found.offer.to
        raise Refused(
            f"{giver} has offered {thing.ref} to {taker}, and nobody bills it until {taker} has answered.",
            f"Take it with: accept {thing.ref}" if here else f"Ask {taker} to accept or decline it.",
        )
    code = code_of(codes, found.holder)
    there = f"Ask {code} to bill it, or to hand it over: offer {thing.ref} {desk.store.code}"
    raise Refused(f"{thing.ref} is billed at {code}.", there)


def holder_words(store: Store, thing: Thing) -> str:
    """Who bills a thing, in words; '' where that cannot be told."""
    found = standing_of(store, thing)
    if found is None:
        return ""
    codes = sites_of(store).codes
    if found.offer is not None:
        return f"nobody: offered by {code_of(codes, found.offer.site)} to {code_of(codes, found.offer.to)}"
    return code_of(codes, found.holder)


# --- what was billed without it ---------------------------------------------------------------------------------------


def sorted_out(
    store: Store, table: str, issued: dict[bytes, list[IssuedLine]], invoices: dict[bytes, Invoice]
) -> tuple[dict[bytes, list[IssuedLine]], dict[bytes, list[Stray]]]:
    """(lines that count, what was billed without the right) by job or contract.

    Lines without a key bill nothing here, and imported ones are the old system's: both count as they are. A credit note
    counts as what it credits does.
    """
    if not issued:
        return issued, {}
    found = standings(store, table, list(issued))
    counted: dict[bytes, list[IssuedLine]] = {}
    strays: dict[bytes, list[Stray]] = {}
    credited = _credited(store, invoices)
    for thing, lines in issued.items():
        good: list[IssuedLine] = []
        bad: list[IssuedLine] = []
        for line in lines:
            document = invoices.get(line.invoice or b"")
            told = credited.get(line.invoice or b"", line.stamp)
            held = thing not in found or found[thing].held(site_of(line.stamp), told)
            ours = bool(line.key) and not (document and document.origin == "imported")
            (good if held or not ours else bad).append(line)
        counted[thing] = good
        if bad:
            strays[thing] = _strays(bad, invoices)
    return counted, strays


def _credited(store: Store, invoices: dict[bytes, Invoice]) -> dict[bytes, int]:
    """{a credit note: the stamp of the document that it takes back}, where both are of one site."""
    named = {one.id: str(one.custom["credits"]) for one in invoices.values() if one.custom.get("credits")}
    found: dict[bytes, int] = {}
    for row, number in named.items():
        for (stamp,) in store.sql("SELECT stamp FROM invoice WHERE number = ? ORDER BY id", (number,)):
            if site_of(stamp) == site_of(invoices[row].stamp):
                found[row] = stamp
    return found


def _strays(lines: Iterable[IssuedLine], invoices: dict[bytes, Invoice]) -> list[Stray]:
    by_key: dict[tuple[str, int], list[IssuedLine]] = defaultdict(list)
    for line in lines:
        document = invoices.get(line.invoice or b"")
        if not line.void and not (document and document.void):
            by_key[line.key, site_of(line.stamp)].append(line)
    found = []
    for (key, site), some in sorted(by_key.items()):
        some.sort(key=lambda line: (line.stamp, line.id))
        documents = [invoices[line.invoice] for line in some if line.invoice in invoices]
        found.append(
            Stray(
                key=key, amount=sum(line.amount for line in some), site=site,
                numbers=tuple(dict.fromkeys(one.number for one in documents)), text=some[0].text,
                payer=next((one.client for one in documents if one.client), None),
                # The day it was recorded: what the document itself says may be anything.
                on=instant(ms_of(some[0].stamp)).date(),
                currency=next((one.currency for one in documents if one.currency), "GBP"),
            )
        )  # fmt: skip
    return found


def credits(strays: Iterable[Stray], *, job: Id | None, contract: Id | None, codes: dict[int, str]) -> list[Charge]:
    """What is owed back for documents that were issued without the right, as charges under keys of their own."""
    return [
        Charge(
            key=f"{one.key}{WITHOUT}{one.site}", job=job, contract=contract, payer=one.payer, kind="credit", amount=-one.amount,
            currency=one.currency, billable_from=one.on, reason=_billed(one, code_of(codes, one.site)),
        )
        for one in strays
        if one.amount
    ]  # fmt: skip


def _billed(one: Stray, code: str) -> str:
    which = f"{listed(one.numbers) or 'a document'} of {code}"
    what = f" as “{one.text}”" if one.text else ""
    money = one.currency
    return f"{show(-one.amount, money)}: {which} billed {show(one.amount, money)} without the billing right{what}"


def _table(thing: Thing) -> str:
    return "job" if isinstance(thing, Job) else "contract"


def code_of(codes: dict[int, str], site: int) -> str:
    return codes.get(site, f"site {site}")


__all__ = [
    "code_of",
    "credits",
    "holder_words",
    "may_bill",
    "must_hold",
    "offers",
    "sites_of",
    "sorted_out",
    "standing_of",
    "standings",
]
