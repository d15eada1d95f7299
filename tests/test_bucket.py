from __future__ import annotations

import pytest

from hub.bucket import Buckets


def test_each_has_their_own() -> None:
    now = [0.0]
    buckets = Buckets(1, 2, lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]
    assert buckets.take("b") == 0
    now[0] = 2.0
    assert buckets.take("a", 2) == 0


def test_no_more_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Buckets, "MOST", 2)
    buckets = Buckets(1, 1, lambda: 0.0)
    for each in ("a", "b", "a", "c"):
        buckets.take(each)
    assert {each: buckets.take(each) > 0 for each in ("a", "c")} == {"a": True, "c": True}
    assert buckets.take("b") == 0
