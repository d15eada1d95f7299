from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from hub.domain import messages as m
from hub.domain.lifecycle import NEXT, Draft, IllegalTransition, evolve
from hub.domain.messages import PROVIDER, EventType
from hub.domain.model import Conference, Details, Kind, Participant, Pending, Progress, Source, State, dialled, digits
from hub.domain.rules import decide, outstanding
from hub.errors import ConferenceEnded, InvalidNumber, OutcomeUnknown, RosterFull, UnknownTarget

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MIA = Source("user:mia", "key:one")
NOA = Source("user:noa", "token:two of key:one")
ADA = m.Person("ada", "13800000001", "Ada")
BOB = m.Person("", "138-0000-0002", "Bob")


def calls(*callids: str) -> tuple[m.Target, ...]:
    return tuple(map(m.Target, callids))


class Story:
    """A conference to which things are said; what it wants to be said to it later is kept apart."""

    def __init__(self) -> None:
        details = Details(
            id="6", number="6", vid="96", app="demo", owner="mia", name="", time="", pwd="", created_at=NOW
        )
        self.conference = Conference(1, details)
        self.later: list[m.Later] = []
        self.say(m.CreateConference(MIA))

    def say(self, message: m.Message) -> m.Decision:
        decision = decide(self.conference, message, self.time())
        self.conference = evolve(self.conference, decision.events)
        self.later += [action for action in decision.actions if isinstance(action, m.Later)]
        return replace(decision, actions=tuple(a for a in decision.actions if not isinstance(a, m.Later | m.Over)))

    def outstanding(self) -> tuple[m.Action, ...]:
        """What a restart asks for at once."""
        return tuple(action for action in outstanding(self.conference) if not isinstance(action, m.Later))

    def time(self) -> datetime:
        return NOW + timedelta(seconds=self.conference.seq)

    def types(self, message: m.Message) -> list[str]:
        return [event.type.value for event in self.say(message).events]

    def row(self, name: str = "Ada") -> Participant:
        return next(row for row in self.conference.participants.values() if row.name == name)

    def invite(self, *people: m.Person) -> m.Decision:
        return self.say(m.InviteParticipants(people, MIA, 100))

    def dial(self, person: m.Person = ADA, callid: str | None = "call") -> int:
        """Invite and have it accepted: the leg."""
        self.invite(person)
        leg = self.row(person.name).leg
        self.say(m.BeginDial(leg))
        self.say(m.DialAccepted(leg, callid))
        return leg

    def inside(self, person: m.Person = ADA, callid: str = "call") -> int:
        leg = self.dial(person, callid)
        self.say(m.LegJoined(leg, callid, person.number))
        return leg

    def ask(self, kind: Kind, callid: str = "call") -> Any:
        """The action that a command leads to."""
        return self.say(m.ControlLegs(kind, calls(callid), NOA)).actions[0]


@pytest.fixture
def story() -> Story:
    return Story()


# Legs ----------------------------------------------------------------------------------------------------------------


def test_a_leg_ends_once(story: Story) -> None:
    leg = story.dial()
    assert story.types(m.LegFailed(leg, "call", "", Progress.BUSY)) == ["participant.failed"]
    for late in (
        m.LegJoined(leg, "call", ADA.number),
        m.LegFailed(leg, "call", "", Progress.NO_ANSWER),
        m.LegQuit("call", ADA.number),
        m.DialAccepted(leg, "call"),
    ):
        assert story.types(late) == []
    assert story.row().progress is Progress.BUSY


def test_stale_leg_fact_changes_nothing(story: Story) -> None:
    first = story.inside(callid="first")
    story.say(m.LegQuit("first", ADA.number))
    story.inside(callid="second")
    before = story.conference
    for stale in (
        m.LegJoined(first, "first", ADA.number),
        m.LegJoined(None, "first", ADA.number),
        m.LegQuit("first", ADA.number),
        m.LegFailed(first, "first", ADA.number, Progress.BUSY),
        m.DialFailed(first, Progress.FAILED, "refused"),
    ):
        assert story.types(stale) == []
    assert story.conference == before


def test_a_join_that_overtakes_the_answer_is_a_join(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    assert story.types(m.LegJoined(leg, "call", ADA.number)) == ["participant.joined"]
    assert story.types(m.DialAccepted(leg, "call")) == []
    assert (story.row().progress, story.row().callid, story.row().pending) == (Progress.JOINED, "call", None)


def test_an_answer_that_comes_last_still_names_the_call(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    story.say(m.LegJoined(leg, None, ADA.number))
    story.say(m.DialAccepted(leg, "call"))
    assert story.types(m.LegQuit("call", "")) == ["participant.left"]


def test_a_quit_that_overtakes_the_join_is_the_end(story: Story) -> None:
    leg = story.dial()
    assert story.types(m.LegQuit("call", ADA.number)) == ["participant.left"]
    assert story.types(m.LegJoined(leg, "call", ADA.number)) == []


def test_a_dial_that_the_provider_refuses_has_failed_with_its_words(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    story.say(m.DialFailed(leg, Progress.FAILED, "provider_refused: no money"))
    assert (story.row().progress, story.row().cause) == (Progress.FAILED, "provider_refused: no money")


def test_an_unknown_outcome_is_settled_by_a_callback(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    assert story.types(m.DialFailed(leg, Progress.UNKNOWN, "outcome_unknown")) == ["participant.failed"]
    assert story.types(m.LegJoined(leg, "call", ADA.number)) == ["participant.joined"]


def test_a_dial_is_begun_once(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    begun = story.say(m.BeginDial(leg))
    assert ([event.type.value for event in begun.events], begun.actions) == (["participant.changed"], ())
    assert story.types(m.BeginDial(leg)) == []


def test_a_restart_leaves_a_begun_dial_unknown_and_takes_up_a_queued_one(story: Story) -> None:
    story.invite(ADA, BOB)
    story.say(m.BeginDial(story.row("Ada").leg))
    story.say(m.Recover())
    assert story.row("Ada").progress is Progress.UNKNOWN
    assert story.outstanding() == (m.Dial(story.row("Bob").leg),)


def test_a_quit_of_a_call_that_was_never_named_is_the_end_of_the_dial(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    assert story.types(m.LegQuit("call", ADA.number)) == ["participant.left"]
    assert story.types(m.LegJoined(leg, "call", ADA.number)) == []
    assert story.types(m.DialAccepted(leg, "call")) == []
    assert (story.row().progress, story.row().callid) == (Progress.LEFT, "call")


def test_a_quit_that_names_no_call_does_not_end_the_next_one(story: Story) -> None:
    """Removed, called again at once, and only then the platform says that somebody of this number has gone."""
    story.inside()
    story.say(m.CommandAccepted(story.ask(Kind.KICK)))
    leg = story.dial(callid="second")
    assert story.types(m.LegQuit(None, ADA.number)) == []
    assert story.types(m.LegJoined(leg, "second", ADA.number)) == ["participant.joined"]
    assert story.types(m.LegQuit(None, ADA.number)) == ["participant.left"]


def test_a_quit_that_names_no_call_is_of_the_row_that_is_inside(story: Story) -> None:
    """Two people share a number: one is inside, the other's phone still rings."""
    story.inside(m.Person("boss", "02100000000", "Boss"), "b")
    story.dial(m.Person("aide", "02100000000", "Aide"), "a")
    story.say(m.LegQuit(None, "02100000000"))
    assert [row.progress for row in story.conference.participants.values()] == [Progress.LEFT, Progress.DIALING]


def test_a_call_of_unknown_outcome_is_not_made_again(story: Story) -> None:
    story.invite(ADA)
    story.say(m.BeginDial(story.row().leg))
    story.say(m.Recover())
    again = story.invite(ADA)
    assert (again.events, again.actions, type(again.outcomes[0].error)) == ((), (), OutcomeUnknown)


# The roster ----------------------------------------------------------------------------------------------------------


def test_the_same_user_again_is_the_same_row(story: Story) -> None:
    story.say(m.AddParticipants((ADA,), MIA, 100))
    changed = m.Person("ada", "13900000000", "Ada L.")
    assert story.types(m.AddParticipants((changed,), MIA, 100)) == ["participant.changed"]
    assert [(r.number, r.name) for r in story.conference.participants.values()] == [("13900000000", "Ada L.")]


def test_the_same_number_in_another_spelling_is_the_same_row(story: Story) -> None:
    story.invite(BOB)
    assert story.invite(m.Person("", "１３８ 0000 0002", "Bob")).actions == ()
    assert len(story.conference.participants) == 1


def test_the_same_person_twice_in_one_request_is_called_once(story: Story) -> None:
    decision = story.invite(ADA, ADA)
    assert len(decision.actions) == 1
    assert [outcome.error for outcome in decision.outcomes] == [None, None]


def test_who_is_inside_or_being_called_is_not_called_again(story: Story) -> None:
    story.dial()
    assert story.invite(ADA).actions == ()
    story.say(m.LegJoined(story.row().leg, "call", ADA.number))
    assert story.invite(ADA).actions == ()


def test_a_new_call_starts_clean(story: Story) -> None:
    story.inside()
    story.say(m.CommandAccepted(story.ask(Kind.MUTE)))
    story.say(m.LegQuit("call", ADA.number))
    story.invite(ADA)
    row = story.row()
    assert (row.progress, row.muted, row.callid, row.joined_at, row.left_at) == (
        Progress.QUEUED,
        False,
        None,
        None,
        None,
    )
    assert row.attempt == 2


def test_a_number_without_a_digit_fails_alone(story: Story) -> None:
    decision = story.invite(m.Person("eve", "none", "Eve"), ADA)
    assert [type(outcome.error) for outcome in decision.outcomes] == [InvalidNumber, type(None)]
    assert [row.name for row in story.conference.participants.values()] == ["Ada"]


def test_a_full_roster_takes_nobody_new(story: Story) -> None:
    story.say(m.AddParticipants((ADA,), MIA, 1))
    outcomes = story.say(m.AddParticipants((ADA, BOB), MIA, 1)).outcomes
    assert [type(outcome.error) for outcome in outcomes] == [type(None), RosterFull]


def test_a_voip_user_is_put_on_the_roster_and_not_dialled(story: Story) -> None:
    assert story.invite(m.Person("vip", "", "Vip")).actions == ()
    assert story.row("Vip").progress is Progress.ADDED


def test_a_listed_number_that_dials_in_is_that_row(story: Story) -> None:
    story.say(m.AddParticipants((ADA,), MIA, 100))
    assert story.types(m.LegJoined(None, "in", "138 0000 0001")) == ["participant.joined"]
    assert (story.row().callid, story.row().unidentified, story.row().attempt) == ("in", False, 1)


def test_a_stranger_gets_a_row_of_their_own(story: Story) -> None:
    story.say(m.LegJoined(None, "in", "10086"))
    (row,) = story.conference.participants.values()
    assert (row.number, row.unidentified, row.progress) == ("10086", True, Progress.JOINED)
    assert story.types(m.LegJoined(None, "in", "10086")) == []
    assert story.types(m.LegQuit("in", "10086")) == ["participant.left"]
    assert story.types(m.LegJoined(None, "again", "10086")) == ["participant.joined"]
    assert len(story.conference.participants) == 1


def test_who_calls_while_being_called_and_answers_is_inside_twice(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    story.say(m.LegJoined(None, "own", ADA.number))
    story.say(m.DialAccepted(leg, "ours"))
    join = m.LegJoined(leg, "ours", ADA.number)
    assert (story.types(join), story.types(join)) == (["participant.joined"], [])
    assert [row.callid for row in story.conference.participants.values()] == ["own", "ours"]
    story.say(m.LegQuit("own", ADA.number))
    assert [row.progress for row in story.conference.participants.values()] == [Progress.LEFT, Progress.JOINED]


def test_who_called_while_being_called_and_hung_up_answers_in_their_row(story: Story) -> None:
    story.invite(ADA)
    leg = story.row().leg
    story.say(m.BeginDial(leg))
    story.say(m.LegJoined(None, "own", ADA.number))
    story.say(m.DialAccepted(leg, "ours"))
    story.say(m.LegQuit("own", ADA.number))
    story.say(m.LegJoined(leg, "ours", ADA.number))
    assert [(row.callid, row.progress) for row in story.conference.participants.values()] == [("ours", Progress.JOINED)]


@pytest.mark.parametrize("number", ["", "anonymous"])
def test_a_call_without_a_number_is_nobody_known(story: Story, number: str) -> None:
    story.invite(m.Person("vip", "", "Vip"))
    story.say(m.LegJoined(None, None, number))
    assert story.row("Vip").progress is Progress.ADDED
    assert story.types(m.LegQuit(None, number)) == []
    assert story.types(m.LegQuit("another", number)) == []


def test_a_users_voip_account_is_that_users_row(story: Story) -> None:
    story.say(m.AddParticipants((m.Person("ada", "", "Ada"), m.Person("bob", "80001", "Bob")), MIA, 100))
    story.say(m.LegJoined(None, "voip", "80001", user="ada"))
    assert (story.row("Ada").progress, story.row("Bob").progress) == (Progress.JOINED, Progress.ADDED)
    story.say(m.LegQuit(None, "80001", user="ada"))
    assert story.row("Ada").progress is Progress.LEFT


def test_a_user_whom_nobody_listed_is_known_by_their_voip_account(story: Story) -> None:
    story.say(m.LegJoined(None, "voip", "80001", user="ada"))
    (row,) = story.conference.participants.values()
    assert (row.id, row.number, row.unidentified, row.progress) == ("ada", "80001", False, Progress.JOINED)


def test_a_user_who_calls_twice_has_a_second_row_of_a_stranger(story: Story) -> None:
    story.say(m.LegJoined(None, "voip", "80001", user="ada"))
    story.say(m.LegJoined(None, "other", "80001", user="ada"))
    assert [(row.id, row.unidentified) for row in story.conference.participants.values()] == [
        ("ada", False),
        ("", True),
    ]


def test_who_left_before_their_join_was_told_does_not_stay_behind(story: Story) -> None:
    quit = m.LegQuit("call", "13900000001")
    assert story.types(quit) == ["participant.joined", "participant.left"]
    for late in (m.LegJoined(None, "call", "13900000001"), quit):
        assert story.types(late) == []


def test_a_listed_person_who_left_before_their_join_was_told_has_left(story: Story) -> None:
    story.say(m.AddParticipants((ADA,), MIA, 100))
    story.say(m.LegQuit("call", ADA.number))
    story.say(m.LegJoined(None, "call", ADA.number))
    assert [row.progress for row in story.conference.participants.values()] == [Progress.LEFT]


def test_of_two_rows_with_one_number_the_leg_says_which(story: Story) -> None:
    boss = m.Person("boss", "02100000000", "Boss")
    aide = m.Person("aide", "02100000000", "Aide")
    story.dial(boss, "b")
    leg = story.dial(aide, "a")
    story.say(m.LegJoined(leg, "a", "02100000000"))
    assert (story.row("Boss").progress, story.row("Aide").progress) == (Progress.DIALING, Progress.JOINED)


# Commands ------------------------------------------------------------------------------------------------------------


def test_muted_is_so_when_accepted_and_said_once(story: Story) -> None:
    story.inside()
    action = story.ask(Kind.MUTE)
    assert (story.row().muted, story.row().pending) == (False, Pending(Kind.MUTE, action.number, *NOA))
    assert story.types(m.CommandAccepted(action)) == ["participant.muted"]
    assert story.types(m.MuteReported(action.number, None, Kind.MUTE, True)) == []
    assert (story.row().muted, story.row().pending) == (True, None)


def test_a_report_before_the_answer_mutes_once(story: Story) -> None:
    story.inside()
    action = story.ask(Kind.MUTE)
    assert story.types(m.MuteReported(action.number, "call", Kind.MUTE, True)) == ["participant.muted"]
    assert story.types(m.CommandAccepted(action)) == []


def test_a_report_of_failure_after_acceptance_takes_it_back(story: Story) -> None:
    story.inside()
    action = story.ask(Kind.MUTE)
    story.say(m.CommandAccepted(action))
    failed = m.MuteReported(action.number, None, Kind.MUTE, False)
    (event,) = story.say(failed).events
    assert (event.type, event.cause, event.by) == (EventType.PARTICIPANT_UNMUTED, "reported_failed", PROVIDER)
    assert story.types(failed) == []


def test_a_report_of_failure_before_acceptance_stands(story: Story) -> None:
    story.inside()
    action = story.ask(Kind.MUTE)
    story.say(m.MuteReported(action.number, None, Kind.MUTE, False))
    assert story.types(m.CommandAccepted(action)) == []
    assert (story.row().muted, story.row().pending) == (False, None)


def test_a_refused_mute_leaves_the_row_as_it_was_and_says_why(story: Story) -> None:
    story.inside()
    action = story.ask(Kind.MUTE)
    assert story.types(m.CommandFailed(action, "provider_refused: no")) == ["participant.changed"]
    assert (story.row().muted, story.row().pending, story.row().cause) == (False, None, "provider_refused: no")


def test_the_same_command_twice_is_asked_once(story: Story) -> None:
    story.inside()
    action = story.ask(Kind.MUTE)
    again = story.say(m.ControlLegs(Kind.MUTE, calls("call", "call"), MIA))
    assert (again.actions, [o.command for o in again.outcomes]) == ((), [action.number, action.number])


def test_an_unmute_that_overtakes_a_mute_in_flight_wins(story: Story) -> None:
    story.inside()
    mute, unmute = story.ask(Kind.MUTE), story.ask(Kind.UNMUTE)
    story.say(m.CommandAccepted(mute))
    assert (story.row().muted, story.row().pending and story.row().pending.number) == (True, unmute.number)
    story.say(m.CommandAccepted(unmute))
    assert (story.row().muted, story.row().pending) == (False, None)


def test_a_quit_while_a_kick_is_pending_is_a_kick(story: Story) -> None:
    story.inside()
    kick = story.ask(Kind.KICK)
    (event,) = story.say(m.LegQuit("call", ADA.number)).events
    assert (event.type, event.by) == (EventType.PARTICIPANT_KICKED, NOA)
    assert story.types(m.CommandAccepted(kick)) == []


def test_a_call_that_is_not_in_the_conference_is_no_target(story: Story) -> None:
    story.inside()
    outcomes = story.say(m.ControlLegs(Kind.MUTE, calls("call", "other"), NOA)).outcomes
    assert [type(outcome.error) for outcome in outcomes] == [type(None), UnknownTarget]


def test_a_call_that_is_over_can_be_kicked_but_not_muted(story: Story) -> None:
    story.inside()
    story.say(m.LegQuit("call", ADA.number))
    kick = story.say(m.ControlLegs(Kind.KICK, calls("call"), NOA))
    mute = story.say(m.ControlLegs(Kind.MUTE, calls("call"), NOA))
    assert (kick.events, kick.outcomes[0].error) == ((), None)
    assert isinstance(mute.outcomes[0].error, UnknownTarget)


def test_an_answer_about_a_former_call_changes_nothing(story: Story) -> None:
    story.inside()
    mute = story.ask(Kind.MUTE)
    story.say(m.LegQuit("call", ADA.number))
    story.inside(callid="second")
    assert story.types(m.CommandAccepted(mute)) == []
    assert not story.row().muted


def test_a_late_report_of_a_former_calls_mute_is_stale(story: Story) -> None:
    story.inside()
    mute = story.ask(Kind.MUTE)
    story.say(m.CommandAccepted(mute))
    story.say(m.LegQuit("call", ADA.number))
    story.inside(callid="second")
    for callid in ("call", None):
        for succeeded in (True, False):
            assert story.types(m.MuteReported(mute.number, callid, Kind.MUTE, succeeded)) == []


def test_each_command_is_credited_to_whoever_gave_it(story: Story) -> None:
    story.inside()
    mute = story.ask(Kind.MUTE)
    story.say(m.ControlLegs(Kind.UNMUTE, calls("call"), MIA))
    (event,) = story.say(m.CommandAccepted(mute)).events
    assert (event.type, event.by) == (EventType.PARTICIPANT_MUTED, NOA)


def test_a_kick_of_unknown_outcome_stays_wanted_until_the_quit(story: Story) -> None:
    story.inside()
    kick = story.ask(Kind.KICK)
    story.say(m.CommandFailed(kick, "outcome_unknown", is_unknown=True))
    assert (story.row().pending and story.row().pending.kind, story.row().cause) == (Kind.KICK, "outcome_unknown")
    (event,) = story.say(m.LegQuit("call", ADA.number)).events
    assert (event.type, event.by) == (EventType.PARTICIPANT_KICKED, NOA)


def test_a_kick_asked_again_after_a_restart_may_be_refused_because_it_was_done(story: Story) -> None:
    story.inside()
    story.ask(Kind.KICK)
    (again,) = story.outstanding()
    story.say(m.CommandFailed(again, "provider_refused: no such member"))
    assert story.types(m.LegQuit("call", ADA.number)) == ["participant.kicked"]


def test_a_kick_that_came_to_nothing_can_be_asked_anew(story: Story) -> None:
    story.inside()
    kick = story.ask(Kind.KICK)
    story.say(m.CommandFailed(kick, "outcome_unknown", is_unknown=True))
    anew = story.ask(Kind.KICK)
    assert anew.number > kick.number
    story.say(m.CommandFailed(anew, "provider_refused: no"))
    assert story.row().pending is None


# The end -------------------------------------------------------------------------------------------------------------


def test_an_end_is_asked_once_and_is_whoever_asked(story: Story) -> None:
    story.inside()
    stop = story.say(m.StopConference(MIA))
    again = story.say(m.StopConference(NOA))
    assert (again.events, again.outcomes) == ((), stop.outcomes)
    events = story.say(m.ConferenceStopped("6")).events
    assert [(event.type.value, event.by) for event in events] == [
        ("participant.left", MIA),
        ("conference.ended", MIA),
    ]
    assert story.types(m.CommandAccepted(stop.actions[0])) == []


def test_a_refused_end_leaves_it_running(story: Story) -> None:
    stop = story.say(m.StopConference(MIA)).actions[0]
    assert story.types(m.CommandFailed(stop, "provider_refused: no")) == ["conference.changed"]
    details = story.conference.details
    assert (details.state, details.pending, details.cause) == (State.ACTIVE, None, "provider_refused: no")


def test_an_end_of_unknown_outcome_stays_wanted_until_the_word(story: Story) -> None:
    stop = story.say(m.StopConference(MIA)).actions[0]
    story.say(m.CommandFailed(stop, "outcome_unknown", is_unknown=True))
    assert story.outstanding() == (stop,)
    (event,) = story.say(m.ConferenceStopped("6")).events
    assert (event.by, event.cause) == (MIA, "stopped")


def test_nothing_happens_in_an_ended_conference(story: Story) -> None:
    leg = story.dial()
    story.say(m.ConferenceStopped("6"))
    for late in (
        m.LegJoined(leg, "call", ADA.number),
        m.LegJoined(None, "stranger", "10086"),
        m.BeginDial(leg),
        m.ConferenceStopped("6"),
        m.StopConference(MIA),
    ):
        assert story.types(late) == []
    for command in (
        m.InviteParticipants((ADA,), MIA, 100),
        m.AddParticipants((ADA,), MIA, 100),
        m.ControlLegs(Kind.MUTE, calls("call"), MIA),
    ):
        with pytest.raises(ConferenceEnded):
            story.say(command)


# The table -----------------------------------------------------------------------------------------------------------


def test_an_illegal_transition_raises_and_changes_nothing(story: Story) -> None:
    story.inside()
    draft = Draft(story.conference, NOW)
    for progress in set(Progress) - NEXT[Progress.JOINED]:
        with pytest.raises(IllegalTransition):
            draft.move(story.row(), progress, "hub")
    assert draft.decision().events == ()


def test_events_continue_the_numbers(story: Story) -> None:
    decision = story.invite(ADA)
    with pytest.raises(ValueError, match="does not follow"):
        evolve(story.conference, decision.events)
    gap = replace(decision.events[0], seq=99)
    with pytest.raises(ValueError, match="does not follow"):
        evolve(story.conference, [gap])


def test_digits_are_digits_however_they_are_written() -> None:
    assert digits("+86 (138) 0013-8000") == "8613800138000"
    assert digits("１２٣") == "123"
    assert digits("none²") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("13800000001", "+86 138-0000-0001"),
        ("13800000001", "0086 13800000001"),
        ("13800000001", "8613800000001"),
        ("010-6500 0003", "+86 10 65000003"),
        ("010-6500 0003", "+86 (010) 6500 0003"),
        ("400 800 1234", "+86 4008001234"),
        ("95588", "+86 95588"),
        ("001 212 555 0100", "+1 (212) 555-0100"),
        ("001 212 555 0100", "\uff0b1 212 555 0100"),
        ("१३८००००००००१", "138000000001"),
    ],
)
def test_one_number_however_it_is_written(one: str, other: str) -> None:
    assert dialled(one) == dialled(other)


@pytest.mark.parametrize(("one", "other"), [("8610650", "10650"), ("13800000001", "13800000002"), ("86", "")])
def test_numbers_that_only_look_alike(one: str, other: str) -> None:
    assert dialled(one) != dialled(other)
