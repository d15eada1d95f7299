"""What the provider says may come in any order and more than once: the row ends the same."""

from __future__ import annotations

import contextlib
import itertools
import json
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain import messages as m
from hub.domain.lifecycle import FINAL, evolve
from hub.domain.model import Conference, Kind, Progress
from hub.domain.rules import decide
from hub.errors import ConferenceEnded
from tests import test_journeys
from tests.domain.test_course import SIX
from tests.domain.test_rules import ADA, MIA, NOW, Story
from tests.scale import scaled
from tests.test_journeys import blank, message

LEG = 2
JOINED = m.LegJoined(LEG, "call", ADA.number)
FATES: dict[Progress, tuple[m.Message, ...]] = {
    Progress.LEFT: (m.DialAccepted(LEG, "call"), JOINED, m.LegQuit("call", ADA.number)),
    Progress.BUSY: (m.DialAccepted(LEG, "call"), m.LegFailed(LEG, "call", ADA.number, Progress.BUSY)),
    Progress.NO_ANSWER: (m.DialFailed(LEG, Progress.UNKNOWN, "x"), m.LegFailed(LEG, None, "", Progress.NO_ANSWER)),
    Progress.JOINED: (m.DialAccepted(LEG, "call"), JOINED),
}


@st.composite
def any_orders(draw: st.DrawFn) -> tuple[Progress, list[m.Message]]:
    """A fate, and what is said of it: everything at least once, in any order."""
    fate = draw(st.sampled_from(sorted(FATES)))
    more = draw(st.lists(st.sampled_from(FATES[fate]), max_size=6))
    return fate, draw(st.permutations([*FATES[fate], *more]))


@given(any_orders())
def test_a_call_ends_the_same_whatever_the_order(told: tuple[Progress, list[m.Message]]) -> None:
    fate, facts = told
    story = Story()
    story.invite(ADA)
    story.say(m.BeginDial(LEG))
    for fact in facts:
        story.say(fact)
    assert story.row().progress is fate


@given(st.permutations(["accepted", "reported", "reported"]))
def test_a_mute_is_said_once_whatever_the_order(order: list[str]) -> None:
    story = Story()
    story.inside()
    action = story.ask(Kind.MUTE)
    answers: dict[str, m.Message] = {
        "accepted": m.CommandAccepted(action),
        "reported": m.MuteReported(action.number, "call", Kind.MUTE, True),
    }
    assert [type for answer in order for type in story.types(answers[answer])] == ["participant.muted"]


@given(any_orders())
def test_events_lead_to_the_state_that_was_decided_on(told: tuple[Progress, list[m.Message]]) -> None:
    """One event after another, or all of them: the same conference."""
    story = Story()
    start, events = story.conference, []
    for said in (m.InviteParticipants((ADA,), MIA, 10), m.BeginDial(LEG), *told[1]):
        decision = decide(story.conference, said, NOW)
        story.conference = evolve(story.conference, decision.events)
        events += decision.events
    assert evolve(start, events) == story.conference
    assert [event.seq for event in events] == list(range(start.seq + 1, story.conference.seq + 1))


# Every journey -------------------------------------------------------------------------------------------------------

JOURNEYS = {path.stem: json.loads(path.read_text()) for path in test_journeys.JOURNEYS}


def told_in(journey: dict[str, Any]) -> list[m.Message]:
    return [message(kind, fields) for step in journey["steps"] for kind, fields in step["say"]]


def is_of_a_call(said: m.Message) -> bool:
    """What the provider says of one call. An answer comes after what was asked; an end is an end, and what had not been
    heard before is not heard of any more; and of a quit that names no call nobody can tell which one it is about,
    unless they are inside."""
    is_nameless = isinstance(said, m.LegQuit) and not said.callid
    is_of_all = isinstance(said, m.ConferenceStopped | m.ConferenceReady | m.CommandAccepted)
    return isinstance(said, m.Fact) and not is_of_all and not is_nameless


@st.composite
def bent(draw: st.DrawFn) -> tuple[str, list[m.Message]]:
    """A journey in which what is said of calls comes in any order, as far as nobody acts on it in between, and
    everything the provider says again at any time later."""
    name = draw(st.sampled_from(sorted(JOURNEYS)))
    told: list[m.Message] = []
    for may_move, group in itertools.groupby(told_in(JOURNEYS[name]), is_of_a_call):
        said = list(group)
        told += draw(st.permutations(said)) if may_move else said
    facts = [each for each in told if isinstance(each, m.Fact)]
    for fact in draw(st.lists(st.sampled_from(facts), max_size=5)) if facts else []:
        told.insert(draw(st.integers(told.index(fact) + 1, len(told))), fact)
    return name, told


def walk(name: str, told: list[m.Message]) -> tuple[Conference, list[m.Event]]:
    conference, events = blank(JOURNEYS[name]), []
    for number, said in enumerate(told):
        with contextlib.suppress(ConferenceEnded):
            decision = decide(conference, said, SIX + timedelta(seconds=number))
            conference = evolve(conference, decision.events)
            events += decision.events
    return conference, events


def fates(conference: Conference, events: list[m.Event]) -> Any:
    """Of every call, and of everybody who has had none; on whose row a second call of somebody is may differ."""
    said = [event.participant for event in events if event.participant]
    calls = {row.callid: (row.progress, row.muted) for row in said if row.callid}
    others = {(row.id, row.number, row.progress) for row in conference.participants.values() if not row.callid}
    return conference.details.state, calls, others


@settings(max_examples=scaled(2000), deadline=None)
@given(bent())
def test_every_call_ends_the_same_whatever_the_order(given: tuple[str, list[m.Message]]) -> None:
    name, told = given
    assert fates(*walk(name, told)) == fates(*walk(name, told_in(JOURNEYS[name])))


@settings(max_examples=scaled(2000), deadline=None)
@given(bent())
def test_a_leg_has_one_end_whatever_the_order(given: tuple[str, list[m.Message]]) -> None:
    conference, events = walk(*given)
    over: set[int] = set()
    for event in events:
        if row := event.participant:
            assert row.leg not in over or row.progress in FINAL | {Progress.REMOVED}, event
            moved = event.type not in ("participant.changed", "participant.removed")
            assert not (moved and row.leg in over), event
            if row.progress in FINAL:
                over.add(row.leg)
                assert row.cause
    assert evolve(blank(JOURNEYS[given[0]]), events) == conference
