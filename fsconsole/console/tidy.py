"""What screens leave behind is given back to the system while nobody presses a key.

It stands apart because it is about memory and knows no screen.

Always: no key waits for it that was not preceded by a pause of QUIET seconds.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from rich.cells import cached_cell_len
from rich.segment import Segment
from textual.geometry import Region

#: Seconds without a key after which one may tidy: looking at all that lives takes longer than a key may wait.
QUIET = 0.7
#: Young collections since the last tidying, below which it is not worth a look.
WORTH = 30
#: Answers to one question about regions or texts, beyond which they are forgotten; a screen asks some dozens.
MANY = 512
#: ``mallopt``'s names for how many heaps there are, and for the size from which a block is given back as soon as it is free.
HEAPS, LARGE = -8, -3
#: That size, in bytes. Left alone it rises with every larger block that is freed, and such blocks then leave gaps.
LARGE_FROM = 128 * 1024
#: As many middle collections without such a pause are tidied after all: somebody who types for minutes.
PATIENCE = 20


def begin() -> None:
    """What is loaded by now stays: it is never searched. From now on what others leave is collected when nobody types.

    The threads that are begun from now on share one heap: what the exchange has done with is there for the screens.
    """
    _option()(HEAPS, 1)
    _option()(LARGE, LARGE_FROM)
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, PATIENCE)
    gc.enable()


def tidy(quiet: float) -> bool:
    """Collects what nothing holds, if nobody pressed a key for ``quiet`` seconds and there may be much; whether it did."""
    _, young, middle = gc.get_count()
    if quiet < QUIET or not gc.isenabled() or young + (gc.get_threshold()[1] + 1) * middle < WORTH:
        return False
    for answers in _remembered():
        if answers.cache_info().currsize > MANY:
            answers.cache_clear()
    gc.collect()
    _trim()(0)
    return True


@lru_cache(1)
def _remembered() -> tuple[Any, ...]:
    """Textual's answers about regions and Rich's about texts: thousands of each question are remembered, of all that ever stood
    on a screen."""
    asked = [*vars(Region).values(), getattr(Segment, "_split_cells", None), cached_cell_len]
    return tuple(one for one in asked if hasattr(one, "cache_clear"))


@lru_cache(1)
def _option() -> Callable[[int, int], int]:
    """The C library's ``mallopt``, or where there is none, nothing."""
    try:
        option: Callable[[int, int], int] = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return lambda name, value: 0
    return option


@lru_cache(1)
def _trim() -> Callable[[int], int]:
    """The C library's ``malloc_trim`` (glibc keeps the free pages of its heaps), or where there is none, nothing."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda pad: pad
    return trim
