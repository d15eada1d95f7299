"""The checker: what is wrong with a run, in sentences. Pure: the evidence is collected elsewhere.

Whoever sends a callback or a command notes its token and how it was answered; every moderator notes what it was told.
What must be so: every acknowledged token is exactly once in the log and at every client, no number is missing or twice,
all see one order, and what a client made of its events, a fresh snapshot and the log from 1 are one state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple

from hub.client import State, apply, nothing

Event = Mapping[str, Any]


class Token(NamedTuple):
    """`what` is listed, joined, left or failed; `who` is a user or number, a callid, a callid, a number."""

    what: str
    who: str


HAPPENED = {"participant.joined": "joined", "participant.left": "left", "participant.kicked": "left"}


@dataclass(frozen=True, slots=True)
class Said:
    """A callback or a command as its sender saw it. `status` is HTTP's, 0 without an answer; times are Unix seconds.

    `is_acknowledged`: the answer says that it was taken.
    """

    conference: str
    token: Token
    status: int
    is_acknowledged: bool
    sent_at: float
    answered_at: float


class Watcher:
    """What one moderator was told of one conference, over all its connections.

    `own` is the state that its client shows, where it has one of its own.
    """

    def __init__(self, name: str, id: str) -> None:
        self.name = name
        self.id = id
        self.epoch: str | None = None
        self.snapshots: list[State] = []
        self.entries: list[tuple[str, int, Event]] = []
        self.own: State | None = None

    def begin(self, epoch: str | None, snapshot: State) -> None:
        """A client that keeps the epoch to itself says None."""
        self.epoch = self.epoch or epoch
        self.snapshots.append(snapshot)

    def take(self, event: Event) -> None:
        self.epoch = self.epoch or event["epoch"]
        self.entries.append((event["epoch"], event["seq"], event))

    @property
    def seq(self) -> int:
        """0: nothing was told yet."""
        return self.entries[-1][1] if self.entries else self.snapshots[0].seq if self.snapshots else 0


@dataclass(frozen=True, slots=True, repr=False)
class Evidence:
    """Of one run, once it is quiet: logs and snapshots by the conference's id."""

    said: Sequence[Said]
    logs: Mapping[str, Sequence[Event]]
    fresh: Mapping[str, State]
    watchers: Sequence[Watcher]

    def __str__(self) -> str:
        """In figures."""
        tokens = {each.token for each in self.said if each.is_acknowledged}
        events = sum(map(len, self.logs.values()))
        told = sum(len(watcher.entries) for watcher in self.watchers)
        return f"{len(tokens)} tokens acknowledged, {len(self.said)} times sent, {events} events, told {told} times"


def wrong(evidence: Evidence) -> list[str]:
    """Empty if all is as it must be."""
    found = _Found.in_logs(evidence.logs)
    return [
        *(f"conference {id}: {flaw}" for id, log in evidence.logs.items() for flaw in _of_log(log, evidence.fresh[id])),
        *_of_tokens(evidence.said, found),
        *_of_order(evidence.said, found),
        *(
            f"{watcher.name}, conference {watcher.id}: {flaw}"
            for watcher in evidence.watchers
            for flaw in _of_watcher(watcher, evidence.logs[watcher.id], evidence.fresh[watcher.id])
        ),
    ]


def tokens_of(log: Iterable[Event]) -> Iterator[tuple[Token, Event]]:
    """What each event of a whole log says has happened."""
    known: set[str] = set()
    for event in log:
        row = event.get("participant")
        if row is None:
            continue
        if row["key"] not in known:
            known.add(row["key"])
            yield Token("listed", row["id"] or row["number"]), event
        if event["type"] in HAPPENED and row.get("callid"):
            yield Token(HAPPENED[event["type"]], row["callid"]), event
        if event["type"] == "participant.failed" and row["progress"] != "unknown":
            yield Token("failed", row["number"]), event


@dataclass(slots=True)
class _Found:
    """Where in the logs every token is, as (conference, seq, at), and when conferences ended."""

    places: dict[Token, list[tuple[str, int, float]]] = field(default_factory=dict)
    ended_at: dict[str, float] = field(default_factory=dict)

    @classmethod
    def in_logs(cls, logs: Mapping[str, Sequence[Event]]) -> _Found:
        found = cls()
        for id, log in logs.items():
            for token, event in tokens_of(log):
                found.places.setdefault(token, []).append((id, event["seq"], _moment(event)))
            found.ended_at |= {event["id"]: _moment(event) for event in log if event["type"] == "conference.ended"}
        return found

    def was_over(self, said: Said) -> bool:
        """Its call, or its conference, may have been over when it was acknowledged: then it was stale.

        A reserved conference may have got another number at the provider: then the first end of all counts.
        """
        ends = [at for _, _, at in self.places.get(Token("left", said.token.who), ())]
        first_end = min(self.ended_at.values(), default=float("inf"))
        ends.append(self.ended_at.get(said.conference, first_end))
        return said.token.what != "listed" and min(ends) <= said.answered_at


def _moment(event: Event) -> float:
    return datetime.fromisoformat(event["at"]).timestamp()


def _of_log(log: Sequence[Event], fresh: State) -> Iterator[str]:
    if flaw := _of_numbers([event["seq"] for event in log], 1, fresh.seq):
        yield f"the log: {flaw}"
    elif differs := _difference(replay(nothing, log), fresh):
        yield f"the log from 1 leads to another state than a fresh snapshot: {differs}"


def _of_tokens(said: Iterable[Said], found: _Found) -> Iterator[str]:
    """Acknowledged: exactly once, unless it was stale. Not acknowledged: it may have been taken all the same."""
    acknowledged: dict[Token, Said] = {}
    for each in said:
        if each.is_acknowledged:
            acknowledged.setdefault(each.token, each)
    for token, first in acknowledged.items():
        if token not in found.places and not found.was_over(first):
            yield f"{token} was acknowledged with {first.status} and is in no log"
    for token in dict.fromkeys(each.token for each in said):
        places = [(id, seq) for id, seq, _ in found.places.get(token, ())]
        if len(places) > 1:
            yield f"{token} is {len(places)} times in the log: {places}"


def _of_order(said: Iterable[Said], found: _Found) -> Iterator[str]:
    """A command that was acknowledged before another was sent comes before it."""
    commands = [(*found.places[each.token][0], each) for each in said if _is_command_in(each, found)]
    latest: dict[str, Said] = {}
    for id, seq, _, command in sorted(commands, key=lambda entry: entry[:2]):
        other = latest.setdefault(id, command)
        if command.answered_at < other.sent_at:
            yield f"conference {id}: event {seq}, {command.token}, comes after {other.token}, which was sent later"
        if command.sent_at > other.sent_at:
            latest[id] = command


def _is_command_in(said: Said, found: _Found) -> bool:
    return said.token.what == "listed" and said.is_acknowledged and said.token in found.places


def _of_watcher(watcher: Watcher, log: Sequence[Event], fresh: State) -> Iterator[str]:
    if len(watcher.snapshots) != 1:
        yield f"was given {len(watcher.snapshots)} snapshots instead of one"
        return
    (first,) = watcher.snapshots
    if epochs := {epoch for epoch, _, _ in watcher.entries} - {watcher.epoch}:
        yield f"was told of other epochs: {epochs}"
    if flaw := _of_numbers([seq for _, seq, _ in watcher.entries], first.seq + 1, len(log)):
        yield flaw
        return
    events = [event for _, _, event in watcher.entries]
    told, stored = (dict(_by_seq(tokens)) for tokens in (tokens_of([*log[: first.seq], *events]), tokens_of(log)))
    for event, its in zip(events, log[first.seq :], strict=True):
        seq = its["seq"]
        if event != its:
            yield f"was told of event {seq} otherwise than the log has it: {told.get(seq)} for {stored.get(seq)}"
    states = {"its events lead": replay(first, events), "its client came": watcher.own or fresh}
    for what, state in states.items():
        if differs := _difference(state, fresh):
            yield f"{what} to another state than a fresh snapshot: {differs}"


def _by_seq(tokens: Iterable[tuple[Token, Event]]) -> Iterator[tuple[int, Token]]:
    return ((event["seq"], token) for token, event in tokens)


def _of_numbers(seqs: Sequence[int], first: int, last: int) -> str | None:
    """What is wrong with them, if they do not count up from the first to the last."""
    due = range(first, last + 1)
    if list(seqs) == list(due):
        return None
    if doubled := sorted(seq for seq, times in Counter(seqs).items() if times > 1):
        return f"events are told more than once: {doubled}"
    if missing := sorted(set(due) - set(seqs)):
        return f"a gap: {missing} are missing"
    if further := sorted(set(seqs) - set(due)):
        return f"events that nobody knows: {further}"
    return f"the order is changed: {list(seqs)}"


def replay(first: State, events: Iterable[Event]) -> State:
    return reduce(apply, events, first)


def _difference(one: State, other: State) -> list[tuple[str, Any, Any]]:
    """The parts that differ: (what, here, there)."""
    keys = dict.fromkeys([*one.participants, *other.participants])
    rows = [(f"row {key}", one.participants.get(key), other.participants.get(key)) for key in keys]
    parts = [("seq", one.seq, other.seq), ("conference", one.conference, other.conference), *rows]
    order = ("order of rows", list(one.participants), list(other.participants))
    return [(what, here, there) for what, here, there in [*parts, order] if here != there]
