"""A provider that loses, repeats, delays and garbles what it says: the roster ends up true, and the errors are right.

Every fault of the simulator has a story here. Where a fault takes something from the hub that nobody tells it again,
the story says what is still promised: nobody is called twice, and the end is an end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hub.simulator.faults import FAULTS
from tests.conftest import Start
from tests.faults.world import Meeting, agree, answered, dialled_once, nothing_broke, people, settled, until
from tests.harness import HubProcess

ADA, BOB, CAT, DAN = "13800000001", "13800000002", "13800000003", "13900000004"
BUSY, BRIEF = "13800009001", "13800009004"

REFUSED, UNREACHABLE, UNKNOWN = "provider_refused", "provider_unreachable", "outcome_unknown"

Story = Callable[[HubProcess], Awaitable[None]]

STORIES: dict[str, Story] = {}


def story(play: Story) -> Story:
    """The story of the fault of this name."""
    STORIES[play.__name__] = play
    return play


@pytest.fixture
async def hub(start: Start) -> HubProcess:
    return await start("--speed", "20", "--seed", "7")


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_outlived(name: str, hub: HubProcess) -> None:
    await STORIES[name](hub)
    nothing_broke(hub)


def test_every_fault_has_a_story() -> None:
    assert set(STORIES) == set(FAULTS)


# Callbacks -----------------------------------------------------------------------------------------------------------


async def in_and_out(hub: HubProcess) -> None:
    """People are called, come by themselves, are muted, removed, hang up, and at last are sent home."""
    meeting = await Meeting.open(hub, ADA, BOB, BUSY)
    await hub.simulator("dial-in", number=DAN)
    await meeting.until("joined", "joined", "busy", "joined")
    assert (await meeting.control("muteConf", ADA))["status"] == 1
    assert (await meeting.control("quitConf", BOB))["status"] == 1
    await agree(meeting)
    await hub.simulator("hangup", number=DAN)
    await meeting.until("joined", "kicked", "busy", "left")
    await agree(meeting)
    await dialled_once(hub)
    await meeting.done("stopConf")
    assert [row["progress"] for row in await meeting.rows()] == ["left", "kicked", "busy", "left"]
    await agree(meeting)


def bent(name: str, **how: Any) -> None:
    async def play(hub: HubProcess) -> None:
        await hub.simulator("fault", name=name, **how)
        await in_and_out(hub)

    STORIES[name] = play


bent("callback_duplicated")
bent("callback_delayed", seconds=3)
bent("callback_as_form")
bent("callback_as_xml")
bent("callback_without_callid", only="quit")
bent("callback_with_jointime")
bent("callback_without_time")
bent("callback_result_on_join")
bent("dismiss_without_confid")
bent("dismiss_with_quits")


@story
async def callback_reordered(hub: HubProcess) -> None:
    """Everybody has hung up before the word comes that they joined."""
    await hub.simulator("fault", name="callback_reordered", only="join", seconds=10)
    meeting = await Meeting.open(hub, ADA, BRIEF)
    await meeting.until("joined", "left")
    await hub.simulator("dial-in", number=DAN)
    await hub.simulator("hangup", number=DAN)
    await meeting.until("joined", "left", "left")
    await agree(meeting)
    await dialled_once(hub)


@story
async def callback_dropped(hub: HubProcess) -> None:
    """What nobody said is not known, and who has not been heard of is not called a second time."""
    await hub.simulator("fault", name="callback_dropped")
    meeting = await Meeting.open(hub, ADA)
    await until(lambda: answered(hub, ADA))
    await meeting.done("inviteConf", users=people(ADA))
    await meeting.done("callAllConf")
    await settled(meeting)
    await dialled_once(hub)
    await meeting.done("stopConf")
    await agree(meeting)
    gone = await Meeting.open(hub)
    await hub.simulator("delete", confid=gone.id)
    await gone.done("stopConf")
    assert await gone.state() == "ended"


# Answers -------------------------------------------------------------------------------------------------------------


COMMANDS = ("CreateConf", "InviteJoinConf", "ConfMute", "QuitConf", "DismissConf", "SubAccounts", "TemplateSMS")


class Questions:
    """Everything that is asked of the provider, at once, while one thing is wrong with its answers.

    Two meetings, Ada and Bob inside the first.
    """

    def __init__(self, hub: HubProcess) -> None:
        self.hub = hub
        self.meeting: Meeting
        self.other: Meeting

    async def ask(self, fault: str) -> dict[str, dict[str, Any]]:
        """The hub's answers, by operation; the fault is mended then."""
        self.meeting = await Meeting.open(self.hub, ADA, BOB)
        self.other = await Meeting.open(self.hub)
        await self.meeting.until("joined", "joined")
        for command in COMMANDS:
            await self.hub.simulator("fault", name=fault, only=command)
        asked = {
            "createConf": self.hub.post("createConf", id="mia", appid="demo"),
            "getUser": self.hub.post("getUser", id="ada", appid="demo"),
            "sendNotice": self.hub.post("sendNotice", mps=f"{ADA},{BOB}"),
            "muteConf": self.meeting.control("muteConf", ADA),
            "quitConf": self.meeting.control("quitConf", BOB),
            "stopConf": self.other.ask("stopConf"),
            "inviteConf": self.meeting.ask("inviteConf", users=people(CAT)),
        }
        answers = dict(zip(asked, await asyncio.gather(*asked.values()), strict=True))
        assert answers.pop("inviteConf")["status"] == 1
        await until(self._is_cats_call_over_or_on)
        await self.hub.simulator("mend")
        return answers

    async def _is_cats_call_over_or_on(self) -> bool:
        return (await self.meeting.row(CAT))["progress"] not in ("queued", "dialing")

    async def they_are_true_in_the_end(self) -> None:
        """Whatever was not done can be asked again, and what was done is not done twice."""
        await agree(self.meeting)
        await dialled_once(self.hub)
        account, again = [await self.hub.post("getUser", id="ada", appid="demo") for _ in range(2)]
        assert account["status"] == 1
        assert account == again
        await self.other.done("stopConf")
        assert await self.other.state() == "ended"
        if (await self.meeting.row(BOB))["state"] == 1:
            assert (await self.meeting.control("quitConf", BOB))["status"] == 1
        assert (await self.meeting.control("muteConf", ADA))["status"] == 1
        await agree(self.meeting, self.other)
        assert [row["progress"] for row in await self.meeting.rows()][:2] == ["joined", "kicked"]


def said(answers: dict[str, dict[str, Any]]) -> set[str]:
    """The names of the errors, or "ok"."""
    return {answer["error"]["name"] if "error" in answer else "ok" for answer in answers.values()}


def spoilt(name: str, result: str, cats: str, in_log: str = "") -> None:
    async def play(hub: HubProcess) -> None:
        questions = Questions(hub)
        answers = await questions.ask(name)
        assert said(answers) == {result}, answers
        await settled(questions.meeting)
        assert (await questions.meeting.row(CAT))["progress"] == cats
        assert in_log in hub.log, hub.log
        await questions.they_are_true_in_the_end()

    STORIES[name] = play


spoilt("answer_slow", "ok", "joined")
spoilt("answer_in_other_form", "ok", "joined")
spoilt("answer_cut", UNKNOWN, "joined", "QuitConf 60000001: the provider did not answer (RemoteProtocolError)")
spoilt("answer_garbage", UNKNOWN, "joined", "the provider's answer could not be read; it may or may not have happened")
spoilt("answer_lost", UNKNOWN, "joined", "(ReadTimeout); it may or may not have happened")
spoilt("answer_500", UNKNOWN, "unknown", "the provider answered HTTP 500; it may or may not have happened")
spoilt("answer_111111", REFUSED, "failed", "nothing has happened; code 111111; too much at once")


async def test_what_was_certainly_not_sent_has_not_happened(start: Start) -> None:
    hub = await start(
        *("--provider-url", "http://127.0.0.1:9", "--provider-account-sid", "a" * 32),
        *("--provider-auth-token", "b" * 32, "--provider-app-id", "c" * 32),
        *("--callback-secret", "s" * 16, "--public-url", "http://127.0.0.1"),
    )
    answers = {
        "createConf": await hub.post("createConf", id="mia", appid="demo"),
        "getUser": await hub.post("getUser", id="ada", appid="demo"),
        "sendNotice": await hub.post("sendNotice", mps=ADA),
    }
    assert said(answers) == {UNREACHABLE}
    assert "the provider cannot be reached; nothing has happened; " in hub.log
    nothing_broke(hub)


# Conferences that go -------------------------------------------------------------------------------------------------


@story
async def conference_deleted(hub: HubProcess) -> None:
    """A command that comes too late for its conference is refused, and the conference has ended."""
    for command, operation in (("ConfMute", "muteConf"), ("QuitConf", "quitConf")):
        meeting = await Meeting.open(hub, ADA)
        await meeting.until("joined")
        await hub.simulator("fault", name="conference_deleted", only=command, nth=1)
        answer = await meeting.control(operation, ADA)
        assert answer["error"]["name"] == REFUSED
        await meeting.until_state("ended")
        await agree(meeting)
    meeting = await Meeting.open(hub)
    await hub.simulator("fault", name="conference_deleted", only="InviteJoinConf", nth=1)
    await meeting.done("inviteConf", users=people(ADA))
    await meeting.until_state("ended")
    assert (await meeting.row(ADA))["state"] == 0
    meeting = await Meeting.open(hub)
    await hub.simulator("fault", name="conference_deleted", only="DismissConf", nth=1)
    await meeting.done("stopConf")
    assert await meeting.state() == "ended"
    await hub.simulator("fault", name="conference_deleted", only="QueryConfState", nth=1)
    await reserved(hub)
    assert "DismissConf 60000005: the provider refused" in hub.log


@story
async def gone_as_state(hub: HubProcess) -> None:
    """The word that it is gone was lost; it is asked, at the start and at the end."""
    await hub.simulator("fault", name="callback_dropped", only="stop")
    await hub.simulator("fault", name="gone_as_state")
    meeting = await reserved(hub, deleted=True)
    await hub.simulator("delete")
    await meeting.done("stopConf")
    assert await meeting.state() == "ended"


async def reserved(hub: HubProcess, *, deleted: bool = False) -> Meeting:
    """Ada is invited to a conference that starts in a moment, and is inside then, wherever that is."""
    meeting = await Meeting.open(hub, ADA, time=str(round(time.time() * 1000) + 600))
    if deleted:
        await hub.simulator("delete", confid=meeting.id)
    assert await meeting.state() == "scheduled"
    await meeting.until("joined")
    assert await meeting.state() == "active"
    await agree(meeting)
    conferences = (await hub.simulator("conferences"))["conferences"]
    assert [conference["state"] for conference in conferences][-2:] == ["over", "running"]
    return meeting
