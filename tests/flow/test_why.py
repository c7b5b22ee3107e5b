"""Why a line is what it is: its tax, whose price it has, how its time is rounded, who bears it, what was agreed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.flow.imports import import_file
from fsconsole.flow.why import why, why_billed
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def done_job(one: Company, minutes: str = "1h10") -> str:
    """A job of Acme's that nothing covers, done, carded and signed."""
    ref = one.do("log acme door jammed @hq po:77").ref.removeprefix("LDN-")
    one.do(f"d {ref} ben", "en ben", "a ben", f"labour {ref} {minutes}", f"card {ref} freed", "c ben", f'sg {ref} "A Patel"')
    return ref


def told(one: Company, ref: str, kind: str) -> dict[str, tuple[str, str]]:
    """{label: (words, amount)} of the line of a kind of a job or contract, the first one due."""
    (key,) = one.store.sql(
        "SELECT n.key FROM charge_now n LEFT JOIN job j ON j.id = n.job LEFT JOIN contract k ON k.id = n.contract AND n.job IS NULL"
        " WHERE coalesce(j.ref, k.ref) = ? AND n.kind = ? ORDER BY n.start LIMIT 1",
        (f"LDN-{ref}", kind),
    )[0]
    return {label: (words, amount) for _, facts in why(one.store, one.now, key) for label, words, amount in facts}


def agreed(one: Company, folder: Path, text: str) -> None:
    path = folder / "agreed.toml"
    path.write_text(text)
    assert not import_file(one.desk, "agreements", path).rejects


def test_a_line_says_its_tax_whose_price_it_has_and_how_its_time_is_rounded(acme: Company) -> None:
    said = told(acme, done_job(acme), "labour")
    assert said["because"] == ("Ben Cole, 3 Mar 2026: 1 h 10 → 1.25 h × £72.00 = £90.00", "£90.00")
    assert said["tax"] == ("20% of £90.00", "£18.00")
    assert said["quantity"] == ("1.25 h", "")
    assert said["price"] == ("£72.00 an hour, our price for everybody; in steps of 15 min", "")
    assert said["cover"] == ("no contract covers it", "")


def test_a_clients_own_price_is_said_to_be_theirs(acme: Company) -> None:
    ref = done_job(acme)
    acme.do("rate labour 60.00 acme")
    assert told(acme, ref, "labour")["price"] == ("£60.00 an hour, Acme Ltd's own price; in steps of 15 min", "")


def test_only_the_time_that_a_line_bills_is_told_of_it(acme: Company) -> None:
    ref = done_job(acme)
    acme.do(f"labour {ref} 20 travel")
    labour = [one for one in why_lines(acme, ref, "labour") if one[0] in ("labour", "travel")]
    assert [words.split(",")[0] for _, words, _ in labour] == ["Ben 1 h 10"]


def why_lines(one: Company, ref: str, kind: str) -> list[tuple[str, str, str]]:
    (key,) = one.store.sql(
        "SELECT n.key FROM charge_now n JOIN job j ON j.id = n.job WHERE j.ref = ? AND n.kind = ?", (f"LDN-{ref}", kind)
    )[0]
    return [fact for _, facts in why(one.store, one.now, key) for fact in facts]


def test_the_last_day_of_a_contract_is_said_and_not_the_day_after(acme: Company) -> None:
    acme.do("end C204 2026-07-01 moved away")
    assert told(acme, "C204", "fixed")["runs"][0].startswith("from 1 Jan 2026")
    acme.store.raw.execute("UPDATE contract SET end = '2026-07-01' WHERE id = ?", (acme.ids["c204"],))
    assert told(acme, "C204", "fixed")["runs"] == ("Jan–Jun 2026", "")


def test_what_cut_a_period_short_stands_beside_its_days(acme: Company) -> None:
    acme.do("pause C204 2026-03-11 works closed", "policy lead_days 0")
    keys = [row[0] for row in acme.store.sql("SELECT key FROM charge_now WHERE start = '2026-03-01' AND kind = 'fixed'")]
    facts = [fact for _, some in why(acme.store, acme.now, keys[0]) for fact in some]
    assert ("because", "Care Plus: 10 of 31 days of £290.00 = £93.55 for 1 Mar – 10 Mar 2026, in advance", "£93.55") in facts
    assert ("agreed", "suspended (works closed), from 11 Mar 2026", "") in facts


def test_a_rise_is_said_in_words_and_a_notice_that_was_not_given_too(acme: Company, tmp_path: Path) -> None:
    agreed(acme, tmp_path, '[contract]\nref = "C9"\nclient = "Acme Ltd"\nfrom = 2026-01-01\n[[term]]\nname = "fee"\namount = 100.00\n'
           '[[escalator]]\npercent = 4\nfrom = 2026-02-01\nnotice = 30\nnotified = []\n')  # fmt: skip
    facts = [
        fact
        for row in acme.store.sql("SELECT n.key FROM charge_now n JOIN contract k ON k.id = n.contract WHERE k.ref LIKE '%C9' ORDER BY n.start DESC LIMIT 1")
        for _, some in why(acme.store, acme.now, row[0])
        for fact in some
    ]
    assert ("agreed", "rises by 4%, with 30 days of notice that was not given, from 1 Feb 2026", "") in [
        (label, words.removeprefix("fee: "), amount) for label, words, amount in facts
    ]


def test_who_approved_a_line_is_said_with_the_time(acme: Company) -> None:
    acme.do("approve C204")
    assert told(acme, "C204", "fixed")["approved"] == ("by jo, Tue 3 Mar 09:00", "")


def test_an_issued_line_is_asked_why_as_a_drafted_one_is(acme: Company) -> None:
    ref = done_job(acme)
    before = told(acme, ref, "labour")
    acme.do(f"bill {ref}")
    row = acme.store.sql("SELECT l.id FROM invoice_line l WHERE l.key LIKE '%:labour:%'")[0][0]
    sections = dict(why_billed(acme.store, row))
    after = {label: (words, amount) for label, words, amount in sections["The line"] + sections["What it rests on"]}
    for same in ("because", "tax", "price", "cover", "labour", "quantity"):
        assert after[same] == before[same]
    assert after["issued"][0].startswith("invoice LDN-I0001 on 3 Mar 2026")
    acme.do("credit LDN-I0001 wrong client")
    (number, _, amount), *_ = dict(why_billed(acme.store, row))["Billed before"]
    assert (number, amount) == ("LDN-I0001", "£90.00")
    assert dict(why_billed(acme.store, row))["Billed before"][-1] == ("", "in all", "£0.00")
