"""The checker notices what it is there for: a good run has nothing wrong, and one with a single flaw has that one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from hub.client import State, nothing
from tests.faults.checker import Evidence, Said, Token, Watcher, replay, wrong

ID = "60000001"
SEEN_FROM = 2
"""What the moderator's snapshot was as of."""


def event(seq: int, type: str, **what: Any) -> dict[str, Any]:
    return {"id": ID, "epoch": "e", "seq": seq, "type": type, "at": f"2026-11-23T09:00:{seq:02}.000Z", **what}


def row(key: str, progress: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "id": f"user-{key}", "number": f"1380000000{key}", "progress": progress, **more}


def good_log() -> list[dict[str, Any]]:
    return [
        event(1, "conference.created", conference={"state": "scheduled"}),
        event(2, "conference.started", conference={"state": "active"}),
        event(3, "participant.added", participant=row("1", "added")),
        event(4, "participant.queued", participant=row("2", "queued")),
        event(5, "participant.joined", participant=row("2", "joined", callid="c2")),
        event(6, "participant.added", participant=row("3", "added")),
        event(7, "participant.left", participant=row("2", "left", callid="c2")),
    ]


def said(what: str, who: str, at: float, *, status: int = 200) -> Said:
    """`at` is in seconds after nine."""
    sent_at = 1795424400.0 + at
    return Said(ID, Token(what, who), status, status == 200, sent_at, sent_at + 0.5)


def good_run() -> Evidence:
    log = good_log()
    fresh = replay(nothing, log)
    mia = Watcher("mia", ID)
    mia.begin("e", replay(nothing, log[:SEEN_FROM]))
    for each in log[SEEN_FROM:]:
        mia.take(each)
    mia.own = fresh
    answers = [
        *(said("listed", f"user-{key}", at) for key, at in (("1", 3), ("2", 4), ("3", 6))),
        *(said("joined", "c2", 5), said("joined", "c2", 5.1), said("left", "c2", 7)),
        *(said("listed", "user-4", 7, status=0), said("left", "c9", 7, status=503)),
    ]
    return Evidence(answers, {ID: log}, {ID: fresh}, [mia])


def lose_a_token(run: Evidence) -> Evidence:
    return replace(run, said=[*run.said, said("listed", "user-4", 7)])


def lose_a_call(run: Evidence) -> Evidence:
    return replace(run, said=[*run.said, said("joined", "c3", 7)])


def double_a_token(run: Evidence) -> Evidence:
    return lengthened(run, event(8, "participant.left", participant=row("2", "left", callid="c2")))


def double_a_row(run: Evidence) -> Evidence:
    return lengthened(run, event(8, "participant.added", participant=row("9", "added") | {"id": "user-3"}))


def lengthened(run: Evidence, further: dict[str, Any]) -> Evidence:
    log = [*run.logs[ID], further]
    fresh = replay(nothing, log)
    (mia,) = run.watchers
    mia.take(further)
    mia.own = fresh
    return replace(run, logs={ID: log}, fresh={ID: fresh})


def swap_commands(run: Evidence) -> Evidence:
    """The third was acknowledged before the second was sent."""
    return replace(run, said=[*run.said[:2], said("listed", "user-3", 3.2), *run.said[3:]])


def lose_from_the_log(run: Evidence) -> Evidence:
    return replace(run, logs={ID: [*run.logs[ID][:4], *run.logs[ID][5:]]}, watchers=[])


def lose_the_end_of_the_log(run: Evidence) -> Evidence:
    return replace(run, said=[], logs={ID: run.logs[ID][:6]}, watchers=[])


def told(change: Callable[[list[Any]], list[Any]]) -> Callable[[Evidence], Evidence]:
    def bend(run: Evidence) -> Evidence:
        (mia,) = run.watchers
        mia.entries = change(mia.entries)
        return run

    return bend


def tell_otherwise(entries: list[Any]) -> list[Any]:
    epoch, seq, last = entries[-1]
    return [*entries[:-1], (epoch, seq, last | {"participant": row("2", "kicked", callid="c2")})]


def tell_of_another_epoch(entries: list[Any]) -> list[Any]:
    _, seq, last = entries[-1]
    return [*entries[:-1], ("f", seq, last)]


def begin_again(run: Evidence) -> Evidence:
    run.watchers[0].begin("e", run.fresh[ID])
    return run


def another_row(run: Evidence) -> State:
    fresh = run.fresh[ID]
    return replace(fresh, participants=MappingProxyType({**fresh.participants, "1": row("1", "joined")}))


def rows_in_another_order(run: Evidence) -> State:
    fresh = run.fresh[ID]
    return replace(fresh, participants=MappingProxyType(dict(reversed(fresh.participants.items()))))


def show_another(state: Callable[[Evidence], State]) -> Callable[[Evidence], Evidence]:
    def bend(run: Evidence) -> Evidence:
        run.watchers[0].own = state(run)
        return run

    return bend


def snapshot_another(run: Evidence) -> Evidence:
    return replace(run, fresh={ID: another_row(run)}, watchers=[])


def test_a_good_run_has_nothing_wrong() -> None:
    assert wrong(good_run()) == []


FLAWS: list[tuple[Callable[[Evidence], Evidence], str]] = [
    (lose_a_token, "Token(what='listed', who='user-4') was acknowledged with 200 and is in no log"),
    (lose_a_call, "Token(what='joined', who='c3') was acknowledged with 200 and is in no log"),
    (double_a_token, f"Token(what='left', who='c2') is 2 times in the log: [('{ID}', 7), ('{ID}', 8)]"),
    (double_a_row, f"Token(what='listed', who='user-3') is 2 times in the log: [('{ID}', 6), ('{ID}', 8)]"),
    (swap_commands, f"conference {ID}: event 6, Token(what='listed', who='user-3'), comes after Token(what='listed'"),
    (lose_from_the_log, f"conference {ID}: the log: a gap: [5] are missing"),
    (lose_the_end_of_the_log, f"conference {ID}: the log: a gap: [7] are missing"),
    (told(lambda entries: entries[1:]), f"mia, conference {ID}: a gap: [3] are missing"),
    (told(lambda entries: entries[:-1]), f"mia, conference {ID}: a gap: [7] are missing"),
    (told(lambda entries: [*entries[:2], *entries[1:]]), f"mia, conference {ID}: events are told more than once: [4]"),
    (
        told(lambda entries: [entries[1], entries[0], *entries[2:]]),
        f"mia, conference {ID}: the order is changed: [4, 3, 5, 6, 7]",
    ),
    (told(tell_of_another_epoch), f"mia, conference {ID}: was told of other epochs: {{'f'}}"),
    (told(tell_otherwise), f"mia, conference {ID}: was told of event 7 otherwise than the log has it"),
    (begin_again, f"mia, conference {ID}: was given 2 snapshots instead of one"),
    (
        show_another(another_row),
        f"mia, conference {ID}: its client came to another state than a fresh snapshot: [('row 1'",
    ),
    (
        show_another(rows_in_another_order),
        f"mia, conference {ID}: its client came to another state than a fresh snapshot: [('order of rows', ['3', '2'",
    ),
    (snapshot_another, f"conference {ID}: the log from 1 leads to another state than a fresh snapshot: [('row 1'"),
]


@pytest.mark.parametrize(("bend", "sentence"), FLAWS)
def test_a_flaw_is_noticed(bend: Callable[[Evidence], Evidence], sentence: str) -> None:
    assert wrong(bend(good_run()))[0].startswith(sentence)


def test_what_came_after_the_end_need_not_have_changed_anything() -> None:
    run = good_run()
    ended = lengthened(run, event(8, "conference.ended", conference={"state": "ended"}))
    early, late = said("joined", "c5", 7), said("joined", "c6", 8)
    assert wrong(replace(ended, said=[early, late])) == [f"{early.token} was acknowledged with 200 and is in no log"]


def test_a_join_after_its_quit_need_not_have_changed_anything() -> None:
    run = lengthened(good_run(), event(8, "participant.left", participant=row("3", "left", callid="c3")))
    assert wrong(replace(run, said=[said("joined", "c3", 9)])) == []
    assert wrong(replace(run, said=[said("joined", "c3", 7)])) != []
