"""What is done to one member of a conference: removal, mute and pause [3.4, 3.6, 3.7].

Mute: nobody hears the member. Pause: the member hears nobody. Every method is a part of one change of the ledger.
"""

from __future__ import annotations

from hub.simulator.calls import Calls
from hub.simulator.ledger import Ledger
from hub.simulator.media import Media
from hub.simulator.rows import Attributes, member

MUTE, PAUSE, UNMUTE, RESUME = "4", "5", "14", "15"
"""`notifytype` [5.4]."""


class Members:
    def __init__(self, ledger: Ledger, media: Media, calls: Calls) -> None:
        self._ledger = ledger
        self._media = media
        self._calls = calls

    async def quit(self, attributes: Attributes) -> dict[str, str]:
        """A phone has nowhere else to go, so it is hung up [3.4]."""
        _, call = await member(self._ledger, attributes)
        await self._calls.leave(call, attributes.get("action", ""))
        return {}

    async def mute(self, attributes: Attributes) -> dict[str, str]:
        return await self._set("UPDATE calls SET is_muted = 1 WHERE callid = ?", attributes, MUTE)

    async def unmute(self, attributes: Attributes) -> dict[str, str]:
        return await self._set("UPDATE calls SET is_muted = 0 WHERE callid = ?", attributes, UNMUTE)

    async def pause(self, attributes: Attributes) -> dict[str, str]:
        return await self._set("UPDATE calls SET is_paused = 1 WHERE callid = ?", attributes, PAUSE)

    async def resume(self, attributes: Attributes) -> dict[str, str]:
        """Who hears again may speak only if `speak` is 1; it is 0 unless given [3.7]."""
        speak = attributes.get("speak") == "1"
        sql = f"UPDATE calls SET is_paused = 0, is_muted = {int(not speak)} WHERE callid = ?"  # noqa: S608 - 0 or 1
        return await self._set(sql, attributes, RESUME)

    async def _set(self, sql: str, attributes: Attributes, notifytype: str) -> dict[str, str]:
        conference, call = await member(self._ledger, attributes)
        await self._ledger.write(sql, call.callid)
        await self._media.report(conference, attributes.get("action", ""), notifytype, callid=call.callid)
        return {}
