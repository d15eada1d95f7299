"""One person, two calls: who is inside is on the roster, whichever was taken for which and whatever word came first."""

from __future__ import annotations

import pytest

from hub.domain import messages as m
from hub.domain.messages import EventType
from hub.domain.model import Kind, Progress
from hub.errors import UnknownTarget
from tests.domain.test_rules import ADA, MIA, Story

TWIN = m.Person("twin", ADA.number, "Twin")


def inside(story: Story) -> list[str]:
    rows = story.conference.participants.values()
    return sorted(row.callid or "" for row in rows if row.progress is Progress.JOINED)


def asked_in_vain(story: Story, person: m.Person = ADA) -> int:
    """The leg of a call that may be ringing: the platform gave no usable answer."""
    story.invite(person)
    leg = story.row(person.name).leg
    story.say(m.BeginDial(leg))
    story.say(m.DialFailed(leg, Progress.UNKNOWN, "outcome_unknown"))
    return leg


def dial_in_and_leave(story: Story) -> None:
    """By themselves, while our call rings: it is taken for ours."""
    story.say(m.LegJoined(None, "own", ADA.number))
    story.say(m.LegQuit("own", ADA.number))


def redial(story: Story) -> None:
    story.say(m.Redial((m.Target(key=story.row().key),), MIA))


def remove(story: Story) -> None:
    story.say(m.RemoveParticipants((m.Target(key=story.row().key),), MIA))


def dial_in_again(story: Story) -> None:
    story.say(m.LegJoined(None, "again", ADA.number))


@pytest.mark.parametrize(
    ("meanwhile", "others"), [(redial, []), (remove, []), (dial_in_again, ["again"]), (lambda _: None, [])]
)
def test_who_answers_after_dialling_in_is_inside(meanwhile, others: list[str]) -> None:  # type: ignore[no-untyped-def]
    story = Story()
    leg = asked_in_vain(story)
    dial_in_and_leave(story)
    meanwhile(story)
    story.say(m.LegJoined(leg, "ours", ADA.number))
    assert inside(story) == [*others, "ours"]


def test_a_late_quit_is_not_taken_for_the_end_of_the_call_that_rings_now() -> None:
    story = Story()
    first = asked_in_vain(story)
    story.say(m.LegInquired(first, None, 0))
    story.invite(ADA)
    second = story.row().leg
    story.say(m.BeginDial(second))
    story.say(m.LegQuit("first", ADA.number))
    story.say(m.LegJoined(first, "first", ADA.number))
    story.invite(ADA)
    story.say(m.LegJoined(second, "second", ADA.number))
    assert inside(story) == ["second"]


def test_who_came_and_went_is_not_inside_where_two_rows_have_the_number_and_the_quit_comes_first() -> None:
    story = Story()
    for person in (ADA, TWIN):
        asked_in_vain(story, person)
    story.say(m.LegQuit("own", ADA.number))
    story.say(m.LegJoined(None, "own", ADA.number))
    assert inside(story) == []


def test_who_is_named_twice_is_asked_for_once() -> None:
    story = Story()
    story.inside(callid="call")
    row = story.row()
    for kind in (Kind.MUTE, Kind.KICK):
        twice = story.say(m.ControlLegs(kind, (m.Target("call"), m.Target(key=row.key)), MIA))
        assert len({outcome.command for outcome in twice.outcomes}) == 1
        assert [event.type for event in twice.events] == [EventType.PARTICIPANT_CHANGED]
    story.say(m.LegQuit("call", ADA.number))
    again = story.say(m.Redial((m.Target(key=row.key), m.Target(key=row.key)), MIA))
    assert [outcome.error for outcome in again.outcomes] == [None, None]
    assert [event.type for event in again.events] == [EventType.PARTICIPANT_QUEUED]


def test_who_is_named_by_call_and_row_is_both() -> None:
    story = Story()
    story.inside(callid="call")
    story.say(m.AddParticipants((m.Person("bob", "13800000002", "Bob"),), MIA, 100))
    both, neither = m.Target("call", story.row().key), m.Target("call", story.row("Bob").key)
    first, second = story.say(m.ControlLegs(Kind.MUTE, (both, neither), MIA)).outcomes
    assert (first.error, type(second.error)) == (None, UnknownTarget)


def test_who_is_being_called_is_not_called_at_another_number_meanwhile() -> None:
    story = Story()
    story.dial(ADA)
    other = story.invite(m.Person(ADA.id, "13900000009", ""))
    assert [type(outcome.error) for outcome in other.outcomes] == [UnknownTarget]
    assert story.row().number == ADA.number
    assert [outcome.error for outcome in story.invite(m.Person(ADA.id, ADA.number, "")).outcomes] == [None]
