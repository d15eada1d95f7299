"""A platform that does not say what it should: the hub finds out, or says that it cannot know."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from tests.conftest import Start
from tests.faults.world import Meeting, agree, answered, concluded, dialled_once, nothing_broke, people, until
from tests.harness import HubProcess

ADA, BOB = "13800000001", "13800000002"
NO_ANSWER, SLOW = "13800009002", "13800009006"


@pytest.fixture
async def hub(start: Start) -> HubProcess:
    """A phone that rings for thirty seconds of the simulator's rings for longer than this hub waits."""
    return await start("--speed", "20", "--ring-timeout", "1", "--reconcile", "0.5")


async def log(meeting: Meeting) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = (await meeting.hub.post("getEvents", id=meeting.id))["events"]
    return events


async def until_uncertain(meeting: Meeting, expected: Any) -> None:
    async def is_so() -> bool:
        return bool((await meeting.hub.post("getConf", id=meeting.id))["uncertain"] == expected)

    await until(is_so)


async def test_a_ghost_is_said_aloud_and_settled_by_hand(hub: HubProcess) -> None:
    meeting = await Meeting.open(hub, ADA, BOB)
    await meeting.until("joined", "joined")
    await hub.simulator("fault", name="callback_dropped", only="quit")
    await hub.simulator("hangup", number=ADA)
    await until_uncertain(meeting, {"shown": 2, "counted": 1})
    ghost = await meeting.row(ADA)
    await meeting.done("settleUser", users=[{"key": ghost["key"], "progress": "left"}])
    await until_uncertain(meeting, None)
    await agree(meeting)
    assert {event["origin"] for event in await log(meeting) if event["cause"] == "reconcile"} == {"reconciler"}
    nothing_broke(hub)


async def test_whoever_joined_without_a_word_is_found(hub: HubProcess) -> None:
    await hub.simulator("fault", name="callback_dropped", only="join")
    meeting = await Meeting.open(hub, ADA)
    await until(lambda: answered(hub, ADA))
    await meeting.until("joined")
    assert (await meeting.row(ADA))["cause"] == "reconcile"
    assert (await meeting.control("muteConf", ADA))["status"] == 1
    await agree(meeting)


async def test_a_call_that_nobody_answered_without_a_word_is_over(hub: HubProcess) -> None:
    await hub.simulator("fault", name="callback_dropped", only="invite")
    meeting = await Meeting.open(hub, NO_ANSWER)
    await meeting.until("no_answer")
    assert (await meeting.row(NO_ANSWER))["endedAt"]
    await meeting.done("redialConf", target="all")
    await meeting.until("no_answer")
    assert (await meeting.row(NO_ANSWER))["attempt"] == 2
    await agree(meeting)


async def test_an_end_without_a_word_is_found(hub: HubProcess) -> None:
    meeting = await Meeting.open(hub, ADA, BOB)
    await meeting.until("joined", "joined")
    await hub.simulator("fault", name="callback_dropped")
    await hub.simulator("delete", confid=meeting.id)
    await meeting.until_state("ended")
    *_, first, second, end = await log(meeting)
    assert [(event["type"], event["cause"]) for event in (first, second, end)] == [
        ("participant.left", "reconcile"),
        ("participant.left", "reconcile"),
        ("conference.ended", "reconcile"),
    ]


async def test_whoever_answers_a_call_that_was_given_up_is_seen(hub: HubProcess) -> None:
    meeting = await Meeting.open(hub, SLOW)
    await meeting.until("joined")
    assert "ring_timeout" in {event["cause"] for event in await log(meeting)}
    row = await meeting.row(SLOW)
    assert (row["cause"], row["attempt"]) == ("answered_late", 2)
    await agree(meeting)
    await dialled_once(hub)


async def test_a_call_taken_back_while_it_rings_is_hung_up_on(hub: HubProcess) -> None:
    meeting = await Meeting.open(hub, ADA, SLOW)
    await until(lambda: is_dialing(meeting))
    await meeting.done("cancelInvite", users=[{"key": (await meeting.row(SLOW))["key"]}])
    await until(lambda: is_kicked(meeting))
    await agree(meeting)
    assert (await meeting.row(SLOW))["state"] == 2


async def is_dialing(meeting: Meeting) -> bool:
    return bool((await meeting.row(SLOW))["progress"] == "dialing")


async def is_kicked(meeting: Meeting) -> bool:
    return bool((await meeting.row(SLOW))["progress"] == "kicked")


async def test_dials_that_nobody_knows_of_are_settled(hub: HubProcess) -> None:
    await hub.simulator("fault", name="answer_500", only="InviteJoinConf")
    meeting = await Meeting.open(hub, ADA)
    await meeting.until("failed")
    assert (await meeting.row(ADA))["cause"] == "outcome_unknown"
    await hub.simulator("mend")
    await meeting.done("inviteConf", users=people(ADA))
    await meeting.until("joined")
    await dialled_once(hub)


async def test_a_disagreement_of_five_seconds_is_shown(hub: HubProcess) -> None:
    meeting = await Meeting.open(hub, ADA)
    await meeting.until("joined")
    await hub.simulator("fault", name="answer_slow", only="ConfMute", seconds=130)
    await hub.simulator("fault", name="callback_dropped", only="media")
    muting = asyncio.create_task(meeting.control("muteConf", ADA))

    async def is_overdue() -> bool:
        return bool((await meeting.row(ADA))["overdue"])

    await until(is_overdue)
    assert not (await meeting.row(ADA))["muted"]
    assert (await muting)["status"] == 1
    row = await meeting.row(ADA)
    assert (row["muted"], row["overdue"], row["pending"]) == (True, False, None)


async def test_a_roster_of_which_words_were_lost_is_right_or_says_that_it_is_not(hub: HubProcess) -> None:
    """Of every third callback nobody hears: in the end each count is the platform's, or the conference is uncertain."""
    await hub.simulator("fault", name="callback_dropped", probability=0.3)
    meetings = [await Meeting.open(hub, *(f"1380{place}00000{number}" for number in range(6))) for place in range(8)]
    await concluded(*meetings)
    for place, meeting in enumerate(meetings):
        inside = [row for row in await meeting.rows() if row["state"] == 1]
        await meeting.ask("quitConf", users=[{"callid": row["callid"]} for row in inside[:1]])
        if await answered(hub, f"1380{place}000005"):
            await hub.simulator("hangup", number=f"1380{place}000005")
    await hub.simulator("mend")
    for meeting in meetings:
        await until(partial(is_right_or_says_so, meeting))


async def is_right_or_says_so(meeting: Meeting) -> bool:
    conference = await meeting.hub.post("getConf", id=meeting.id)
    calls = (await meeting.hub.simulator("calls"))["calls"]
    theirs = sum(call["confid"] == meeting.id and call["state"] == "inside" for call in calls)
    ours = sum(row["state"] == 1 for row in await meeting.rows())
    if conference["state"] == "ended":
        return theirs == ours == 0
    return theirs == ours or bool(conference["uncertain"] == {"shown": ours, "counted": theirs})
