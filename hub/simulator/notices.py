"""Notices to the application, as they are put down to be delivered: their fields, their lane, and what spoils them.

Faults bend a notice here, in the change that it tells of, so that a crash neither repeats nor forgets the throw.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from hub.simulator.faults import Faults
from hub.simulator.ledger import Ledger

TIMES = frozenset({"createtime", "jointime", "quittime", "deltime"})


class Notice(NamedTuple):
    """A callback to deliver, not before `due`. `word` is relative to the application's address [5.1]."""

    id: int
    lane: str
    word: str
    fields: Mapping[str, str]
    form: str
    due: float


class Bend(NamedTuple):
    """What a fault does to a notice (seconds are scaled already) that has one field and lacks another."""

    change: Callable[[Notice, float], Notice | None]
    has: str = "confid"
    lacks: str = ""


def kind_of(word: str) -> str:
    """`join` of `/webhooks/join-7`: what a fault's `only` compares with."""
    return word.partition("?")[0].rpartition("/")[2].partition("-")[0]


class Notices:
    def __init__(self, ledger: Ledger, faults: Faults) -> None:
        self._ledger = ledger
        self._faults = faults

    async def send(self, confid: int, word: str, fields: Mapping[str, str]) -> None:
        """Inside a change. An empty word means that nobody wants to know [5.1]."""
        notice: Notice | None = Notice(0, str(confid), word, fields, "query", 0.0)
        for name, bend in BENDS.items():
            if not word or notice is None:
                return
            if bend.has in notice.fields and bend.lacks not in notice.fields:
                seconds = await self._faults.strikes(name, kind_of(word))
                notice = notice if seconds is None else bend.change(notice, self._ledger.scaled(seconds))
        if word and notice:
            is_doubled = await self._faults.strikes("callback_duplicated", kind_of(word)) is not None
            for _ in range(1 + is_doubled):
                await self._put(notice)

    async def _put(self, notice: Notice) -> None:
        await self._ledger.write(
            "INSERT INTO notices (lane, word, fields, form, due) VALUES (?, ?, ?, ?, ?)",
            *(notice.lane, notice.word, json.dumps(notice.fields), notice.form, notice.due),
        )

    async def waiting(self) -> list[Notice]:
        """The oldest notice of every lane that has any."""
        rows = await self._ledger.read("SELECT min(id), lane, word, fields, form, due FROM notices GROUP BY lane")
        return [Notice(id, lane, word, json.loads(fields), form, due) for id, lane, word, fields, form, due in rows]

    async def settle(self, notice: Notice, *, taken: bool, tries: int) -> None:
        """Forget a notice that was taken, or that has been tried `tries` times."""
        async with self._ledger.change():
            await self._ledger.write("UPDATE notices SET tries = tries + 1 WHERE id = ?", notice.id)
            await self._ledger.write("DELETE FROM notices WHERE id = ? AND (? OR tries >= ?)", notice.id, taken, tries)


def _without(*names: str) -> Callable[[Notice, float], Notice]:
    def bend(notice: Notice, _: float) -> Notice:
        return notice._replace(fields={name: value for name, value in notice.fields.items() if name not in names})

    return bend


def _as(form: str) -> Callable[[Notice, float], Notice]:
    return lambda notice, _: notice._replace(form=form)


def _drop(notice: Notice, _: float) -> None:
    return None


def _with_jointime(notice: Notice, _: float) -> Notice:
    renamed = {"jointime" if name == "quittime" else name: value for name, value in notice.fields.items()}
    return notice._replace(fields=renamed)


def _with_result(notice: Notice, _: float) -> Notice:
    return notice._replace(fields={**notice.fields, "result": "0"})


def _delay(notice: Notice, seconds: float) -> Notice:
    return notice._replace(due=time.time() + seconds)


def _step_aside(notice: Notice, seconds: float) -> Notice:
    """Into a lane of its own."""
    now = time.time()
    return notice._replace(lane=f"{notice.lane}/{notice.word}/{now}", due=now + seconds)


BENDS: Mapping[str, Bend] = {
    "callback_dropped": Bend(_drop),
    "callback_result_on_join": Bend(_with_result, has="jointime", lacks="result"),
    "callback_with_jointime": Bend(_with_jointime, has="quittime"),
    "callback_without_time": Bend(_without(*TIMES)),
    "callback_without_callid": Bend(_without("callid"), has="callid"),
    "callback_as_form": Bend(_as("form")),
    "callback_as_xml": Bend(_as("xml")),
    "callback_delayed": Bend(_delay),
    "callback_reordered": Bend(_step_aside),
}
"""In the order in which they are asked; callback_duplicated comes last."""
