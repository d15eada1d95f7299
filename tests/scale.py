"""How large the attacks and crowds of the tests are: CI runs them at a tenth, `make soak` in full (SCALE=1)."""

from __future__ import annotations

import os

SCALE = int(os.environ.get("SCALE", "10"))


def scaled(full: int) -> int:
    return max(1, full // SCALE)
