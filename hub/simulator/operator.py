"""What somebody at the controls of the world can do, and the orders they give in JSON.

An order is one change of the ledger, or a part of one. The notices that follow are those of the natural course.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from hub.simulator.calls import Calls
from hub.simulator.conferences import Conferences
from hub.simulator.faults import FAULTS, Faults
from hub.simulator.ledger import Ledger
from hub.simulator.numbers import RESULTS
from hub.simulator.rows import Conference, find_conference

Seconds = Annotated[float, Meta(ge=0)]
Text = Annotated[str, Meta(min_length=1)]
Cause = Literal["busy", "no_answer", "rejected", "failed"]


class NotDone(Exception):
    """An order that was not carried out, and why. `status` as in HTTP: 400 is a wrong order, 404 finds nobody."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Order(Struct, forbid_unknown_fields=True, kw_only=True):
    """`number` may be a callid; of several calls that fit, the newest is meant."""


class Answer(Order):
    number: Text


class Fail(Order):
    number: Text
    cause: Cause = msgspec.field(name="as", default="busy")


class HangUp(Order):
    number: Text


class DialIn(Order):
    number: Text
    confid: str = ""


class Delete(Order):
    confid: str = ""


class SwitchOn(Order):
    """A probability, or the n-th occasion; neither: always."""

    name: str
    only: str = ""
    probability: Annotated[float, Meta(ge=0, le=1)] | None = None
    nth: Annotated[int, Meta(ge=1)] | None = None
    seconds: Seconds | None = None


class Mend(Order):
    name: str = ""


class Operator:
    def __init__(self, ledger: Ledger, conferences: Conferences, calls: Calls, faults: Faults) -> None:
        self._ledger = ledger
        self._conferences = conferences
        self._calls = calls
        self._faults = faults
        self.orders: Mapping[str, tuple[type[Order], Callable[[Any], Awaitable[dict[str, str]]]]] = {
            "answer": (Answer, self.answer),
            "fail": (Fail, self.fail),
            "hangup": (HangUp, self.hang_up),
            "dial-in": (DialIn, self.dial_in),
            "delete": (Delete, self.delete),
            "fault": (SwitchOn, self.switch_on),
            "mend": (Mend, self.mend),
        }

    def read(self, name: str, said: Mapping[str, Any], place: str = "") -> Order:
        """Raises NotDone with the place of what is wrong."""
        if name not in self.orders:
            raise NotDone(400, f"{place}there is no order {name!r}; there are {', '.join(self.orders)}")
        try:
            order = msgspec.convert(said, self.orders[name][0])
        except msgspec.ValidationError as error:
            raise NotDone(400, f"{place}{error}") from None
        if isinstance(order, SwitchOn):
            check_fault(order, place)
        return order

    async def carry_out(self, name: str, order: Order) -> dict[str, str]:
        return await self.orders[name][1](order)

    async def answer(self, order: Answer) -> dict[str, str]:
        callid, _ = await self._find(order.number, "ringing")
        await self._calls.answer(callid, "")
        return {"callid": callid}

    async def fail(self, order: Fail) -> dict[str, str]:
        callid, _ = await self._find(order.number, "ringing")
        await self._calls.fail(callid, RESULTS[order.cause])
        return {"callid": callid}

    async def hang_up(self, order: HangUp) -> dict[str, str]:
        """Whoever is still ringing rejects the call."""
        callid, state = await self._find(order.number, "ringing", "inside")
        if state == "ringing":
            await self._calls.fail(callid, RESULTS["rejected"])
        else:
            await self._calls.hang_up(callid)
        return {"callid": callid}

    async def dial_in(self, order: DialIn) -> dict[str, str]:
        conference = await self._conference(order.confid)
        callid = await self._calls.dial_in(conference, order.number)
        if callid is None:
            raise NotDone(400, f"conference {conference.confid} is full")
        return {"callid": callid}

    async def delete(self, order: Delete) -> dict[str, str]:
        conference = await self._conference(order.confid)
        await self._conferences.end(str(conference.confid))
        return {"confid": str(conference.confid)}

    async def switch_on(self, order: SwitchOn) -> dict[str, str]:
        probability = 1.0 if order.probability is None else order.probability
        seconds = FAULTS[order.name].seconds if order.seconds is None else order.seconds
        await self._faults.switch_on(order.name, order.only, probability, order.nth, seconds)
        return {"name": order.name, "only": order.only}

    async def mend(self, order: Mend) -> dict[str, str]:
        if order.name and order.name not in FAULTS:
            raise NotDone(404, f"there is no fault {order.name!r}")
        await self._faults.mend(order.name)
        return {}

    async def _find(self, number: str, *states: str) -> tuple[str, str]:
        """(callid, state) of the newest call with this number or callid in one of these states."""
        rows = await self._ledger.rows(
            "SELECT callid, state FROM calls WHERE number = ? OR callid = ? ORDER BY rowid DESC", number, number
        )
        for callid, state in rows:
            if state in states:
                return callid, state
        raise NotDone(404, f"no call of {number} is {' or '.join(states)}")

    async def _conference(self, confid: str) -> Conference:
        """This one, or the newest that runs."""
        if not confid:
            (newest,) = await self._ledger.one("SELECT max(confid) FROM conferences WHERE NOT is_over")
            confid = str(newest or "")
        conference = await find_conference(self._ledger, confid)
        if conference is None or conference.is_over:
            raise NotDone(404, f"no conference {confid} is running" if confid else "no conference is running")
        return conference


def check_fault(order: SwitchOn, place: str = "") -> None:
    """Raises NotDone."""
    if order.name not in FAULTS:
        raise NotDone(400, f"{place}there is no fault {order.name!r}; there are {', '.join(FAULTS)}")
    if order.probability is not None and order.nth is not None:
        raise NotDone(400, f"{place}a fault has a probability or an nth, not both")
