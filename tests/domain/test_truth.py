"""Never silently wrong: every call ends, nobody inside is unseen, and what is wanted is not taken for what is so."""

from __future__ import annotations

import pytest

from hub.domain import messages as m
from hub.domain.lifecycle import FINAL
from hub.domain.messages import HUB, PROVIDER, RECONCILER
from hub.domain.model import Details, Kind, MuteMode, Participant, Pending, Progress, Role, State, Uncertain
from hub.errors import ConferenceEnded, OutcomeUnknown, UnknownTarget
from tests.domain.test_rules import ADA, BOB, MIA, NOA, Story, calls

P = Progress
CYD = m.Person("cyd", "13800000003", "Cyd")
OWNER = m.Person("mia", "13800000009", "Mia")


@pytest.fixture
def story() -> Story:
    return Story()


def key(row: Participant) -> m.Target:
    return m.Target(key=row.key)


def pending(of: Participant | Details) -> tuple[Kind, bool] | None:
    """What is wanted, and whether it is overdue."""
    return (of.pending.kind, of.pending.overdue) if of.pending else None


def late(story: Story, leg: int, result: Progress | None = None, count: int | None = None) -> m.Decision:
    """The ring timeout of a leg passes, and the provider says this of it."""
    (inquiry,) = story.say(m.CheckLeg(leg)).actions
    assert isinstance(inquiry, m.Inquire)
    return story.say(m.LegInquired(inquiry.leg, result, count))


# One leg, one life ---------------------------------------------------------------------------------------------------


def test_a_call_that_is_asked_for_is_looked_at_when_it_should_have_been_answered(story: Story) -> None:
    leg = story.dial()
    assert m.Later(m.Wait.RING, m.CheckLeg(leg)) in story.later


def test_a_silent_provider_does_not_keep_a_call_ringing(story: Story) -> None:
    (event,) = late(story, story.dial()).events
    assert (event.type, event.by, event.cause) == ("participant.failed", HUB, "ring_timeout")
    assert (story.row().progress, story.row().ended_at) == (P.NO_ANSWER, event.at)


def test_what_became_of_a_call_may_be_found_out(story: Story) -> None:
    (event,) = late(story, story.dial(), P.FAILED).events
    assert (event.by, event.cause, story.row().progress) == (RECONCILER, "reconcile", P.FAILED)


@pytest.mark.parametrize(("count", "progress"), [(1, P.JOINED), (0, P.NO_ANSWER), (None, P.NO_ANSWER)])
def test_a_call_that_is_said_to_be_answered_is_inside_only_if_somebody_is(
    story: Story, count: int | None, progress: Progress
) -> None:
    late(story, story.dial(), P.JOINED, count)
    assert story.row().progress is progress


def test_a_dial_of_unknown_outcome_is_settled_and_may_be_made_again(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    story.say(m.DialFailed(leg, P.UNKNOWN, "outcome_unknown"))
    late(story, leg)
    assert (story.row().progress, story.row().cause) == (P.FAILED, "outcome_unknown")
    assert [type(action) for action in story.invite(ADA).actions] == [m.Dial]


def test_a_check_that_comes_too_late_changes_nothing(story: Story) -> None:
    leg = story.inside()
    assert story.say(m.CheckLeg(leg)).actions == ()
    assert story.say(m.LegInquired(leg, None, None)).events == ()


def test_whoever_answers_a_call_that_was_given_up_is_seen_inside(story: Story) -> None:
    leg = story.dial()
    late(story, leg)
    (event,) = story.say(m.LegJoined(leg, "call", ADA.number)).events
    assert (event.type, event.by, event.cause) == ("participant.joined", PROVIDER, "answered_late")
    assert (story.row().leg > leg, story.row().attempt, story.row().callid) == (True, 2, "call")
    assert story.types(m.LegJoined(leg, "call", ADA.number)) == []
    assert story.types(m.LegQuit("call", ADA.number)) == ["participant.left"]
    assert story.types(m.LegJoined(leg, "call", ADA.number)) == []


def test_whoever_answers_late_while_called_again_has_a_row_of_their_own(story: Story) -> None:
    leg = story.dial(callid="first")
    late(story, leg)
    again = story.dial(callid="second")
    story.say(m.LegJoined(leg, "first", ADA.number))
    first, second = story.conference.participants.values()
    assert (first.leg, first.progress) == (again, P.DIALING)
    assert (second.callid, second.progress, second.unidentified) == ("first", P.JOINED, True)


def test_whoever_answers_late_and_hangs_up_is_no_ghost_whatever_comes_first(story: Story) -> None:
    leg = story.dial()
    late(story, leg)
    assert story.types(m.LegQuit("call", ADA.number)) == ["participant.joined", "participant.left"]
    assert story.types(m.LegJoined(leg, "call", ADA.number)) == []


def test_every_end_has_a_cause_and_a_time(story: Story) -> None:
    story.inside(ADA)
    story.say(m.LegQuit("call", ADA.number))
    story.dial(BOB, "second")
    story.say(m.LegFailed(None, "second", "", P.BUSY))
    story.invite(CYD)
    story.say(m.CancelInvites((key(story.row("Cyd")),), MIA))
    for row in story.conference.participants.values():
        assert (row.progress in FINAL, bool(row.cause), bool(row.ended_at)) == (True, True, True), row


def test_the_times_of_each_step_are_on_the_row(story: Story) -> None:
    story.inside()
    story.say(m.LegQuit("call", ADA.number))
    row = story.row()
    steps = [row.queued_at, row.dialed_at, row.joined_at, row.left_at]
    assert None not in steps
    assert steps == sorted(steps, key=str)
    assert row.left_at == row.ended_at
    story.invite(ADA)
    assert (story.row().joined_at, story.row().left_at, story.row().ended_at) == (None, None, None)


def test_whoever_dials_in_themselves_long_after_is_somebody_new(story: Story) -> None:
    """Neither the late answer of a call that was given up, nor the one to be hung up on."""
    leg = story.dial()
    story.say(m.CancelInvites((key(story.row()),), MIA))
    late(story, leg)
    decision = story.say(m.LegJoined(None, "own-call", ADA.number))
    assert (decision.actions, story.row().cause, story.row().progress) == ((), None, P.JOINED)


def test_whoever_dials_in_while_their_call_is_taken_back_is_not_hung_up_on(story: Story) -> None:
    story.invite(ADA)
    story.say(m.BeginDial(story.row().leg))
    story.say(m.CancelInvites((key(story.row()),), MIA))
    decision = story.say(m.LegJoined(None, "own-call", ADA.number))
    assert not [action for action in decision.actions if isinstance(action, m.Control)]
    assert pending(story.row()) == (Kind.CANCEL, False)


def test_one_call_told_of_twice_is_one_person(story: Story) -> None:
    """First without a word of whose it is, and then by our own number of it."""
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    story.say(m.LegJoined(None, "call", ""))
    story.say(m.LegJoined(leg, "call", ADA.number))
    inside = [row.name for row in story.conference.participants.values() if row.progress is P.JOINED]
    assert inside == ["Ada"]
    story.say(m.LegQuit("call", ADA.number))
    assert not [row for row in story.conference.participants.values() if row.progress is P.JOINED]


def test_a_call_of_ones_own_does_not_use_up_an_invitation(story: Story) -> None:
    story.invite(ADA)
    story.say(m.LegQuit("own-call", ADA.number))
    assert story.types(m.LegJoined(None, "own-call", ADA.number)) == []
    assert story.row().progress is P.QUEUED


def test_nothing_is_said_of_a_row_after_the_end(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    story.say(m.ConferenceStopped("6"))
    assert story.types(m.DialAccepted(leg, "call")) == []


# Redial, cancel, remove ----------------------------------------------------------------------------------------------


def test_whoever_failed_left_or_was_removed_is_called_again(story: Story) -> None:
    story.inside(ADA)
    story.say(m.LegQuit("call", ADA.number))
    story.dial(BOB, "second")
    story.say(m.LegFailed(None, "second", "", P.BUSY))
    decision = story.say(m.Redial((key(story.row("Ada")), key(story.row("Bob"))), NOA))
    assert [type(action) for action in decision.actions] == [m.Dial, m.Dial]
    assert [(row.attempt, row.progress) for row in story.conference.participants.values()] == [(2, P.QUEUED)] * 2


def test_nobody_is_redialled_who_has_a_call(story: Story) -> None:
    story.inside(ADA)
    story.say(m.AddParticipants((CYD,), MIA, 100))
    decision = story.say(m.Redial((m.Target("call"), key(story.row("Cyd")), m.Target(key="99")), MIA))
    assert decision.events == ()
    assert [type(outcome.error) for outcome in decision.outcomes] == [type(None), UnknownTarget, UnknownTarget]


def test_whom_nobody_knows_anything_of_is_not_redialled(story: Story) -> None:
    story.invite(ADA)
    story.say(m.BeginDial(story.row().leg))
    story.say(m.DialFailed(story.row().leg, P.UNKNOWN, "outcome_unknown"))
    (outcome,) = story.say(m.Redial((key(story.row()),), MIA)).outcomes
    assert isinstance(outcome.error, OutcomeUnknown)


def test_a_call_that_waits_is_taken_back(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    assert story.types(m.CancelInvites((key(story.row()),), NOA)) == ["participant.failed"]
    assert (story.row().progress, story.row().cause) == (P.CANCELLED, "cancelled")
    assert story.types(m.BeginDial(leg)) == []


def test_a_call_that_rings_is_hung_up_on_when_it_is_answered(story: Story) -> None:
    leg = story.dial()
    story.say(m.CancelInvites((key(story.row()),), NOA))
    assert (story.row().progress, pending(story.row())) == (P.DIALING, (Kind.CANCEL, False))
    decision = story.say(m.LegJoined(leg, "call", ADA.number))
    (kick,) = decision.actions
    assert isinstance(kick, m.Control)
    assert (kick.kind, kick.callid, kick.by) == (Kind.KICK, "call", NOA)
    (event,) = story.say(m.CommandAccepted(kick)).events
    assert (event.type, event.by) == ("participant.kicked", NOA)


def test_a_cancelled_call_whose_number_comes_late_is_hung_up_on_then(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    story.say(m.CancelInvites((key(story.row()),), NOA))
    assert story.say(m.LegJoined(leg, None, ADA.number)).actions == ()
    (kick,) = story.say(m.DialAccepted(leg, "call")).actions
    assert isinstance(kick, m.Control)


def test_a_cancelled_call_that_nobody_answers_is_cancelled(story: Story) -> None:
    leg = story.dial()
    story.say(m.CancelInvites((key(story.row()),), NOA))
    late(story, leg)
    assert (story.row().progress, story.row().cause) == (P.CANCELLED, "cancelled")
    (kick,) = story.say(m.LegJoined(leg, "call", ADA.number)).actions
    assert isinstance(kick, m.Control)


def test_a_crash_does_not_forget_that_a_call_is_not_wanted(story: Story) -> None:
    story.invite(ADA)
    story.say(m.BeginDial(story.row().leg))
    story.say(m.CancelInvites((key(story.row()),), NOA))
    assert story.outstanding() == ()
    story.say(m.Recover())
    assert (story.row().progress, pending(story.row())) == (P.UNKNOWN, (Kind.CANCEL, False))


def test_whoever_is_invited_while_cancelled_is_wanted_and_not_called_twice(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    story.say(m.CancelInvites((key(story.row()),), NOA))
    assert story.invite(ADA).actions == ()
    assert story.outstanding() == ()
    story.say(m.DialAccepted(leg, "call"))
    assert story.say(m.LegJoined(leg, "call", ADA.number)).actions == ()


def test_whoever_is_redialled_while_cancelled_is_wanted(story: Story) -> None:
    leg = story.dial()
    story.say(m.CancelInvites((key(story.row()),), MIA))
    (outcome,) = story.say(m.Redial((key(story.row()),), MIA)).outcomes
    assert outcome.error is None
    assert story.say(m.LegJoined(leg, "call", ADA.number)).actions == ()


def test_a_row_named_twice_is_removed_once(story: Story) -> None:
    leg = story.dial()
    story.say(m.LegFailed(leg, "call", "", P.BUSY))
    decision = story.say(m.RemoveParticipants((key(story.row()), m.Target("call")), MIA))
    assert [type(outcome.error) for outcome in decision.outcomes] == [type(None), UnknownTarget]


def test_a_row_that_nobody_is_on_goes_off_the_roster(story: Story) -> None:
    leg = story.inside()
    (outcome,) = story.say(m.RemoveParticipants((key(story.row()),), MIA)).outcomes
    assert isinstance(outcome.error, UnknownTarget)
    story.say(m.LegQuit("call", ADA.number))
    assert story.types(m.RemoveParticipants((key(story.row()),), MIA)) == ["participant.removed"]
    assert story.conference.participants == {}
    for stale in (m.LegJoined(leg, "call", ADA.number), m.LegQuit("call", ADA.number), m.CheckLeg(leg)):
        assert story.types(stale) == []


def test_whoever_answers_late_is_seen_though_their_row_is_gone(story: Story) -> None:
    leg = story.dial()
    late(story, leg)
    story.say(m.RemoveParticipants((key(story.row()),), MIA))
    assert story.types(m.LegJoined(leg, "call", ADA.number)) == ["participant.joined"]
    (row,) = story.conference.participants.values()
    assert (row.unidentified, row.number) == (True, ADA.number)


# Wanted and confirmed ------------------------------------------------------------------------------------------------


def test_what_does_not_come_true_in_time_is_shown(story: Story) -> None:
    story.inside()
    mute = story.ask(Kind.MUTE)
    assert story.later[-1] == m.Later(m.Wait.SETTLE, m.CheckCommand(mute.number, story.row().key))
    story.say(story.later[-1].message)
    assert pending(story.row()) == (Kind.MUTE, True)
    story.say(m.CommandAccepted(mute))
    assert (story.row().pending, story.row().muted) == (None, True)
    assert story.types(story.later[-1].message) == []


def test_an_end_that_does_not_come_about_is_shown(story: Story) -> None:
    (stop,) = story.say(m.StopConference(MIA)).actions
    story.say(m.CheckCommand(stop.number))
    assert pending(story.conference.details) == (Kind.STOP, True)


def test_a_row_whose_call_nobody_has_named_cannot_be_asked_for_anything(story: Story) -> None:
    leg = story.dial(callid=None)
    story.say(m.LegJoined(leg, None, ADA.number))
    (outcome,) = story.say(m.ControlLegs(Kind.MUTE, (key(story.row()),), MIA)).outcomes
    assert isinstance(outcome.error, UnknownTarget)
    story.say(m.LegJoined(leg, "call", ADA.number))
    assert len(story.say(m.ControlLegs(Kind.MUTE, (key(story.row()),), MIA)).actions) == 1


def test_what_the_version_before_wanted_by_itself_is_still_the_hubs_own(story: Story) -> None:
    assert Pending(Kind.STOP, 1, "hub").by == HUB


def test_an_event_says_by_what_right(story: Story) -> None:
    story.inside()
    mute = story.ask(Kind.MUTE)
    (event,) = story.say(m.CommandAccepted(mute)).events
    assert event.by == NOA
    (event,) = story.say(m.LegQuit("call", ADA.number)).events
    assert event.by == PROVIDER


# Targets -------------------------------------------------------------------------------------------------------------


def everybody_inside(story: Story) -> None:
    for person in (OWNER, ADA, BOB):
        story.inside(person, f"call-{person.name}")


@pytest.mark.parametrize(
    ("whom", "meant"),
    [
        (m.Whom.ALL, ["Mia", "Ada", "Bob"]),
        (m.Whom.ALL_BUT_MODERATORS, ["Ada", "Bob"]),
        (m.Whom.ALL_BUT_ME, ["Mia", "Bob"]),
    ],
)
def test_everybody_is_who_is_meant(story: Story, whom: m.Whom, meant: list[str]) -> None:
    everybody_inside(story)
    decision = story.say(m.ControlLegs(Kind.MUTE, m.Everybody(whom, "ada"), MIA))
    assert [outcome.target for outcome in decision.outcomes] == [
        m.Target(f"call-{name}", story.row(name).key) for name in meant
    ]


def test_an_empty_list_is_nobody(story: Story) -> None:
    everybody_inside(story)
    for message in (m.ControlLegs(Kind.KICK, (), MIA), m.Redial((), MIA), m.RemoveParticipants((), MIA)):
        assert story.say(message) == m.Decision(())


def test_of_everybody_only_those_are_asked_of_whom_it_is_not_so(story: Story) -> None:
    everybody_inside(story)
    (mute,) = story.say(m.ControlLegs(Kind.MUTE, calls("call-Ada"), MIA)).actions
    story.say(m.CommandAccepted(mute))
    assert len(story.say(m.ControlLegs(Kind.MUTE, m.Everybody(m.Whom.ALL), MIA)).actions) == 2
    assert len(story.say(m.ControlLegs(Kind.UNMUTE, m.Everybody(m.Whom.ALL), MIA)).outcomes) == 3


def test_a_row_can_be_named_by_its_key(story: Story) -> None:
    story.inside()
    (mute,) = story.say(m.ControlLegs(Kind.MUTE, (key(story.row()),), MIA)).actions
    assert isinstance(mute, m.Control)
    assert mute.callid == "call"


def test_whoever_the_conference_belongs_to_moderates_it(story: Story) -> None:
    story.invite(OWNER, ADA, m.Person("noa", "13800000008", "Noa", Role.MODERATOR))
    assert [row.role for row in story.conference.participants.values()] == [
        Role.MODERATOR,
        Role.PARTICIPANT,
        Role.MODERATOR,
    ]
    story.say(m.AddParticipants((m.Person("ada", "", "", Role.MODERATOR),), MIA, 100))
    story.say(m.AddParticipants((m.Person("ada", "", "Ada L."),), MIA, 100))
    assert story.row("Ada L.").role is Role.MODERATOR


# The conference is muted ---------------------------------------------------------------------------------------------


def test_who_comes_into_a_muted_conference_is_muted(story: Story) -> None:
    story.inside(OWNER, "first")
    decision = story.say(m.SetMuteMode(MuteMode.ALL_BUT_MODERATORS, MIA))
    assert (decision.actions, story.conference.details.muted) == ((), MuteMode.ALL_BUT_MODERATORS)
    leg = story.dial(ADA)
    (mute,) = story.say(m.LegJoined(leg, "call", ADA.number)).actions
    assert isinstance(mute, m.Control)
    assert (mute.kind, mute.callid) == (Kind.MUTE, "call")
    (mute,) = story.say(m.LegJoined(None, "stranger", "13900000001")).actions
    assert isinstance(mute, m.Control)


def test_who_is_inside_is_muted_with_the_conference_and_nobody_unmuted_after(story: Story) -> None:
    everybody_inside(story)
    decision = story.say(m.SetMuteMode(MuteMode.ALL, MIA))
    for mute in decision.actions:
        assert isinstance(mute, m.Control)
        story.say(m.CommandAccepted(mute))
    assert len(decision.outcomes) == 3
    decision = story.say(m.SetMuteMode(MuteMode.NONE, MIA))
    assert (decision.actions, [event.type.value for event in decision.events]) == ((), ["conference.changed"])
    assert all(row.muted for row in story.conference.participants.values())
    leg = story.dial(CYD, "later")
    assert story.say(m.LegJoined(leg, "later", CYD.number)).actions == ()


# What the provider counts --------------------------------------------------------------------------------------------


def test_a_count_that_differs_makes_the_conference_uncertain_until_it_agrees(story: Story) -> None:
    story.inside()
    (event,) = story.say(m.Counted(0)).events
    assert (event.type, event.by, event.cause) == ("conference.changed", RECONCILER, "reconcile")
    assert story.conference.details.uncertain == Uncertain(shown=1, counted=0)
    assert story.types(m.Counted(0)) == []
    story.say(m.Counted(1))
    assert story.conference.details.uncertain is None


def test_whoever_is_being_called_may_be_counted_or_not(story: Story) -> None:
    story.inside(ADA, "first")
    story.dial(BOB, "second")
    assert story.types(m.Counted(1)) == story.types(m.Counted(2)) == []
    story.say(m.Counted(3))
    assert story.conference.details.uncertain == Uncertain(shown=1, counted=3)


def test_an_end_leaves_nothing_uncertain(story: Story) -> None:
    story.inside()
    story.say(m.Counted(0))
    events = story.say(m.ConferenceStopped("6", is_found=True)).events
    said = [(event.type.value, event.by, event.cause) for event in events]
    assert said == [
        ("participant.left", RECONCILER, "reconcile"),
        ("conference.ended", RECONCILER, "reconcile"),
    ]
    assert (story.conference.details.uncertain, story.conference.details.state) == (None, State.ENDED)


def test_a_ghost_is_settled_by_hand(story: Story) -> None:
    story.inside()
    story.say(m.Counted(0))
    events = story.say(m.SettleParticipants(((key(story.row()), P.LEFT),), NOA)).events
    said = [(event.type.value, event.by, event.cause) for event in events]
    assert said == [("participant.left", NOA, "settled"), ("conference.changed", NOA, "settled")]
    assert story.conference.details.uncertain is None
    assert story.types(m.LegQuit("call", ADA.number)) == []


def test_a_ringing_call_is_not_settled_as_over(story: Story) -> None:
    story.dial()
    (outcome,) = story.say(m.SettleParticipants(((key(story.row()), P.LEFT),), NOA)).outcomes
    assert (type(outcome.error), story.row().progress) == (UnknownTarget, P.DIALING)


def test_an_unknown_call_is_settled_and_whoever_answers_it_is_seen(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    story.say(m.DialFailed(leg, P.UNKNOWN, "outcome_unknown"))
    story.say(m.SettleParticipants(((key(story.row()), P.LEFT),), NOA))
    assert (story.row().progress, story.row().cause) == (P.FAILED, "settled")
    assert story.types(m.LegJoined(leg, "call", ADA.number)) == ["participant.joined"]


def test_a_mistaken_settlement_is_taken_back_with_the_call(story: Story) -> None:
    story.inside()
    story.say(m.CommandAccepted(story.ask(Kind.MUTE)))
    for progress in (P.LEFT, P.JOINED):
        story.say(m.SettleParticipants(((key(story.row()), progress),), NOA))
    assert (story.row().progress, story.row().callid, story.row().muted) == (P.JOINED, "call", True)
    assert story.types(m.LegQuit("call", ADA.number)) == ["participant.left"]


def test_whoever_is_settled_inside_comes_into_a_muted_conference(story: Story) -> None:
    story.dial()
    story.say(m.SetMuteMode(MuteMode.ALL, MIA))
    story.say(m.SettleParticipants(((key(story.row()), P.JOINED),), NOA))
    assert pending(story.row()) == (Kind.MUTE, False)


def test_a_call_of_somebody_settled_inside_is_theirs(story: Story) -> None:
    story.say(m.AddParticipants((ADA,), MIA, 100))
    story.say(m.SettleParticipants(((key(story.row()), P.JOINED),), NOA))
    assert story.types(m.LegJoined(None, "call", ADA.number)) == ["participant.changed"]
    assert (story.row().callid, len(story.conference.participants)) == ("call", 1)


def test_what_is_being_called_does_not_explain_what_was_uncertain(story: Story) -> None:
    story.inside()
    story.say(m.Counted(2))
    story.dial(BOB, "b")
    assert story.types(m.Counted(2)) == []
    assert story.conference.details.uncertain == Uncertain(shown=1, counted=2)


def test_who_waits_to_be_called_explains_no_count(story: Story) -> None:
    story.inside()
    story.invite(BOB, CYD)
    story.say(m.Counted(3))
    assert story.conference.details.uncertain == Uncertain(shown=1, counted=3)


def test_what_is_uncertain_is_no_cause_of_the_conference(story: Story) -> None:
    story.inside()
    (stop,) = story.say(m.StopConference(MIA)).actions
    story.say(m.Counted(5))
    assert (story.conference.details.cause, story.say(m.StopConference(MIA)).outcomes[0].command) == (None, stop.number)


def test_somebody_unseen_is_settled_by_hand(story: Story) -> None:
    leg = story.dial()
    late(story, leg)
    story.say(m.SettleParticipants(((key(story.row()), P.JOINED),), NOA))
    assert (story.row().progress, story.row().attempt) == (P.JOINED, 2)
    (outcome,) = story.say(m.SettleParticipants(((m.Target(key="99"), P.JOINED),), NOA)).outcomes
    assert isinstance(outcome.error, UnknownTarget)


@pytest.mark.parametrize(
    "message",
    [
        m.Redial((), MIA),
        m.CancelInvites((), MIA),
        m.RemoveParticipants((), MIA),
        m.SettleParticipants((), MIA),
        m.SetMuteMode(MuteMode.ALL, MIA),
    ],
)
def test_an_ended_conference_takes_none_of_these(story: Story, message: m.Command) -> None:
    story.say(m.ConferenceStopped("6"))
    with pytest.raises(ConferenceEnded):
        story.say(message)
