"""Every kind of row may be written by somebody: one that stands in no role would be refused at every other site."""

from __future__ import annotations

from fsconsole.store.tables import KINDS
from fsconsole.sync.roles import MAY


def test_an_owner_may_write_every_kind_of_row_there_is() -> None:
    assert {KINDS[kind]._meta.table_name for kind in KINDS if kind not in MAY["owner"]} == set()
