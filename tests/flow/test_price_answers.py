"""What --json answers is told field by field, keeps its place when a row makes no sense, and names the line that asks."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from fsconsole.flow.price import as_data, fields, price_bytes, price_file
from fsconsole.flow.price_answers import ANSWERS, CALLED, EVERY

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "price"
#: Files with questions; the others have no answers to look at.
ASKING = [path for path in sorted(FOLDER.glob("*/*.toml")) if "answers" in path.read_text(encoding="utf-8")]
TWO_DOUBTS = b"""
[[due]]
issued = 2025-01-15
payment = "some day"
[[due]]
name = "second"
issued = 2025-01-15
payment = "30 days"
"""


def test_every_field_of_an_answer_is_told_and_every_one_that_is_told_is_answered() -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for path in ASKING:
        for section, found in price_file(path).result.answers.items():
            seen[section] |= {name for one in found for name in one}
    for section, told in ANSWERS.items():
        got = seen[CALLED.get(section, section)] - EVERY.keys()
        assert got == told.keys(), section


def test_things_in_a_list_have_the_fields_that_are_told() -> None:
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in ASKING:
        for section, found in price_file(path).result.answers.items():
            for one in found:
                for name, value in one.items():
                    for thing in value if isinstance(value, list | tuple) else ():
                        seen[section, name] |= set(thing) if isinstance(thing, dict) else set()
    for (section, name), got in seen.items():
        told = set(re.findall(r"[a-z_]{2,}", re.sub(r"\([^)]*\)", "", ANSWERS[section][name])))
        assert got <= told, (section, name)


def test_an_answer_that_cannot_be_given_keeps_its_place_and_its_line() -> None:
    told = as_data(price_bytes(TWO_DOUBTS).result)
    first, second = told["answers"]["due"]
    assert "some day" in first["problem"]
    assert (second["name"], second["due"], second["line"]) == ("second", "2025-02-14", 5)
    assert [(one["what"], one["line"]) for one in told["problems"]] == [("due", 2)]


def test_what_was_expected_of_an_answer_that_cannot_be_given_says_why() -> None:
    priced = price_bytes(TWO_DOUBTS + b"[expect]\nanswers = { due = [{ due = 2025-02-14 }, 2025-02-14] }\n")
    assert len(priced.unexpected) == 1
    assert priced.unexpected[0].startswith("answers.due 1: it could not be answered: “some day”")


@pytest.mark.parametrize("section", sorted(ANSWERS))
def test_the_fields_of_a_section_end_with_those_of_its_answers(section: str) -> None:
    assert f"answers.{CALLED.get(section, section)} in --json" in fields(section)
