"""Which clients are likely one and the same: the same name spelled twice.

It stands apart because an import, the client list and a merge must mean the same by “likely”.

Always: nothing is joined here; a person decides.

Two names are alike when they are the same without case, accents, punctuation, legal forms and the order of their
words, or when they differ by a letter or two and the two share a postcode, a telephone number or an email address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from fsconsole.values.work import Id

#: Words that say what kind of company it is, not which.
LEGAL = frozenset(
    re.findall(
        r"\w+",
        "ltd limited plc llp lp llc inc incorporated corp corporation co company group holdings uk gmbh ag kg ohg se sa sarl"
        " sas srl spa bv nv ab as oy oyj aps pty kk the and of",
    )
)
#: More letters than this are never compared: a name is not a document.
LONGEST = 120
#: A group of names that share more than this is a switchboard or a business park, not one client.
CROWD = 60


@dataclass(frozen=True, slots=True)
class Named:
    """A client as it is compared."""

    id: Id
    ref: str = ""
    name: str = ""
    phone: str = ""
    postcode: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that are likely one, and why, in words."""

    first: Named
    second: Named
    why: str


def bare_words(name: str) -> tuple[str, ...]:
    """The words of a name that tell it apart, in order: ``The Acme Co. Ltd`` -> ``("acme",)``."""
    plain = unicodedata.normalize("NFKD", name[:LONGEST].casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("&", " and ")
    words = re.sub(r"[^\w]+|_", " ", re.sub(r"(?<=\w)['’.](?=\w\b)", "", plain)).split()
    return tuple(word for word in words if word not in LEGAL) or tuple(words)


def bare(name: str) -> str:
    """The words that tell a name apart, sorted and joined: equal for two spellings of one name."""
    return " ".join(sorted(bare_words(name)))


def steps_apart(one: str, other: str, most: int = 2) -> int:
    """How many letters must be added, taken out, changed or exchanged with the next; ``most`` + 1 when more.

    The optimal string alignment distance, cut off at ``most``.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


def alike(one: Named, other: Named) -> str:
    """Why two are likely one; empty when they are not."""
    first, second = bare(one.name), bare(other.name)
    if first and first == second:
        return "the same name but for its spelling"
    if not first or not second:
        return ""
    shared = _shared(one, other)
    if not shared:
        return ""
    near = first.replace(" ", ""), second.replace(" ", "")
    most = 1 if min(map(len, near)) < 8 else 2
    # School 1 and School 2 are two schools; four letters are too few to be misspelt.
    if min(map(len, near)) >= 5 and _digits(first) == _digits(second) and steps_apart(*near, most) <= most:
        return f"nearly the same name and {shared}"
    words = set(first.split()), set(second.split())
    if len(min(words, key=len)) >= 2 and (words[0] <= words[1] or words[1] <= words[0]):
        return f"one name holds the other, and {shared}"
    return ""


def _digits(name: str) -> list[str]:
    return re.findall(r"\d+", name)


def _shared(one: Named, other: Named) -> str:
    if one.phone and one.phone == other.phone:
        return "the same telephone number"
    if one.postcode and one.postcode == other.postcode:
        return "the same postcode"
    if one.email and one.email.casefold() == other.email.casefold():
        return "the same email address"
    return ""


def likely(everyone: Sequence[Named], among: Iterable[Id] | None = None) -> list[Pair]:
    """Pairs that are likely one; with ``among`` only those of which at least one is in it.

    Names are compared within groups that share a spelling, postcode, number or address, so the work grows with
    the number of clients, not with its square.
    """
    groups: dict[str, list[Named]] = {}
    for one in everyone:
        keys = {f"n {bare(one.name)}", f"p {one.postcode}", f"t {one.phone}", f"e {one.email.casefold()}"}
        for key in keys:
            if len(key) > 2:
                groups.setdefault(key, []).append(one)
    wanted = None if among is None else set(among)
    found: dict[tuple[Id, Id], Pair] = {}
    for group in groups.values():
        if not 1 < len(group) <= CROWD:
            continue
        for one, other in combinations(group, 2):
            if wanted is not None and one.id not in wanted and other.id not in wanted:
                continue
            first, second = sorted((one, other), key=lambda named: (len(named.ref), named.ref, named.id))
            if (first.id, second.id) not in found and (why := alike(first, second)):
                found[first.id, second.id] = Pair(first, second, why)
    return sorted(found.values(), key=lambda pair: (pair.first.name.casefold(), pair.second.name.casefold()))
