"""Whatever stands in a price file, it is priced or refused in sentences that name line and field; nothing breaks."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.errors import BadInput
from fsconsole.flow.price import as_data, in_words, price_bytes

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "price"
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*/*.toml"))]
#: What somebody might write where something else belongs.
ODD = (
    "0", "-1", "1", "0.00", "-5.00", "99999999999999.99", "0.001", "1e400", "1e-400", "nan", "inf", "true", "false", '""', '"x"',
    "[]", "{}", "[1]", "[[1]]", "2025-02-29", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00", "9999-12-31T23:59:59",
    "2025-03-30T01:30:00", "12:00:00", '"9999-12-31"', '"Mon-Fri 25:00-26:00"', "31", "32", "-0", "1000000", "20000", '"…"',
    "[2025-01-01, 2025-01-01]", "{ a = 1 }", '"2/10 net 30"', '"10000 days"', '"\\u0000"', "[{}]", "[0, 0]", "[-1, 2]", '"Sat"',
    '"half month"', '"99999 years"', "123456789012345678901234567890", "2024-02-29", "2026-12-31",
)  # fmt: skip
_VALUE = re.compile(r'"[^"]*"|\d{4}-\d\d-\d\d(T[\d:]+)?(Z|[+-]\d\d:\d\d)?|-?\d+(\.\d+)?|true|false')


def spoilt(chance: random.Random) -> str:
    """A price file with a few lines lost, doubled, moved in from another, or given an odd value."""
    lines = chance.choice(TEXTS).split("\n")
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        at = chance.randrange(len(lines))
        what = chance.randrange(8)
        if what == 0 and len(lines) > 1:
            del lines[at]
        elif what == 1:
            lines.insert(chance.randrange(len(lines) + 1), lines[at])
        elif what == 2:
            lines.insert(at, chance.choice(chance.choice(TEXTS).split("\n")))
        elif what == 3 and lines[at]:
            place = chance.randrange(len(lines[at]))
            sign = chance.choice(("", "=", '"', "[", "]", "{", "#", "\t", "é", "-", "."))
            lines[at] = lines[at][:place] + sign + lines[at][place + 1 :]
        else:
            told = [number for number, line in enumerate(lines) if "=" in line and _VALUE.search(line) and line[0] != "#"]
            if told:
                at = chance.choice(told)
                found = chance.choice(list(_VALUE.finditer(lines[at])))
                lines[at] = lines[at][: found.start()] + chance.choice(ODD) + lines[at][found.end() :]
    return "\n".join(lines)


def check(data: bytes) -> None:
    told, priced = "", None
    try:
        priced = price_bytes(data, "terms.toml")
    except BadInput as refused:
        told = str(refused)
    if priced is None:
        assert re.search(r"terms\.toml:\d+", told), told
        return
    json.dumps(as_data(priced.result))
    assert isinstance(in_words(priced), str)
    for problem in priced.result.problems:
        assert problem.what
        assert problem.reason
    for charge in priced.result.charges:
        assert charge.reason


@given(st.integers(0, 2**32))
def test_a_spoilt_price_file_is_priced_or_refused_in_words(seed: int) -> None:
    check(spoilt(random.Random(seed)).encode())


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    check(data)


@pytest.mark.long
def test_a_hundred_thousand_spoilt_price_files() -> None:
    chance = random.Random(20261122)
    for _ in range(100_000):
        check(spoilt(chance).encode())


CONTRACT = '[contract]\nfrom = 2025-01-01\nuntil = 2025-04-01\n[[term]]\nname = "fee"\namount = 10.00\n'


@pytest.mark.parametrize(
    ("more", "what", "reason"),
    [
        (
            '[[term]]\nname = "copies"\nkind = "meter"\nprice = 0.01\n[[reading]]\non = 2025-02-01\nvalue = -5\n',
            "copies", "below nothing",
        ),
        (
            '[[term]]\nname = "care"\nkind = "per asset"\namount = 10.00\n'
            '[[asset]]\nname = "boiler"\namount = 12.00\nterm = "care"\nuntil = 2025-01-20\n'
            '[[asset]]\nname = "boiler"\namount = 15.00\nterm = "care"\nfrom = 2025-01-10\n',
            "care", "boiler has two prices, £12.00 and £15.00, for 10 Jan – 19 Jan 2025; end one where the other begins",
        ),
        (
            '[[term]]\nname = "care"\namount = 10.00\nfrom = 2025-03-01\nuntil = 2025-02-01\n',
            "care", "it ends (2025-02-01) before it starts (2025-03-01); correct one of the days",
        ),
        (
            '[[term]]\nname = "care"\namount = 10.00\n[[revision]]\non = 2025-02-01\nwhat = "resume"\nterm = "care"\n',
            "care", "it is resumed on 2025-02-01 but was not suspended",
        ),
        (
            '[[term]]\nname = "care"\namount = 10.00\n[[revision]]\non = 2025-02-01\nwhat = "price"\nterm = "care"\namount = 11.00\n'
            '[[revision]]\non = 2025-02-01\nwhat = "price"\nterm = "care"\namount = 12.00\n',
            "care", "there are two prices from 1 Feb 2025: £11.00 and £12.00; keep one",
        ),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_one_sentence_and_the_rest_is_priced(more: str, what: str, reason: str) -> None:
    result = price_bytes((CONTRACT + more).encode()).result
    assert [(one.what, reason in one.reason) for one in result.problems] == [(what, True)]
    assert sum(one.amount for one in result.charges if one.reason.startswith("fee")) == 3000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[contract]\ncurrency = "GBB"\n', "terms.toml:2, contract.currency: “GBB”: expected a currency of ISO 4217"),
        ("[contract]\nform = 2025-01-01\n", "terms.toml:2, contract.form: there is no field “form” here; did you mean from?"),
        ("[[terms]]\n", "terms.toml:1, terms: there is no section “terms”; did you mean term?"),
        ("[contract]\nfrom = 1e999999999999999999999\n", "terms.toml:"),
        ('[[term]]\nname = "care"\namount = 10.00\ntax = "lunar"\n', "terms.toml:4, term.tax: there is no tax “lunar”; give a rate"),
        ('[contract]\npayment = "whenever"\n', "terms.toml:2, contract.payment: “whenever” does not say when to pay"),
        ('[[rate]]\nname = "VAT"\n', "terms.toml:1, rate: percent is missing"),
        ('[contract]\nclient = "A"\n[contract]\n', "terms.toml:3: not TOML: [contract] stands here a second time"),
        ('[contract]\nclient = "A"\nclient = "B"\n', "terms.toml:3: not TOML: client is said twice; leave one"),
        ("[contract]\nfrom = 31/01/2025\n", "terms.toml:2: not TOML: “31/01/2025” is not a day of the calendar; a day is written 2025-"),
        ("[[term]]\nname = fee\n", 'terms.toml:2: not TOML: words stand in quotes: name = "fee"'),
        ('[[term]]\nname = "fee\n', "terms.toml:2: not TOML: a quote is opened and not closed"),
        ("[[term]]\nname = “fee”\n", "terms.toml:2: not TOML: quotes are straight"),
        ("[[term]]\namount = 1,200.00\n", "terms.toml:2: not TOML: “1,200.00”: a number has a point before its decimals and no commas"),
        ("[[term]]\namount = £5\n", "terms.toml:2: not TOML: “£5”: an amount is written without its currency"),
        ("[contract]\ntax = 20%\n", "terms.toml:2: not TOML: “20%”: a percentage is written without its sign, such as 20"),
        ("[contract]\n\n[[invoice]]\nnet = 1\n", "terms.toml:3, invoice: there is no section “invoice”; did you mean issued?"),
        ('[[term]]\nname = "f"\nprice = 5\n', "terms.toml:3, term.price: there is no field “price” here; did you mean amount?"),
        ('[[term]]\nname = "f"\ncall_out = 5\n', "terms.toml:3, term.call_out: there is no field “call_out” here; it is a field of kind = “t"),
        ('[[term]]\nname = "f"\ninterval = "month"\n', "did you mean every?"),
        ('[[term]]\nname = "f"\nend_date = 2025-01-01\n', "did you mean until, or last_day for the last day it holds?"),
        ('[[term]]\nname = "f"\nkind = "subscription"\n', "did you mean fixed?"),
        ('[[term]]\nname = "f"\nin = "postpaid"\n', "did you mean arrears?"),
        ('[[meter]]\nname = "f"\n', "terms.toml:1, meter: there is no section “meter”; did you mean reading?"),
        ('[[milestone]]\nname = "f"\n', 'it is a kind of term: write [[term]] and kind = "milestone"'),
        ('[contract]\ncurrency = "eur"\n', "expected a currency of three capitals such as GBP; did you mean EUR?"),
        ('[contract]\ntimezone = "Europe/Londn"\n', "expected a time zone such as Europe/London; did you mean Europe/London?"),
        ("[[due]]\nissued = 2025-02-30\n", "terms.toml:2"),
    ],
)
def test_what_is_written_wrong_is_told_with_its_line_and_what_to_write(text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        price_bytes(text.encode(), "terms.toml")
    assert said in str(refused.value)
