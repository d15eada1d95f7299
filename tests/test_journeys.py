"""Every journey through the pure rules, and through the running hub with two moderators watching."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.api.rows import event_body, participant_row
from hub.domain import messages
from hub.domain.lifecycle import evolve
from hub.domain.messages import CommandAccepted, Control, Dismiss, Message
from hub.domain.model import Conference, Details, Kind
from hub.domain.rules import decide
from tests.harness import HubProcess, apply

JOURNEYS = sorted(Path(__file__).parent.joinpath("journeys").glob("*.json"))
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
TIMES = {"at", "ctime", "startedAt", "endedAt", "joinedAt", "leftAt"}

every_journey = pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.stem)


def test_there_are_enough_journeys() -> None:
    assert len(JOURNEYS) >= 6


@every_journey
def test_the_rules_walk_the_journey(path: Path) -> None:
    journey = json.loads(path.read_text())
    conference = blank(journey)
    for second, step in enumerate(journey["steps"]):
        events = []
        for kind, fields in step["say"]:
            decision = decide(conference, message(kind, fields), START + timedelta(seconds=second))
            conference = evolve(conference, decision.events)
            events += [json.loads(event_body(event)) for event in decision.events]
        assert events == step["events"], step["why"]
        assert roster(map(participant_row, conference.participants.values())) == step["roster"], step["why"]


@every_journey
async def test_the_hub_walks_the_journey(path: Path, hub: HubProcess) -> None:
    journey = json.loads(path.read_text())
    first, *rest = journey["steps"]
    created = await hub.post(first["post"], **first["with"])
    names = {"60002559": created["id"], "960002559": created["vid"]}
    log = (await hub.post("getEvents", id=created["id"]))["events"]
    assert told(log, names) == told(first["events"])

    async with hub.moderator().connected() as one, hub.moderator().connected() as two:
        for moderator in (one, two):
            assert (await moderator.watch(created["id"]))["seq"] == len(log)
        expected: list[Any] = []
        for step in rest:
            if "post" in step:
                answer = await hub.post(step["post"], **renamed(step["with"], names))
                assert answer["status"] == 1, (step["why"], answer)
            expected += step["events"]
            for moderator in (one, two):
                events = (await moderator.wait_for(len(expected)))[: len(expected)]
                learn_calls(expected, events, names)
                assert told(events, names) == told(expected), step["why"]
            rows = apply({}, one.events[: len(expected)])
            assert roster(rows.values()) == step["roster"], step["why"]

        assert one.events == two.events
        everything = await hub.post("getEvents", id=created["id"])
        assert everything["events"] == log + one.events
        users = (await hub.post("getConfUsers", id=created["id"]))["users"]
        assert users == list(apply({}, one.events).values())


def blank(journey: dict[str, Any]) -> Conference:
    created = journey["steps"][0]["events"][0]["conference"]
    details = Details(
        id=created["id"],
        number=created["id"],
        vid=created["vid"],
        app=created["appid"],
        owner=created["uid"],
        name=created["name"],
        time=created["time"],
        pwd="",
        created_at=START,
    )
    return Conference(1, details)


def message(kind: str, fields: dict[str, Any]) -> Message:
    if kind == "CommandAccepted":
        action = fields["action"]
        if "callid" in action:
            return CommandAccepted(Control(**{**action, "kind": Kind(action["kind"])}))
        return CommandAccepted(Dismiss(action["number"]))
    converted: Message = msgspec.convert(fields, getattr(messages, kind))
    return converted


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


def learn_calls(expected: list[Any], events: list[Any], names: dict[str, str]) -> None:
    """What the journey calls `call-1` is named by the provider: by the first event that has it."""
    for ours, theirs in zip(expected, events, strict=True):
        own, real = (event.get("participant", {}).get("callid") for event in (ours, theirs))
        if own and real:
            names.setdefault(own, real)
