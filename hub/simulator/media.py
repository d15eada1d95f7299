"""Playing, recording, volume, and the notices that tell of them [3.8, 5.4].

A recording that is under way ends with its conference. What was not going on cannot be stopped: the command is
accepted and its notice says that it failed.
"""

from __future__ import annotations

import time

from hub.simulator.ledger import Ledger
from hub.simulator.notices import Notices
from hub.simulator.rows import Attributes, Conference, find_conference, running, says, whole

PLAY_S = 3.0
"""How long any file plays once."""

PLAY, RECORD, LOUDER, STOP_PLAY, STOP_RECORD, QUIETER = "1", "2", "3", "11", "12", "13"
"""`notifytype` [5.4]; `state` has the same numbers for playing, recording, and the end of both."""

DONE, FAILED = "0", "1"


class Media:
    def __init__(self, ledger: Ledger, notices: Notices) -> None:
        self._ledger = ledger
        self._notices = notices

    async def report(self, conference: Conference, word: str, notifytype: str, result: str = DONE, **more: str) -> None:
        """To the command's own address, or to the conference's."""
        told = {"confid": str(conference.confid), "notifytype": notifytype, "result": result, **more}
        await self._notices.send(conference.confid, word or conference.word("mediaopturl"), told)

    # Commands --------------------------------------------------------------------------------------------------------

    async def play(self, attributes: Attributes) -> dict[str, str]:
        """`loop`: 0 plays nothing, -1 plays until it is stopped."""
        conference = await running(self._ledger, attributes)
        await self.start_play(conference, attributes)
        return {}

    async def start_play(self, conference: Conference, attributes: Attributes) -> None:
        loops = attributes.get("loop", "1")
        await self._stop_playing(conference)
        if loops != "0":
            await self._ledger.write("UPDATE conferences SET is_playing = 1 WHERE confid = ?", conference.confid)
            await self.report(conference, attributes.get("action", ""), PLAY, state=PLAY)
        if loops != "-1":
            word = attributes.get("playcompleteurl", "")
            await self._ledger.later(PLAY_S * (whole(loops) or 0), "play over", str(conference.confid), word)

    async def stop_play(self, attributes: Attributes) -> dict[str, str]:
        conference = await running(self._ledger, attributes)
        await self._stop_playing(conference)
        result = DONE if conference.is_playing else FAILED
        await self.report(conference, attributes.get("action", ""), STOP_PLAY, result, state=STOP_PLAY)
        return {}

    async def record(self, attributes: Attributes) -> dict[str, str]:
        """`time` in seconds; without it the recording ends with the conference."""
        conference = await running(self._ledger, attributes)
        if conference.recording_since is not None:
            await self.report(conference, attributes.get("action", ""), RECORD, FAILED)
            return {}
        await self.start_record(conference, attributes.get("action", ""))
        if seconds := whole(attributes.get("time", "")):
            word = attributes.get("timeoutrecordurl", "")
            await self._ledger.later(seconds, "record over", str(conference.confid), word)
        return {}

    async def start_record(self, conference: Conference, word: str = "") -> None:
        await self._ledger.write(
            "UPDATE conferences SET recording_since = ? WHERE confid = ?", time.time(), conference.confid
        )
        await self.report(conference, word, RECORD, state=RECORD)

    async def stop_record(self, attributes: Attributes) -> dict[str, str]:
        conference = await running(self._ledger, attributes)
        if conference.recording_since is None:
            await self.report(conference, attributes.get("action", ""), STOP_RECORD, FAILED)
        await self.end_record(conference, attributes.get("action", ""))
        return {}

    async def adjust_volume(self, attributes: Attributes) -> dict[str, str]:
        conference = await running(self._ledger, attributes)
        notifytype = LOUDER if says(attributes, "adjusttype") else QUIETER
        await self.report(conference, attributes.get("action", ""), notifytype)
        return {}

    # What happens in time --------------------------------------------------------------------------------------------

    async def play_is_over(self, confid: str, word: str) -> None:
        """To playcompleteurl [3.8]; its fields are not known [5.3]."""
        conference = await find_conference(self._ledger, confid)
        if conference and not conference.is_over:
            await self._stop_playing(conference)
            fields = {"confid": confid, "notifytype": PLAY, "result": DONE, "state": STOP_PLAY}
            await self._notices.send(conference.confid, word, fields)

    async def record_is_over(self, confid: str, word: str) -> None:
        conference = await find_conference(self._ledger, confid)
        if conference and not conference.is_over:
            await self.end_record(conference, word)

    async def end_record(self, conference: Conference, word: str) -> None:
        """The only notice with the address of a recording [5.4]."""
        since = conference.recording_since
        if since is not None:
            await self._ledger.write(
                "UPDATE conferences SET recording_since = NULL WHERE confid = ?", conference.confid
            )
            await self._ledger.cancel("record over", str(conference.confid))
            lasted = str(round((time.time() - since) * self._ledger.speed))
            url = f"{self._ledger.address}/recordings/{conference.confid}-{int(since)}.wav"
            await self.report(conference, word, STOP_RECORD, state=STOP_RECORD, recordurl=url, recordduration=lasted)

    async def _stop_playing(self, conference: Conference) -> None:
        await self._ledger.write("UPDATE conferences SET is_playing = 0 WHERE confid = ?", conference.confid)
        await self._ledger.cancel("play over", str(conference.confid))
