from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hub.api.times import read_time
from hub.errors import InvalidParams

CHINA = ZoneInfo("Asia/Shanghai")
SIX = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T18:00:00",
        "2026-11-23T18:00",
        "2026-11-23T18:00:00+08:00",
        "2026-11-23T10:00:00Z",
        "2026-11-23t10:00:00.000z",
        "20261123T180000",
        "20261123T1000Z",
        "2026-11-23 18:00",
        "2026-11-23 18:00:00",
        " 2026-11-23 18:00 ",
        "1795428000",
        "1795428000000",
    ],
)
def test_every_form_means_the_same(text: str) -> None:
    assert read_time(text, CHINA) == SIX


def test_without_an_offset_it_is_the_settings_zone() -> None:
    assert read_time("2026-11-23 10:00", ZoneInfo("UTC")) == SIX


@pytest.mark.parametrize("text", ["", " "])
def test_nothing_is_now(text: str) -> None:
    assert read_time(text, CHINA) is None


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "18:00",
        "2026-11-23",
        "2026-11-23x18:00",
        "2026-13-23 18:00",
        "2026-11-23 25:00",
        "2026/11/23 18:00",
        "20261123180000",
        "-1795428000",
        "1795428000.5",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+12:00",
        "１７９５４２８０００",
        "2026-11-23T18:00:00+99:00",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        read_time(text, CHINA)
    assert caught.value.data == {"path": "time"}
