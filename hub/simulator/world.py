"""The world that the platform plays: conferences, calls, and what happens to them in time.

Numbers in brackets are sections of the provider notes.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta, timezone

from hub.simulator.ledger import Ledger

CHINA = timezone(timedelta(hours=8))
FIRST_CONFID = 60000001
IDLE_S = 600.0
"""A conference that nobody has joined for so long is deleted [3.2]."""

DEFAULT_MAXMEMBER = 3
MAXMEMBER = range(3, 301)

NO_ANSWER, FAILED, BUSY, REJECTED = "1", "2", "3", "4"
"""`result` of an invitation. The first two follow CallResult [3.3]; for the others no source gives a value."""

FATES: Mapping[str, tuple[float, str, str]] = {
    "9001": (2.0, "fail", BUSY),
    "9002": (30.0, "fail", NO_ANSWER),
    "9003": (3.0, "fail", REJECTED),
    "9004": (2.0, "answer", "5"),
    "9005": (2.0, "fail", FAILED),
    "9006": (30.0, "answer", ""),
}
"""By a number's last four digits: after how many seconds what happens; for an answer, when they hang up again."""


class Refused(Exception):
    """The platform says no: a status code and its sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class World:
    def __init__(self, ledger: Ledger, dice: random.Random) -> None:
        self.ledger = ledger
        self.sid, self.token, self.app_id = ledger.account
        self._dice = dice

    # What the REST API asks ------------------------------------------------------------------------------------------

    async def create_sub_account(self, name: str) -> dict[str, str]:
        async with self.ledger.change():
            if await self.ledger.one("SELECT 1 FROM sub_accounts WHERE name = ?", name):
                raise Refused("111150", "【账号】子账户名称重复")
            voip = f"{80000000000000 + self._dice.randrange(10**12)}"
            made = (name, secrets.token_hex(16), secrets.token_hex(16), voip, secrets.token_hex(4), _china_time())
            await self.ledger.write("INSERT INTO sub_accounts VALUES (?, ?, ?, ?, ?, ?)", *made)
        return await self.query_sub_account(name)

    async def query_sub_account(self, name: str) -> dict[str, str]:
        rows = await self.ledger.read("SELECT sid, token, created, voip, pwd FROM sub_accounts WHERE name = ?", name)
        if not rows:
            raise Refused("111144", "【账号】子账户不存在")
        return dict(zip(("subAccountSid", "subToken", "dateCreated", "voipAccount", "voipPwd"), rows[0], strict=True))

    async def create_conf(self, attributes: Mapping[str, str]) -> dict[str, str]:
        """Refuses a maxmember outside 3 to 300 [3.2]."""
        most = attributes.get("maxmember") or str(DEFAULT_MAXMEMBER)
        if not most.isdecimal() or int(most) not in MAXMEMBER:
            raise Refused("110092", "【会议】最大会议人数非法")
        words = {kind: attributes.get(name, "") for kind, name in _CREATE_WORDS.items()}
        async with self.ledger.change():
            (last,) = await self.ledger.one("SELECT max(confid) FROM conferences")
            confid = last + 1 if last else FIRST_CONFID
            await self.ledger.write(
                "INSERT INTO conferences (confid, maxmember, words) VALUES (?, ?, ?)",
                confid,
                most,
                json.dumps(words),
            )
            await self.ledger.later(IDLE_S, "idle", str(confid))
        return {"confid": str(confid), "voiptoconfid": f"9{confid}"}

    async def dismiss(self, confid: str, attributes: Mapping[str, str]) -> dict[str, str]:
        """With autohangup no quit is sent for the members [3.5]."""
        async with self.ledger.change():
            await self._running(confid)
            await self._delete(int(confid), word=attributes.get("delurl", ""))
        return {"confid": confid}

    async def invite(self, confid: str, attributes: Mapping[str, str]) -> dict[str, str]:
        number = attributes.get("number", "")
        if not number:
            raise Refused("110026", "【会议】邀请号码为空")
        words = {kind: attributes.get(name, "") for kind, name in _INVITE_WORDS.items()}
        callid = datetime.now(CHINA).strftime("%y%m%d%H%M%S") + secrets.token_hex(10)
        wait, what, detail = FATES.get(number[-4:], (self._dice.uniform(2.0, 4.0), "answer", ""))
        async with self.ledger.change():
            await self._running(confid)
            await self.ledger.write(
                "INSERT INTO calls (callid, confid, number, state, words) VALUES (?, ?, ?, 'ringing', ?)",
                callid,
                int(confid),
                number,
                json.dumps(words),
            )
            await self.ledger.later(wait, what, callid, detail)
        return {"callSid": callid}

    async def quit(self, confid: str, attributes: Mapping[str, str]) -> dict[str, str]:
        async with self.ledger.change():
            await self._running(confid)
            callid = await self._member(confid, attributes)
            await self._leave(callid, word=attributes.get("action", ""))
        return {}

    async def mute(self, confid: str, attributes: Mapping[str, str], is_muted: bool) -> dict[str, str]:
        async with self.ledger.change():
            words = await self._running(confid)
            callid = await self._member(confid, attributes)
            await self.ledger.write("UPDATE calls SET is_muted = ? WHERE callid = ?", is_muted, callid)
            report = {"confid": confid, "callid": callid, "notifytype": "4" if is_muted else "14", "result": "0"}
            await self.ledger.notify(int(confid), attributes.get("action") or words["media"], report)
        return {}

    async def query(self, confid: str) -> dict[str, str]:
        inside = "SELECT count(*) FROM calls WHERE calls.confid = conferences.confid AND state = 'inside'"
        running = f"SELECT ({inside}) FROM conferences WHERE confid = ? AND NOT is_over"  # noqa: S608 - constant
        rows = await self.ledger.read(running, _number(confid))
        if not rows:
            raise _no_conference()
        return {"state": "1", "count": str(rows[0][0])}

    # What happens in time --------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Let things happen when they are due, until cancelled."""
        while True:
            id, what, target, detail = await self.ledger.next_due()
            async with self.ledger.change():
                await self.ledger.has_happened(id)
                await self._happen(what, target, detail)

    async def _happen(self, what: str, target: str, detail: str) -> None:
        happenings: dict[str, Callable[[str, str], Awaitable[None]]] = {
            "answer": self._answer,
            "fail": self._fail,
            "hang up": self._hang_up,
            "idle": self._idle,
        }
        await happenings[what](target, detail)

    async def _answer(self, callid: str, hangs_up_after: str) -> None:
        """The call enters, unless the conference is full [3.2]."""
        call = await self._call(callid, "ringing")
        if call is None:
            return
        confid, number, words = call
        if await self._is_full(confid):
            await self._fail(callid, FAILED)
            return
        await self.ledger.write("UPDATE calls SET state = 'inside' WHERE callid = ?", callid)
        await self.ledger.write("UPDATE conferences SET had_member = 1 WHERE confid = ?", confid)
        told = {"confid": str(confid), "callid": callid, "number": number, "jointime": _china_time()}
        own = await self._words(confid)
        await self.ledger.notify(confid, words["join"] or own["join"], told)
        await self.ledger.notify(confid, words["result"], told | {"result": "0"})
        if hangs_up_after:
            await self.ledger.later(float(hangs_up_after), "hang up", callid)

    async def _fail(self, callid: str, result: str) -> None:
        call = await self._call(callid, "ringing")
        if call:
            confid, number, words = call
            await self.ledger.write("UPDATE calls SET state = 'over' WHERE callid = ?", callid)
            told = {"confid": str(confid), "callid": callid, "number": number, "result": result}
            await self.ledger.notify(confid, words["result"], told)

    async def _hang_up(self, callid: str, _: str) -> None:
        if await self._call(callid, "inside"):
            await self._leave(callid)

    async def _idle(self, confid: str, _: str) -> None:
        found = await self.ledger.one("SELECT had_member, is_over FROM conferences WHERE confid = ?", int(confid))
        if found and not found[0] and not found[1]:
            await self._delete(int(confid))

    async def _leave(self, callid: str, word: str = "") -> None:
        """Out of the conference; the last one out closes it [3.2]."""
        call = await self._call(callid, "inside")
        if call is None:
            return
        confid, number, _ = call
        await self.ledger.write("UPDATE calls SET state = 'over' WHERE callid = ?", callid)
        told = {"confid": str(confid), "callid": callid, "number": number, "quittime": _china_time()}
        own = await self._words(confid)
        await self.ledger.notify(confid, word or own["quit"], told)
        if not await self.ledger.one("SELECT 1 FROM calls WHERE confid = ? AND state = 'inside'", confid):
            await self._delete(confid)

    async def _delete(self, confid: int, word: str = "") -> None:
        own = await self._words(confid)
        await self.ledger.write("UPDATE conferences SET is_over = 1 WHERE confid = ?", confid)
        await self.ledger.write("UPDATE calls SET state = 'over' WHERE confid = ?", confid)
        await self.ledger.notify(confid, word or own["stop"], {"confid": str(confid), "deltime": _china_time()})

    # Reading and changing --------------------------------------------------------------------------------------------

    async def _running(self, confid: str) -> dict[str, str]:
        """The callback words of a conference that exists and is not over."""
        sql = "SELECT words FROM conferences WHERE confid = ? AND NOT is_over"
        found = await self.ledger.one(sql, _number(confid))
        if not found:
            raise _no_conference()
        words: dict[str, str] = json.loads(found[0])
        return words

    async def _words(self, confid: int) -> dict[str, str]:
        found = await self.ledger.one("SELECT words FROM conferences WHERE confid = ?", confid)
        words: dict[str, str] = json.loads(found[0]) if found else {}
        return words

    async def _member(self, confid: str, attributes: Mapping[str, str]) -> str:
        callid = attributes.get("callid", "")
        call = await self._call(callid, "inside")
        if call is None or call[0] != int(confid):
            raise Refused("110127", "【会议】成员不在会议中")
        return callid

    async def _call(self, callid: str, state: str) -> tuple[int, str, dict[str, str]] | None:
        """(confid, number, callback words) of a call in this state."""
        found = await self.ledger.one(
            "SELECT confid, number, words FROM calls WHERE callid = ? AND state = ?", callid, state
        )
        return (found[0], found[1], json.loads(found[2])) if found else None

    async def _is_full(self, confid: int) -> bool:
        found = await self.ledger.one(
            "SELECT count(*) >= maxmember FROM conferences JOIN calls USING (confid)"
            " WHERE confid = ? AND state = 'inside'",
            confid,
        )
        return bool(found and found[0])


_CREATE_WORDS = {"join": "joinurl", "quit": "quiturl", "stop": "delreporturl", "media": "mediaopturl"}
_INVITE_WORDS = {"join": "joinurl", "result": "action"}


def _number(confid: str) -> int:
    """No conference has the number 0."""
    return int(confid) if confid.isdecimal() and len(confid) < 16 else 0


def _no_conference() -> Refused:
    return Refused("110128", "【会议】会议号不存在")


def _china_time() -> str:
    return datetime.now(CHINA).strftime("%Y%m%d%H%M%S")
