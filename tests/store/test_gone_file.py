"""A store whose file is deleted or replaced while it is open takes no more writes: they would go nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import StoreError
from tests.company import company


def test_a_store_that_was_deleted_while_open_says_so_and_takes_no_write(tmp_path: Path) -> None:
    firm = company(tmp_path)
    path = firm.store.path
    away = path.rename(path.with_name("away.db"))
    with pytest.raises(StoreError, match="Nothing was saved: .* was deleted or replaced since it was opened"):
        firm.do("n 1042 key with the porter")
    away.rename(path)
    firm.do("n 1042 key with the porter")
    assert firm.store.one("SELECT count(*) FROM note WHERE text LIKE 'key with%'") == (1,)
