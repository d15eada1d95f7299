"""What the provider says may come in any order and more than once: the row ends the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.domain import messages as m
from hub.domain.lifecycle import evolve
from hub.domain.model import Kind, Progress
from hub.domain.rules import decide
from tests.domain.test_rules import ADA, NOW, Story

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
    for message in (m.InviteParticipants((ADA,), "user:mia", 10), m.BeginDial(LEG), *told[1]):
        decision = decide(story.conference, message, NOW)
        story.conference = evolve(story.conference, decision.events)
        events += decision.events
    assert evolve(start, events) == story.conference
    assert [event.seq for event in events] == list(range(start.seq + 1, story.conference.seq + 1))
