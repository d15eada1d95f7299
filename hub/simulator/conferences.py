"""Conferences: their creation, their state, and the ways in which they end [3.2, 3.5, 3.9, 3.10].

Every method is a part of one change of the ledger.
"""

from __future__ import annotations

import json

from hub.simulator.clock import china_time
from hub.simulator.codes import Refused
from hub.simulator.faults import Faults
from hub.simulator.ledger import Ledger
from hub.simulator.media import Media
from hub.simulator.notices import Notices
from hub.simulator.rows import Attributes, Conference, find_conference, members, running, says, whole

FIRST_CONFID = 60000001
IDLE_S = 600.0
"""A conference that nobody has joined for so long is deleted [3.2]."""

DEFAULT_MAXMEMBER = "3"
MAXMEMBER = range(3, 301)

RUNNING, GONE = "1", "2"
"""`state` of QueryConfState: only the first is known, the second is one of the faults [3.10]."""

NOTIFY, PROMPT, DISMISS = "0", "1", "2"
"""`timeraction` of an alarm [3.9]."""


class Conferences:
    def __init__(self, ledger: Ledger, notices: Notices, media: Media, faults: Faults) -> None:
        self._ledger = ledger
        self._notices = notices
        self._media = media
        self._faults = faults

    # Commands --------------------------------------------------------------------------------------------------------

    async def create(self, attributes: Attributes) -> dict[str, str]:
        """Refuses a maxmember outside 3 to 300 [3.2]."""
        most = whole(attributes.get("maxmember", DEFAULT_MAXMEMBER))
        if most not in MAXMEMBER:
            raise Refused("110092")
        created = china_time()
        confid = await self._insert(most or 0, attributes, created)
        if says(attributes, "autodelete", default=True):
            await self._ledger.later(IDLE_S, "idle", str(confid))
        told = {"confid": str(confid), "callid": "", "createtime": created}
        await self._notices.send(confid, attributes.get("action", ""), told)
        return {"confid": str(confid), "voiptoconfid": f"9{confid}"}

    async def _insert(self, most: int, attributes: Attributes, created: str) -> int:
        (last,) = await self._ledger.one("SELECT max(confid) FROM conferences")
        confid: int = last + 1 if last else FIRST_CONFID
        await self._ledger.write(
            "INSERT INTO conferences (confid, maxmember, attributes, created) VALUES (?, ?, ?, ?)",
            *(confid, most, json.dumps(dict(attributes)), created),
        )
        return confid

    async def dismiss(self, attributes: Attributes) -> dict[str, str]:
        """With autohangup no quit is sent for the members [3.5]."""
        conference = await running(self._ledger, attributes)
        await self._notices.send(
            conference.confid, attributes.get("action", ""), {"confid": str(conference.confid), "status": "0"}
        )
        quits = await self._faults.strikes("dismiss_with_quits", "DismissConf") is not None
        await self.delete(conference, attributes, quits=quits or not says(attributes, "autohangup"))
        is_silent = await self._faults.strikes("dismiss_without_confid", "DismissConf") is not None
        return {} if is_silent else {"confid": str(conference.confid)}

    async def query(self, attributes: Attributes) -> dict[str, str]:
        found = await find_conference(self._ledger, attributes.get("confid", ""))
        if found and found.is_over and await self._faults.strikes("gone_as_state", "QueryConfState") is not None:
            return {"state": GONE, "count": "0"}
        conference = await running(self._ledger, attributes)
        return {"state": RUNNING, "count": str(len(await members(self._ledger, conference.confid)))}

    async def set_alarm(self, attributes: Attributes) -> dict[str, str]:
        conference = await running(self._ledger, attributes)
        seconds = whole(attributes.get("time", ""))
        if not seconds or attributes.get("timeraction", NOTIFY) not in (NOTIFY, PROMPT, DISMISS):
            raise Refused("110127")
        await self._ledger.later(seconds, "alarm", str(conference.confid), json.dumps(dict(attributes)))
        told = {"confid": str(conference.confid), "status": "0"}
        await self._notices.send(conference.confid, attributes.get("action", ""), told)
        return {}

    # What happens in time --------------------------------------------------------------------------------------------

    async def idle(self, confid: str, _: str) -> None:
        """Deletion rule 1: nobody has come [3.2]."""
        row = await self._ledger.one("SELECT had_member, is_over FROM conferences WHERE confid = ?", int(confid))
        if row == (0, 0):
            await self.end(confid)

    async def alarm(self, confid: str, detail: str) -> None:
        conference = await find_conference(self._ledger, confid)
        if conference and not conference.is_over:
            await self._ring(conference, json.loads(detail))

    async def _ring(self, conference: Conference, attributes: Attributes) -> None:
        action = attributes.get("timeraction", NOTIFY)
        if action == DISMISS:
            await self.delete(conference, attributes, quits=not says(attributes, "autohangup"))
        elif action == PROMPT:
            await self._media.start_play(conference, {})
        else:
            word = attributes.get("clockurl", "alarmclock")
            await self._notices.send(conference.confid, word, {"confid": str(conference.confid)})

    async def end(self, confid: str, _: str = "") -> None:
        """By itself: with CreateConf's autohangup nobody's quit is sent, as with DismissConf's [3.2, 3.5]."""
        conference = await find_conference(self._ledger, confid)
        if conference and not conference.is_over:
            await self.delete(conference, {}, quits=not says(conference.attributes, "autohangup"))

    async def begin(self, conference: Conference) -> None:
        """At every join; the first one starts its recording and its clock [3.2]."""
        sql = "UPDATE conferences SET had_member = 1 WHERE confid = ? AND NOT had_member"
        if not await self._ledger.write(sql, conference.confid):
            return
        if says(conference.attributes, "autorecord") and conference.recording_since is None:
            await self._media.start_record(conference)
        if seconds := whole(conference.attributes.get("confduration", "")):
            await self._ledger.later(seconds, "time over", str(conference.confid))

    async def close_if_empty(self, confid: int) -> None:
        """Deletion rule 2: the last one has left [3.2]."""
        conference = await find_conference(self._ledger, str(confid))
        if conference is None or not says(conference.attributes, "autodelete", default=True):
            return
        if not await members(self._ledger, confid):
            await self.delete(conference, {}, quits=False)

    async def delete(self, conference: Conference, attributes: Attributes, *, quits: bool) -> None:
        """`attributes` of the command that ends it: addresses that win over the conference's own."""
        confid = conference.confid
        if quits:
            await self._send_quits(conference, attributes.get("quiturl", ""))
        await self._media.end_record(conference, attributes.get("recordurl", ""))
        await self._ledger.write("UPDATE conferences SET is_over = 1, is_playing = 0 WHERE confid = ?", confid)
        await self._ledger.write("UPDATE calls SET result = '2' WHERE confid = ? AND state = 'ringing'", confid)
        await self._ledger.write("UPDATE calls SET state = 'over' WHERE confid = ?", confid)
        word = attributes.get("delurl", "") or conference.word("delreporturl")
        await self._notices.send(confid, word, {"confid": str(confid), "deltime": china_time()})

    async def _send_quits(self, conference: Conference, word: str) -> None:
        for call in await members(self._ledger, conference.confid):
            told = call.fields(quittime=china_time())
            await self._notices.send(conference.confid, word or conference.word("quiturl"), told)
