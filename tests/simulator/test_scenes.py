"""Scenes: people, faults and steps from one JSON object."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Run
from tests.simulator.doubles import Application, Client


async def test_people_of_a_scene_win_over_the_built_in_ones(client: Client, application: Application) -> None:
    """The whole number first, then the longest ending."""
    numbers = {
        "13800009001": {"after": 0, "then": "answer", "hang_up_after": 1},
        "9001": {"after": 0, "then": "rejected"},
        "01": {"after": 0, "then": "failed"},
    }
    await client.control("play", scene={"numbers": numbers})
    confid = await client.create()
    for number in ("13900009001", "13900000001"):
        await client.invite(confid, number, action=f"invite-{number[-4:]}")
    await client.invite(confid, "13800009001")
    rejected, failed, *_ = await application.until("invite-9001", "invite-0001", "join-1", "invite-1", "quit", "stop")
    assert (rejected["result"], failed["result"]) == ("4", "2")


async def test_who_rings_rings_until_somebody_answers(client: Client, application: Application) -> None:
    await client.control("play", scene={"numbers": {"1": {"then": "ring"}}})
    await client.invite(await client.create(), "1")
    assert await client.world.ledger.read("SELECT 1 FROM agenda WHERE what = 'answer'") == []
    await client.control("answer", number="1")
    await application.until("join-1", "invite-1")


async def test_steps_follow_one_another(client: Client, application: Application) -> None:
    steps = [
        {"after": 2, "do": "dial-in", "number": "1"},
        {"do": "hangup", "number": "nobody"},
        {"after": 1, "do": "dial-in", "number": "2"},
        {"after": 0, "do": "fault", "name": "callback_dropped", "only": "quit"},
        {"after": 1, "do": "hangup", "number": "1"},
        {"after": 1, "do": "mend"},
        {"after": 1, "do": "delete"},
    ]
    await client.create()
    await client.control("play", scene={"steps": steps})
    await application.until("join", "join", "quit", "stop")
    assert application.taken[2][1]["number"] == "2"


async def test_a_scene_survives_a_crash(run: Run, application: Application) -> None:
    client = await run()
    await client.create()
    people = {"1": {"after": 0, "then": "busy"}}
    steps = [{"after": 5, "do": "dial-in", "number": "7"}, {"after": 5, "do": "delete"}]
    await client.control("play", scene={"numbers": people, "steps": steps})
    client = await run()
    await application.until_each("join", "quit", "stop")
    await client.invite(await client.create(), "1")
    await application.until_each("join", "quit", "stop", "invite-1")


async def test_a_new_scene_takes_the_place_of_the_old_one(client: Client) -> None:
    await client.control("play", scene={"numbers": {"1": {}}, "steps": [{"after": 1000, "do": "delete"}]})
    await client.control("play", scene={"faults": [{"name": "answer_slow", "seconds": 0}]})
    assert await client.world.ledger.read("SELECT * FROM numbers") == []
    assert await client.world.ledger.read("SELECT * FROM agenda") == []
    assert [row["name"] for row in await client.look("faults")] == ["answer_slow"]


@pytest.mark.parametrize(
    ("scene", "sentence"),
    [
        ([], "the scene: Expected `object`, got `array`"),
        (None, "the scene: Expected `object`, got `null`"),
        ({"step": []}, "the scene: Object contains unknown field `step`"),
        ({"numbers": {"1": {"then": "dance"}}}, "the scene: Invalid enum value 'dance' - at `$.numbers[...].then`"),
        ({"faults": [{"name": "answer_500"}, {"name": "x"}]}, "faults[1]: there is no fault 'x'"),
        ({"faults": [{}]}, "the scene: Object missing required field `name` - at `$.faults[0]`"),
        ({"steps": [{"do": "delete"}, {"after": -1, "do": "delete"}]}, "steps[1]: Expected `float` >= 0.0"),
        ({"steps": [{"after": 1}]}, "steps[0]: Object missing required field `do`"),
        ({"steps": [{"do": "dance"}]}, "steps[0]: there is no order 'dance'"),
        ({"steps": [{"do": "hangup"}]}, "steps[0]: Object missing required field `number`"),
        ({"steps": [{"do": "fault", "name": "x"}]}, "steps[0]: there is no fault 'x'"),
    ],
)
async def test_a_bad_scene_is_refused_with_its_place(client: Client, scene: Any, sentence: str) -> None:
    answer = await client.try_control("play", scene=scene)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(sentence)
    assert await client.look("faults") == []
