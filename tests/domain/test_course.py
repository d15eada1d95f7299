"""Reserved conferences, passwords and ends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hub.domain import messages as m
from hub.domain.model import Conference, Details, Kind, Progress, State
from hub.errors import ConferenceEnded
from tests.domain.test_rules import ADA, BOB, MIA, NOA, NOW, Story

SIX = NOW + timedelta(hours=1)
DIALS = "13800000001"


class Reservation(Story):
    """Reserved for six o'clock, one hour from NOW; things are said at `at`."""

    def __init__(self, *, autocall: bool = False) -> None:
        self.at = NOW
        details = Details(
            id="6",
            number="6",
            vid="96",
            app="demo",
            owner="mia",
            name="",
            time="18:00",
            pwd="",
            created_at=NOW,
            starts_at=SIX,
            autocall=autocall,
        )
        self.conference = Conference(1, details)
        self.later = []
        self.say(m.CreateConference(MIA))

    def time(self) -> datetime:
        return self.at

    @property
    def details(self) -> Details:
        return self.conference.details

    def open(self, at: datetime = SIX, number: str = "6", vid: str = "96") -> m.Decision:
        """Its time comes, and the provider has it under this number."""
        self.at = at
        (action,) = self.say(m.CheckClock()).actions
        return self.say(m.ConferenceReady(action.number, number, vid, is_new=number != "6"))


@pytest.fixture
def reserved() -> Reservation:
    return Reservation()


def test_a_reserved_conference_waits_for_its_time(reserved: Reservation) -> None:
    assert (reserved.details.state, reserved.details.started_at, reserved.conference.seq) == (State.SCHEDULED, None, 1)


def test_a_start_that_is_now_is_a_start(story: Story) -> None:
    assert (story.conference.details.state, story.conference.seq) == (State.ACTIVE, 2)


@pytest.fixture
def story() -> Story:
    return Story()


def test_invitations_wait_for_the_start(reserved: Reservation) -> None:
    assert reserved.invite(ADA, BOB).actions == ()
    reserved.say(m.AddParticipants((m.Person("eve", "13800000009", "Eve"),), MIA, 100))
    assert reserved.outstanding() == ()
    decision = reserved.open()
    assert [event.type.value for event in decision.events] == ["conference.started"]
    assert decision.actions == (
        m.Dial(reserved.row("Ada").leg),
        m.Dial(reserved.row("Bob").leg),
    )
    assert (reserved.details.state, reserved.details.started_at) == (State.ACTIVE, SIX)
    assert reserved.row("Eve").progress is Progress.ADDED


def test_with_autocall_everybody_is_called_at_the_start() -> None:
    reserved = Reservation(autocall=True)
    reserved.invite(ADA)
    reserved.say(m.AddParticipants((BOB, m.Person("vip", "", "Vip")), MIA, 100))
    called = reserved.open().actions
    assert called == (m.Dial(reserved.row("Ada").leg), m.Dial(reserved.row("Bob").leg))


def test_calling_everybody_before_the_start_waits_as_well(reserved: Reservation) -> None:
    reserved.say(m.AddParticipants((ADA,), MIA, 100))
    assert reserved.say(m.CallEverybody(MIA)).actions == ()
    assert len(reserved.open().actions) == 1


def test_the_start_is_asked_for_once(reserved: Reservation) -> None:
    reserved.at = SIX
    assert len(reserved.say(m.CheckClock()).actions) == 1
    assert reserved.types(m.CheckClock()) == []
    assert reserved.outstanding() == (m.Open(1),)


def test_a_start_missed_by_less_than_an_hour_happens(reserved: Reservation) -> None:
    reserved.open(SIX + timedelta(minutes=59))
    assert reserved.details.state is State.ACTIVE


def test_a_start_missed_by_more_does_not(reserved: Reservation) -> None:
    reserved.invite(ADA)
    reserved.at = SIX + timedelta(minutes=61)
    (action,) = reserved.say(m.CheckClock()).actions
    assert isinstance(action, m.Dismiss)
    reserved.say(m.CommandAccepted(action))
    assert (reserved.details.state, reserved.details.cause) == (State.ENDED, "start_missed")
    assert reserved.row().progress is Progress.CANCELLED


def test_a_reservation_that_the_provider_deletes_is_made_again_at_its_start(reserved: Reservation) -> None:
    reserved.invite(ADA)
    assert reserved.types(m.ConferenceStopped("6")) == ["conference.changed"]
    assert reserved.types(m.ConferenceStopped("6")) == []
    assert (reserved.details.state, reserved.details.is_lost) == (State.SCHEDULED, True)
    decision = reserved.open(number="7", vid="97")
    assert [event.type.value for event in decision.events] == ["conference.changed", "conference.started"]
    assert (reserved.details.id, reserved.details.number, reserved.details.vid) == ("6", "7", "97")
    assert len(decision.actions) == 1
    assert reserved.types(m.ConferenceStopped("6")) == []
    assert reserved.types(m.ConferenceStopped("7"))[-1] == "conference.ended"


def test_a_start_that_the_provider_will_not_have_is_tried_again_and_says_why(reserved: Reservation) -> None:
    reserved.at = SIX
    (action,) = reserved.say(m.CheckClock()).actions
    assert isinstance(action, m.Open)
    failed = reserved.say(m.CommandFailed(action, "provider_unreachable"))
    assert [event.cause for event in failed.events] == ["provider_unreachable"]
    assert failed.actions == (m.Open(action.number, again=True),)
    once_more = reserved.say(m.CommandFailed(action, "provider_unreachable"))
    assert (once_more.events, len(once_more.actions)) == ((), 1)
    reserved.at = SIX + timedelta(minutes=61)
    (given_up,) = reserved.say(m.CommandFailed(action, "provider_unreachable")).actions
    assert isinstance(given_up, m.Dismiss)


def test_one_that_is_ended_before_its_start_does_not_start(reserved: Reservation) -> None:
    reserved.invite(ADA)
    (dismiss,) = reserved.say(m.StopConference(MIA)).actions
    assert isinstance(dismiss, m.Dismiss)
    assert reserved.types(m.CheckClock()) == []
    reserved.say(m.CommandAccepted(dismiss))
    assert (reserved.details.state, reserved.details.cause) == (State.ENDED, "stopped")
    assert reserved.types(m.CheckClock()) == []
    assert reserved.row().progress is Progress.CANCELLED


def test_an_end_that_is_wanted_while_it_is_being_opened_wins_and_knows_the_number(reserved: Reservation) -> None:
    reserved.at = SIX
    (opening,) = reserved.say(m.CheckClock()).actions
    (dismiss,) = reserved.say(m.StopConference(MIA)).actions
    reserved.say(m.ConferenceReady(opening.number, "7", "97"))
    assert (reserved.details.state, reserved.details.number) == (State.SCHEDULED, "7")
    reserved.say(m.CommandAccepted(dismiss))
    assert reserved.details.state is State.ENDED


def test_the_hub_ends_a_reserved_conference_when_the_last_one_has_left(reserved: Reservation) -> None:
    reserved.open()
    reserved.inside(ADA, "one")
    reserved.inside(BOB, "two")
    assert reserved.say(m.LegQuit("one", ADA.number)).actions == ()
    (dismiss,) = reserved.say(m.LegQuit("two", BOB.number)).actions
    assert isinstance(dismiss, m.Dismiss)
    reserved.say(m.CommandAccepted(dismiss))
    assert (reserved.details.state, reserved.details.cause) == (State.ENDED, "everybody_left")


def test_it_goes_on_while_somebody_is_being_called(reserved: Reservation) -> None:
    reserved.open()
    reserved.inside(ADA, "one")
    leg = reserved.dial(BOB, "two")
    assert reserved.say(m.LegQuit("one", ADA.number)).actions == ()
    (dismiss,) = reserved.say(m.LegFailed(leg, "two", BOB.number, Progress.BUSY)).actions
    assert isinstance(dismiss, m.Dismiss)


def test_who_came_and_went_before_the_start_does_not_end_it(reserved: Reservation) -> None:
    reserved.say(m.LegJoined(None, "early", DIALS))
    reserved.say(m.LegQuit("early", DIALS))
    assert reserved.open().actions == ()
    assert reserved.details.state is State.ACTIVE


def test_a_failed_end_of_the_hubs_own_stays_wanted(reserved: Reservation) -> None:
    reserved.open()
    reserved.inside(ADA, "one")
    (dismiss,) = reserved.say(m.LegQuit("one", ADA.number)).actions
    assert isinstance(dismiss, m.Dismiss)
    reserved.say(m.CommandFailed(dismiss, "provider_unreachable"))
    assert reserved.details.pending
    assert reserved.outstanding() == (m.Dismiss(dismiss.number),)
    assert len(reserved.say(m.StopConference(MIA)).actions) == 1


def test_a_password_is_set_and_taken_away(story: Story) -> None:
    (event,) = story.say(m.SetPassword("1234", MIA)).events
    assert (event.type.value, story.conference.details.pwd) == ("conference.changed", "1234")
    story.say(m.SetPassword("", MIA))
    assert story.conference.details.pwd == ""


@pytest.mark.parametrize("message", [m.SetPassword("1", MIA), m.CallEverybody(MIA)])
def test_an_ended_conference_takes_no_more_commands(story: Story, message: m.Message) -> None:
    story.say(m.ConferenceStopped("6"))
    with pytest.raises(ConferenceEnded):
        story.say(message)


def test_in_a_copy_whoever_should_have_been_called_may_have_been(reserved: Reservation, story: Story) -> None:
    story.invite(ADA)
    story.say(m.Recover(is_copy=True))
    assert story.row().progress is Progress.UNKNOWN
    reserved.invite(ADA)
    reserved.say(m.Recover(is_copy=True))
    assert reserved.row().progress is Progress.QUEUED
    reserved.at = SIX
    reserved.say(m.Recover(is_copy=True))
    assert reserved.row().progress is Progress.UNKNOWN


def test_a_conference_of_another_number_is_not_ended(story: Story) -> None:
    assert story.types(m.ConferenceStopped("5")) == []


def test_calling_everybody_calls_nobody_twice_and_nobody_who_left(story: Story) -> None:
    story.inside(m.Person("in", "1", "In"), "one")
    story.inside(m.Person("out", "2", "Out"), "two")
    story.say(m.LegQuit("two", "2"))
    story.inside(m.Person("gone", "3", "Gone"), "three")
    story.say(m.CommandAccepted(story.ask(Kind.KICK, "three")))
    story.dial(m.Person("rings", "4", "Rings"), "four")
    busy = story.dial(m.Person("busy", "5", "Busy"), "five")
    story.say(m.LegFailed(busy, "five", "5", Progress.BUSY))
    lost = story.dial(m.Person("lost", "6", "Lost"), None)
    story.say(m.DialFailed(lost, Progress.UNKNOWN, "outcome_unknown"))
    people = (m.Person("new", "7", "New"), m.Person("voip", "", "Voip"))
    story.say(m.AddParticipants(people, MIA, 100))
    called = story.say(m.CallEverybody(NOA))
    assert [event.participant.name for event in called.events if event.participant] == ["Busy", "New"]
    assert [event.type.value for event in called.events] == ["participant.queued"] * 2
    assert len(called.actions) == 2
    assert story.say(m.CallEverybody(NOA)).events == ()


def test_a_conference_that_is_deleted_while_it_is_being_looked_for_is_made_again(reserved: Reservation) -> None:
    """The answer that it is there is older than the word that it is gone."""
    reserved.invite(ADA)
    reserved.at = SIX
    (open_it,) = reserved.say(m.CheckClock()).actions
    reserved.say(m.ConferenceStopped("6"))
    decision = reserved.say(m.ConferenceReady(open_it.number, "6", "96"))
    assert (decision.events, decision.actions) == ((), (m.Open(open_it.number),))
    reserved.say(m.ConferenceReady(open_it.number, "7", "97", is_new=True))
    assert (reserved.details.state, reserved.details.number, reserved.details.is_lost) == (State.ACTIVE, "7", False)


def test_a_start_that_an_end_held_up_happens_when_the_end_is_refused(reserved: Reservation) -> None:
    (dismiss,) = reserved.say(m.StopConference(MIA)).actions
    reserved.at = SIX
    assert reserved.say(m.CheckClock()).actions == ()
    (open_it,) = reserved.say(m.CommandFailed(dismiss, "provider_refused: no")).actions
    reserved.say(m.ConferenceReady(open_it.number, "6", "96"))
    assert reserved.details.state is State.ACTIVE


def test_an_end_that_is_refused_before_the_time_leaves_the_start_to_its_time(reserved: Reservation) -> None:
    (dismiss,) = reserved.say(m.StopConference(MIA)).actions
    assert reserved.say(m.CommandFailed(dismiss, "provider_refused: no")).actions == ()
    assert reserved.open().actions == ()
    assert reserved.details.state is State.ACTIVE
