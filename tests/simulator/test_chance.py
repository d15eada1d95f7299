"""Chances: repeatable where a seed is given."""

from __future__ import annotations

from time import time
from typing import Any

import pytest

from hub.simulator.chance import Chance
from tests.simulator.conftest import Run
from tests.simulator.doubles import Client

TIMESTAMP = 12
"""A callid begins with the moment of its call [3.2]; the rest is chance."""


async def _live(client: Client, numbers: list[str]) -> dict[str, Any]:
    """What chance decides, by number."""
    await client.control("fault", name="callback_dropped", only="invite", probability=0.5)
    confid = await client.create()
    began = time()
    dialled = {number: (await client.invite(confid, number))[TIMESTAMP:] for number in numbers}
    account = (await client.json("SubAccounts", friendlyName="mia"))["SubAccount"]
    account.pop("dateCreated")
    rows = await client.world.ledger.read("SELECT number, due FROM agenda JOIN calls ON target = callid")
    waits = {number: due - began for number, due in rows}
    return {"dialled": dialled, "account": account, "waits": waits}


async def test_two_worlds_with_one_seed_behave_alike(run: Run) -> None:
    """Whatever the order in which people are called: each number has dice of its own."""
    first = await _live(await run("first.db", speed=0.05, seed=7), ["1", "2", "3", "4"])
    second = await _live(await run("second.db", speed=0.05, seed=7), ["4", "3", "2", "1"])
    assert second.pop("waits") == pytest.approx(first.pop("waits"), abs=2)
    assert second == first
    other = await _live(await run("third.db", speed=0.05, seed=8), ["1", "2", "3", "4"])
    assert first["dialled"].values() != other["dialled"].values()
    assert first["account"] != other["account"]


async def test_without_a_seed_no_two_worlds_are_alike(run: Run) -> None:
    worlds = [await run(name, seed=None) for name in ("first.db", "second.db")]
    first, second = [(await client.json("SubAccounts", friendlyName="mia"))["SubAccount"] for client in worlds]
    assert first["subToken"] != second["subToken"]


async def test_a_restart_does_not_repeat_what_was_thrown(run: Run) -> None:
    client = await run(seed=7)
    confid = await client.create()
    first = await client.invite(confid, "1")
    client = await run(seed=7)
    assert (await client.invite(confid, "1"))[TIMESTAMP:] != first[TIMESTAMP:]


def test_no_throw_shifts_another() -> None:
    busy, quiet = Chance(1, 0), Chance(1, 0)
    busy.dice("call", "1").random()
    assert busy.dice("call", "2").random() == quiet.dice("call", "2").random()
    assert busy.dice("call", "1").random() != quiet.dice("call", "1").random()
