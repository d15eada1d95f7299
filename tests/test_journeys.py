"""Every journey through the pure rules, and through the running hub with two moderators watching."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub import client
from hub.api.rows import event_body, participant_row
from hub.domain import messages
from hub.domain.lifecycle import evolve
from hub.domain.messages import Control, Dismiss, Message
from hub.domain.model import Conference, Details
from hub.domain.rules import decide
from tests.harness import HubProcess, apply

JOURNEYS = sorted(Path(__file__).parent.joinpath("journeys").glob("*.json"))
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
TIMES = {"at", "ctime", "startsAt", "startedAt", "endedAt", "queuedAt", "dialedAt", "joinedAt", "leftAt", "duration"}
CHINA = timezone(timedelta(hours=8))
RESERVED_FOR = "2026-11-23 18:00:00"
WAIT = timedelta(seconds=5)
"""When a reserved conference of a journey starts, and how soon that is when the hub walks it."""

every_journey = pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.stem)


def test_there_are_enough_journeys() -> None:
    assert len(JOURNEYS) >= 20


@every_journey
def test_the_rules_walk_the_journey(path: Path) -> None:
    journey = json.loads(path.read_text())
    conference = blank(journey)
    clock = START
    for step in journey["steps"]:
        clock = datetime.fromisoformat(step["at"]) if "at" in step else clock
        events = []
        for kind, fields in step["say"]:
            decision = decide(conference, message(kind, fields), clock)
            conference = evolve(conference, decision.events)
            events += [json.loads(event_body(event)) for event in decision.events]
        clock += timedelta(seconds=1)
        assert events == step["events"], step["why"]
        assert roster(map(participant_row, conference.participants.values())) == step["roster"], step["why"]


@every_journey
async def test_the_hub_walks_the_journey(path: Path, hub: HubProcess) -> None:
    journey = json.loads(path.read_text())
    first, *rest = journey["steps"]
    names = {RESERVED_FOR: (datetime.now(CHINA) + WAIT).isoformat(" ", "seconds").removesuffix("+08:00")}
    created = await hub.post(first["post"], **renamed(first["with"], names))
    names |= {"60002559": created["id"], "960002559": created["vid"]}
    log = (await hub.post("getEvents", id=created["id"]))["events"]
    assert told(log, names) == told(first["events"])

    async with hub.moderator().connected() as one, hub.moderator().connected() as two:
        for moderator in (one, two):
            assert (await moderator.watch(created["id"]))["seq"] == len(log)
        expected: list[Any] = []
        for step in rest:
            await do(hub, step, names)
            expected += step["events"]
            for moderator in (one, two):
                events = (await moderator.wait_for(len(expected)))[: len(expected)]
                learn(expected, events, names)
                assert told(events, names) == told(expected), step["why"]
            rows = apply({}, one.events[: len(expected)])
            assert roster(rows.values()) == step["roster"], step["why"]

        assert one.events == two.events
        everything = await hub.post("getEvents", id=created["id"])
        assert everything["events"] == log + one.events
        users = (await hub.post("getConfUsers", id=created["id"]))["users"]
        assert users == list(apply({}, one.events).values())


@every_journey
def test_the_client_walks_the_journey(path: Path) -> None:
    state = client.nothing
    for step in json.loads(path.read_text())["steps"]:
        state = reduce(client.apply, step["events"], state)
        assert roster(state.participants.values()) == step["roster"], step["why"]


@every_journey
def test_a_snapshot_anywhere_and_the_events_after_it_come_to_the_same(path: Path) -> None:
    events = [event for step in json.loads(path.read_text())["steps"] for event in step["events"]]
    whole = reduce(client.apply, events, client.nothing)
    assert reduce(client.apply, [each for event in events for each in (event, event)], client.nothing) == whole
    for cut in range(2, len(events) + 1):
        state = reduce(client.apply, events[:cut], client.nothing)
        snapshot = {"seq": state.seq, "conference": state.conference, "participants": state.participants.values()}
        assert reduce(client.apply, events[cut:], client.from_snapshot(snapshot)) == whole


def test_the_client_notices_a_missing_event() -> None:
    events = [event for step in json.loads(JOURNEYS[0].read_text())["steps"] for event in step["events"]]
    with pytest.raises(client.GapError):
        client.apply(client.apply(client.nothing, events[0]), events[2])


async def do(hub: HubProcess, step: dict[str, Any], names: dict[str, str]) -> None:
    """What a step has somebody do: the app, or the world that the simulator plays."""
    for order, fields in step.get("simulator", []):
        await hub.simulator(order, **renamed(fields, names))
    if "post" not in step:
        return
    answer = await hub.post(step["post"], **renamed(step["with"], names))
    assert answer["status"] == step.get("status", 1), (step["why"], answer)
    for own, (outer, inner) in step.get("names", {}).items():
        names[own] = answer[outer][inner]


def blank(journey: dict[str, Any]) -> Conference:
    first = journey["steps"][0]
    created = first["events"][0]["conference"]
    details = Details(
        id=created["id"],
        number=created["id"],
        vid=created["vid"],
        app=created["appid"],
        owner=created["uid"],
        name=created["name"],
        time=created["time"],
        pwd=first["with"].get("pwd", ""),
        created_at=START,
        starts_at=created["startsAt"] and datetime.fromisoformat(created["startsAt"]),
        autocall=first["with"].get("autocall", False),
    )
    return Conference(1, details)


def message(kind: str, fields: dict[str, Any]) -> Message:
    kinds = getattr(messages, kind)
    if "action" not in fields:
        converted: Message = msgspec.convert(fields, kinds)
        return converted
    action = fields["action"]
    request = msgspec.convert(action, Control if "callid" in action else Dismiss)
    said: Message = kinds(**{**fields, "action": request})
    return said


def roster(rows: Any) -> list[list[Any]]:
    return [[row[field] for field in ("key", "name", "state", "progress", "muted", "pending")] for row in rows]


def told(events: list[Any], names: dict[str, str] | None = None) -> Any:
    """Events with the journey's own names, and every time that is set as one and the same."""
    journeys_own = {real: own for own, real in (names or {}).items()}

    def plain(value: Any, field: str = "") -> Any:
        if isinstance(value, dict):
            return {key: plain(item, key) for key, item in value.items() if key != "epoch"}
        if field in TIMES and value is not None:
            return "some time"
        return journeys_own.get(value, value) if isinstance(value, str) else value

    return [{key: value for key, value in plain(event).items() if key != "id"} for event in events]


def renamed(params: Any, names: dict[str, str]) -> Any:
    if isinstance(params, dict):
        return {key: renamed(value, names) for key, value in params.items()}
    if isinstance(params, list):
        return [renamed(value, names) for value in params]
    return names.get(params, params) if isinstance(params, str) else params


def learn(expected: list[Any], events: list[Any], names: dict[str, str]) -> None:
    """What the journey calls `call-1` is named by the provider, in the first event that has it."""
    for ours, theirs in zip(expected, events, strict=True):
        for about, name in (("participant", "callid"), ("conference", "vid")):
            own, real = (event.get(about, {}).get(name) for event in (ours, theirs))
            if own and real:
                names.setdefault(own, real)
