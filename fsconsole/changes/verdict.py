"""What was found wrong with bytes from outside, as a value with a plain sentence.

It stands apart because every reader of this package answers with the same few words, which screens show.

Always: damaged, foreign or hostile bytes end in a Problem (or in DamagedError from ``batch.decode``), never
in another exception.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Verdict(Enum):
    """Why bytes were not taken; the value is the word shown to people."""

    SHORT = "not here yet"
    """Fewer bytes than it says it has: wait and read again."""
    FOREIGN = "not ours"
    """Another kind of file, or another workspace's."""
    NEWER = "update needed"
    """Written in a form that a later version introduced."""
    DAMAGED = "damaged"
    """The bytes are not those that were written: ask for them again."""
    UNCERTIFIED = "unknown member"
    """Names a certificate that the membership log does not hold (yet): keep and wait."""
    FORGED = "forged"
    """Whole, but not signed by the member it names."""
    LOCKED = "no key"
    """Sealed under a workspace key that this site has not been given."""
    REFUSED = "refused"
    """Signed by a member who may not do this, or who says what cannot be."""
    WRONG_CODE = "wrong code"
    USED = "used"
    EXPIRED = "expired"


class Problem(NamedTuple):
    """A verdict and the sentence a person reads."""

    verdict: Verdict
    says: str


class DamagedError(ValueError):
    """Bytes that cannot be what they claim to be; ``str()`` is the sentence a person reads."""
