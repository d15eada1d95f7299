"""The hub that the pictures are taken of: its clock hurries, and it works all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.browser.screenshots import a_hub


async def test_a_hub_whose_clock_hurries_works() -> None:
    async with a_hub() as hub:
        created = await hub.post("createConf", id="mia", appid="demo", name="Later")
        assert created["status"] == 1
        begun = (await hub.post("getConf", id=created["id"]))["startedAt"]
        assert datetime.fromisoformat(begun) > datetime.now(UTC) + timedelta(seconds=10)
