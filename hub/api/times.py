"""The `time` of a reserved conference: the forms that are understood."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from hub.errors import InvalidParams

_SECONDS = re.compile(r"[0-9]{1,10}")
_MILLISECONDS = re.compile(r"[0-9]{12,13}")
_DATE_AND_TIME = re.compile(r"\d{4}-?\d\d-?\d\d[T ]\d\d(:?\d\d.*)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_time(text: str, zone: tzinfo) -> datetime | None:
    """UTC, or None where no time is given; without an offset it is `zone`'s. Raises InvalidParams."""
    text = text.strip()
    if not text:
        return None
    try:
        return _read(text, zone)
    except (ValueError, OverflowError):
        raise InvalidParams(
            "time: must be ISO 8601, YYYY-MM-DD HH:MM[:SS], or Unix seconds or milliseconds", path="time"
        ) from None


def _read(text: str, zone: tzinfo) -> datetime:
    if _SECONDS.fullmatch(text):
        return _EPOCH + timedelta(seconds=int(text))
    if _MILLISECONDS.fullmatch(text):
        return _EPOCH + timedelta(milliseconds=int(text))
    if not _DATE_AND_TIME.fullmatch(text.upper()):
        raise ValueError(text)
    at = datetime.fromisoformat(text.upper())
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
