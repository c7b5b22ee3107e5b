"""Sync's books in the store: frames of every site, how far each was read, what is held, who is a member.

It stands apart because everything here changes in the same transaction as the rows that a frame brings.

    streams   how far each site's frames were read          ours    what we framed, and a new epoch
    theirs    frames taken, and taken back out              notes   what was held, membership entries, heads
"""

from __future__ import annotations

from fsconsole.store.exchange.notes import Held, add_entry, entries, entry_names, heads, held, hold, let_go, put_head, refusals
from fsconsole.store.exchange.ours import (
    LOT,
    Seal,
    frame_unframed,
    holding,
    is_unframed,
    last_saved,
    mark_published,
    open_epoch,
    saved_after,
    set_back,
    unpublished,
)
from fsconsole.store.exchange.streams import Tip, follows, has_frame, kept, overtaken, state, states, tips, twins, vector
from fsconsole.store.exchange.theirs import see, take, withdraw

__all__ = [
    "LOT", "Held", "Seal", "Tip", "add_entry", "entries", "entry_names", "follows", "frame_unframed", "has_frame", "heads", "held",
    "hold", "holding", "is_unframed", "kept", "last_saved", "let_go", "mark_published", "open_epoch", "overtaken", "put_head", "refusals", "saved_after", "see",
    "set_back", "state", "states", "take", "tips", "twins", "unpublished", "vector", "withdraw",
]  # fmt: skip
