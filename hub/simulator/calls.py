"""Calls: dialled or dialled in, answered or not, in a conference and out of it [3.3, 3.4, 3.11, 5.3].

Every method is a part of one change of the ledger. What comes too late for its call does nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hub.simulator.chance import Chance
from hub.simulator.clock import CHINA, china_time
from hub.simulator.codes import Refused
from hub.simulator.conferences import Conferences
from hub.simulator.ledger import Ledger
from hub.simulator.notices import Notices
from hub.simulator.numbers import RESULTS, Numbers
from hub.simulator.rows import Attributes, Call, Conference, find_call, find_conference, running

MOST_NUMBERS = 20
"""In one invitation, separated by # [3.3]."""

FAILED = RESULTS["failed"]
CALL_RESULTS: Mapping[str, str] = {"": "0", RESULTS["no_answer"]: "1"}
"""`state` of CallResult by our result; every other is 2, failed [3.3]."""


class Calls:
    def __init__(
        self, ledger: Ledger, notices: Notices, conferences: Conferences, numbers: Numbers, chance: Chance
    ) -> None:
        self._ledger = ledger
        self._notices = notices
        self._conferences = conferences
        self._numbers = numbers
        self._chance = chance

    # Commands --------------------------------------------------------------------------------------------------------

    async def invite(self, attributes: Attributes) -> dict[str, str]:
        """The form of callSid for several numbers is not known [12]: here as the numbers are."""
        conference = await running(self._ledger, attributes)
        numbers = [number.strip() for number in attributes.get("number", "").split("#") if number.strip()]
        if not 1 <= len(numbers) <= MOST_NUMBERS:
            raise Refused("110026")
        callids = [await self._dial(conference, number, attributes) for number in numbers]
        return {"callSid": "#".join(callids)}

    async def _dial(self, conference: Conference, number: str, attributes: Attributes) -> str:
        callid = await self._insert(conference, number, attributes)
        await self._numbers.ring(callid, number)
        return callid

    async def _insert(self, conference: Conference, number: str, attributes: Attributes) -> str:
        """A conference has one host: the last one named [3.3]."""
        callid = datetime.now(CHINA).strftime("%y%m%d%H%M%S") + self._chance.hex("call", number, 20)
        is_host = attributes.get("role") == "1"
        if is_host:
            await self._ledger.write("UPDATE calls SET is_host = 0 WHERE confid = ?", conference.confid)
        await self._ledger.write(
            "INSERT INTO calls (callid, confid, number, state, since, attributes, is_host, is_muted)"
            " VALUES (?, ?, ?, 'ringing', ?, ?, ?, ?)",
            *(callid, conference.confid, number, china_time(), json.dumps(dict(attributes))),
            *(is_host, attributes.get("speak") == "0"),
        )
        return callid

    async def join(self, attributes: Attributes) -> dict[str, str]:
        """A call that is in a conference moves into another one [3.11]; one that is there already stays."""
        conference = await running(self._ledger, attributes)
        call = await find_call(self._ledger, attributes.get("callid", ""), "inside")
        if call is not None and call.confid == conference.confid:
            return {}
        if call is None or await self._is_full(conference.confid):
            raise Refused("110127")
        await self.leave(call, "")
        await self._enter(call._replace(confid=conference.confid, attributes=attributes), conference)
        return {}

    async def result(self, callid: str) -> dict[str, Any]:
        """A call that still rings has no state yet [3.3]; its time here is the moment of its last change."""
        row = await self._ledger.one("SELECT state, result, since FROM calls WHERE callid = ?", callid)
        if row is None:
            raise Refused("110127")
        state, result, since = row
        said = {} if state == "ringing" else {"state": CALL_RESULTS.get(result, "2")}
        return {"CallResult": {**said, "callTime": since}}

    # What happens in time, or because somebody says so ---------------------------------------------------------------

    async def answer(self, callid: str, hang_up_after: str) -> None:
        """The call enters, unless the conference is full [3.2]."""
        call = await find_call(self._ledger, callid, "ringing")
        conference = call and await find_conference(self._ledger, str(call.confid))
        if call is None or conference is None:
            return
        if await self._is_full(call.confid):
            await self.fail(callid, FAILED)
            return
        await self._enter(call, conference)
        if hang_up_after:
            await self._ledger.later(float(hang_up_after), "hang up", callid)

    async def fail(self, callid: str, result: str) -> None:
        call = await find_call(self._ledger, callid, "ringing")
        if call:
            sql = "UPDATE calls SET state = 'over', since = ?, result = ? WHERE callid = ?"
            await self._ledger.write(sql, china_time(), result, callid)
            await self._notices.send(call.confid, call.attributes.get("action", ""), call.fields(result=result))

    async def hang_up(self, callid: str, _: str = "") -> None:
        call = await find_call(self._ledger, callid, "inside")
        if call:
            await self.leave(call, "")

    async def dial_in(self, conference: Conference, number: str) -> str | None:
        """Somebody calls the conference; None if it is full."""
        if await self._is_full(conference.confid):
            return None
        callid = await self._insert(conference, number, {})
        await self._enter(Call(callid, conference.confid, number, "ringing", "", {}), conference)
        return callid

    async def leave(self, call: Call, word: str) -> None:
        """Out of the conference; the last one out closes it [3.2]."""
        sql = "UPDATE calls SET state = 'over', since = ? WHERE callid = ?"
        await self._ledger.write(sql, china_time(), call.callid)
        conference = await find_conference(self._ledger, str(call.confid))
        own = conference.word("quiturl") if conference else ""
        await self._notices.send(call.confid, word or own, call.fields(quittime=china_time()))
        await self._conferences.close_if_empty(call.confid)

    async def _enter(self, call: Call, conference: Conference) -> None:
        now = china_time()
        sql = "UPDATE calls SET state = 'inside', since = ?, confid = ? WHERE callid = ?"
        await self._ledger.write(sql, now, conference.confid, call.callid)
        told = call.fields(jointime=now)
        await self._notices.send(call.confid, call.attributes.get("joinurl", "") or conference.word("joinurl"), told)
        await self._notices.send(call.confid, call.attributes.get("action", ""), told | {"result": "0"})
        await self._conferences.begin(conference)

    async def _is_full(self, confid: int) -> bool:
        row = await self._ledger.one(
            "SELECT count(*) >= maxmember FROM conferences JOIN calls USING (confid)"
            " WHERE confid = ? AND state = 'inside'",
            confid,
        )
        return bool(row and row[0])
