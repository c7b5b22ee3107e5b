"""What the console needs to save does not load cryptography."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["stamp", "batch", "merge", "frame", "segment", "head", "member", "invite", "snapshot"])
def test_importing_does_not_load_the_crypto_library(module: str) -> None:
    code = f"import sys, fsconsole.changes.{module}; sys.exit('nacl' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
