"""Every numbered hard case of billing, as a price file with what it must come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import UsageError
from fsconsole.flow.price import example, examples, in_words, price_bytes, price_file

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "price"
CASES = sorted((FOLDER / "cases").glob("*.toml"))
EXAMPLES = sorted((FOLDER / "examples").glob("*.toml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_comes_to_what_it_must(path: Path) -> None:
    priced = price_file(path)
    assert priced.file.expect, "a case says what it expects"
    assert not priced.unexpected, "\n".join([*priced.unexpected, in_words(priced)])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_priced_as_it_says(path: Path) -> None:
    priced = price_file(path)
    assert priced.good, in_words(priced)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_charge_of_a_case_says_why_and_bears_its_amount(path: Path) -> None:
    result = price_file(path).result
    for charge in result.charges:
        assert charge.reason
        assert any(digit in charge.reason for digit in "0123456789"), charge.reason
    assert len({charge.key for charge in result.charges}) == len(result.charges)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_fails_when_an_amount_is_another(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    head, mark, _ = text.rpartition("[expect]")
    assert mark, "a case says what it expects"
    other = price_bytes((head + "[expect]\nnet = 987654321.01\n").encode())
    assert other.unexpected


def test_there_is_an_example_of_every_kind_of_term() -> None:
    from fsconsole.inbox.terms_known import TERM_KINDS

    missing = {kind for kind in TERM_KINDS if kind.replace(" ", "-") not in examples()}
    assert not missing


def test_an_example_is_asked_for_by_the_name_of_its_kind() -> None:
    assert example("per asset") == example("Per-Asset")
    with pytest.raises(UsageError, match=r"There are .*fixed"):
        example("lunar")
