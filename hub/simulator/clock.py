"""The platform's clock: China time, fourteen digits [1.3, 5.2]."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
FORMAT = "%Y%m%d%H%M%S"


def china_time() -> str:
    return datetime.now(CHINA).strftime(FORMAT)
