"""Scenes: who is called and what they do, what goes wrong, and what happens when, as one JSON object.

A new scene takes the place of the one before: its people, and its steps that have not happened yet. Faults stay until
they are mended. Steps are on the agenda, so a crash does not end a scene.
"""

from __future__ import annotations

import json
import logging
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from hub.simulator.ledger import Ledger
from hub.simulator.numbers import Fate, Numbers
from hub.simulator.operator import NotDone, Operator, Seconds, SwitchOn, check_fault

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Person(Struct, forbid_unknown_fields=True):
    """Seconds from the ringing, and from the answer."""

    after: Seconds | None = None
    then: Literal["answer", "busy", "no_answer", "rejected", "failed", "ring"] = "answer"
    hang_up_after: Seconds | None = None


class Scene(Struct, forbid_unknown_fields=True):
    """A step is an order with `do`, its name, and `after`, in seconds from the step before."""

    faults: list[SwitchOn] = []
    numbers: dict[str, Person] = {}
    steps: list[dict[str, Any]] = []


class Timing(Struct):
    do: str
    after: Seconds = 0.0


class Scenes:
    """Inside a change of the ledger."""

    def __init__(self, ledger: Ledger, numbers: Numbers, operator: Operator) -> None:
        self._ledger = ledger
        self._numbers = numbers
        self._operator = operator

    async def play(self, said: Any) -> None:
        """Raises NotDone, with the place in the scene that is wrong, before anything is done."""
        scene = _read(said, Scene, "the scene")
        for place, fault in enumerate(scene.faults):
            check_fault(fault, f"faults[{place}]: ")
        steps = [self._step(step, f"steps[{place}]: ") for place, step in enumerate(scene.steps)]
        for fault in scene.faults:
            await self._operator.switch_on(fault)
        people = {
            number: Fate(each.after, each.then, each.hang_up_after) for number, each in scene.numbers.items() if number
        }
        await self._numbers.replace(people)
        await self._ledger.write("DELETE FROM agenda WHERE what = 'step'")
        at = 0.0
        for after, name, order in steps:
            at += after
            await self._ledger.later(at, "step", name, order)

    def _step(self, said: dict[str, Any], place: str) -> tuple[float, str, str]:
        """(seconds, name of the order, the order as JSON)."""
        timing = _read(said, Timing, place.removesuffix(": "))
        order = {name: value for name, value in said.items() if name not in ("after", "do")}
        self._operator.read(timing.do, order, place)
        return timing.after, timing.do, json.dumps(order)

    async def step(self, name: str, detail: str) -> None:
        """One whose call or conference is not there is passed over."""
        try:
            await self._operator.carry_out(name, self._operator.read(name, json.loads(detail)))
        except NotDone as error:
            logger.warning("a step of the scene, %s, was passed over: %s", name, error)


def _read(said: Any, kind: type[T], place: str) -> T:
    try:
        return msgspec.convert(said, kind)
    except msgspec.ValidationError as error:
        raise NotDone(400, f"{place}: {error}") from None
