"""What is typed after ``/``: words that must all stand there, ``!word`` that must not, ``field:value`` in one field.

It stands apart because every list is narrowed in the same words, whether its rows come from a query or are at hand.

    bell !chiller tech:amy !state:"on site"

Always: a colon after a word that is no field of the list is just a colon.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

#: A word, with a part in quotation marks kept together: ``client:"kent data"``.
_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)+')

#: Different words a filter looks for at most, the first ones: a pasted file is no filter, and SQLite takes no more tests than 1,000.
MOST = 100


class Wanted(NamedTuple):
    """One word of a filter: the field it is about ('' for all of them), what is sought, and whether it must be absent."""

    field: str
    text: str
    without: bool = False


def wanted(words: str, fields: Collection[str] = ()) -> list[Wanted]:
    """The words of a filter in lower case; those that say nothing yet (``!``, ``client:``) are left out."""
    found = []
    for word in _WORD.findall(words.lower()):
        without = word.startswith("!")
        text = word[1:] if without else word
        name, colon, value = text.partition(":")
        field = name if colon and name in fields else ""
        text = (value if field else text).replace('"', "")
        if text:
            found.append(Wanted(field, text, without))
    return list(dict.fromkeys(found))[:MOST]


def narrowed(words: str, said: str, fields: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """(SQL tests, parameters) of a filter; ``said`` and the values of ``fields`` are SQL expressions."""
    tests, params = [], []
    for one in wanted(words, fields):
        where = f"lower(coalesce({fields[one.field]}, ''))" if one.field else said
        tests.append(f"{where} {'NOT ' if one.without else ''}LIKE ?")
        params.append(f"%{one.text}%")
    return tests, params


def holds(words: str, fields: Mapping[str, str], more: str = "") -> bool:
    """Whether a row at hand is left by a filter; ``fields`` are its words by field, ``more`` what belongs to none."""
    said = " ".join([more, *fields.values()]).lower()
    return all((one.text in (fields[one.field].lower() if one.field else said)) != one.without for one in wanted(words, fields))


def unknown_fields(words: str, fields: Collection[str]) -> list[str]:
    """Names before a colon that are no field of the list: most likely misspelt."""
    names = (word.lstrip("!").partition(":") for word in _WORD.findall(words.lower()))
    return [name for name, colon, value in names if colon and name.isalpha() and not value.startswith("//") and name not in fields]
