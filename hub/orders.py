"""`confhub keys`, `tokens`, `audit` and `inbox`: what is ordered, and how the answer is printed.

They reach the hub that runs, or its database if none does; how is the caller's to know.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from hub import config
from hub.config import DatabaseSettings

Ask = Callable[..., Any]
"""(operation, **params) -> result"""


class Order(NamedTuple):
    """`run` is given the words of an order, and what asks the hub: the lines to print."""

    help: str
    run: Callable[[argparse.Namespace, Ask], Iterator[str]]
    arguments: tuple[tuple[str, dict[str, Any]], ...] = ()


def carry_out(words: argparse.Namespace, ask: Ask) -> int:
    """The exit code: 1 if nobody reads on."""
    try:
        for line in words.order(words, ask):
            print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _create_key(words: argparse.Namespace, ask: Ask) -> Iterator[str]:
    given = {"admin": True} if words.admin else {"app": words.app}
    yield ask("createKey", **given)["key"]


def _list_keys(words: argparse.Namespace, ask: Ask) -> Iterator[str]:
    for key in ask("getKeys")["keys"]:
        whose = f"app {key['appid']}" if key["appid"] is not None else "admin"
        state = f"revoked {key['revokedAt']}" if key["revokedAt"] else "good"
        yield f"{key['id']}  created {key['createdAt']}  {state}  {whose}"


def _revoke_key(words: argparse.Namespace, ask: Ask) -> Iterator[str]:
    ask("revokeKey", id=words.id)
    yield f"{words.id} is revoked"


def _rotate_tokens(words: argparse.Namespace, ask: Ask) -> Iterator[str]:
    ask("rotateTokens")
    yield "tokens from before are good until the next rotation; older ones are worth nothing now"


def _audit(words: argparse.Namespace, ask: Ask) -> Iterator[str]:
    line = _as_csv if words.csv else _as_text
    after, more, is_first = words.after, True, True
    while more:
        given = {"id": words.conference} if words.conference else {}
        page = ask("getAudit", after=after, **given)
        for entry in page["entries"]:
            if is_first and words.csv:
                yield _row(list(entry))
            is_first = False
            yield line(entry)
            after = entry["n"]
        more = page["more"]


FORMULAS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


def _as_text(entry: Mapping[str, Any]) -> str:
    about = f" of {entry['conference']}" if entry["conference"] else ""
    what = json.dumps(entry["after"], ensure_ascii=False) if entry["after"] and "seq" not in entry["after"] else ""
    cause = f" ({entry['cause']})" if entry["cause"] else ""
    whence = " ".join(filter(None, (entry["credential"], entry["address"], entry["request"])))
    who = f"{entry['n']}  {entry['at']}  {entry['actor']}"
    return _plain(f"{who}  {entry['operation']}{about}: {entry['outcome']}{cause}{what and f' {what}'}  [{whence}]")


def _plain(text: str) -> str:
    """Whatever somebody sent cannot move the cursor of whoever reads it."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _as_csv(entry: Mapping[str, Any]) -> str:
    return _row([_cell(value) for value in entry.values()])


def _cell(value: Any) -> str:
    """Programs that show tables take some texts for formulas."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else "" if value is None else str(value)
    return f"'{_plain(text)}" if text[:1] in FORMULAS else _plain(text)


def _row(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _list_inbox(words: argparse.Namespace, ask: Ask) -> Iterator[str]:
    """All that are not settled; of all that there are, the newest."""
    page = ask("getInbox", all=words.all)
    yield from map(_as_line, page["callbacks"])
    while page["more"] and not words.all:
        page = ask("getInbox", before=page["callbacks"][-1]["n"])
        yield from map(_as_line, page["callbacks"])
    yield f"{page['failed']} failed and are tried again, {page['setAside']} are set aside"


def _as_line(callback: Mapping[str, Any]) -> str:
    about = f" of {callback['conference']}" if callback["conference"] else ""
    error = f" {callback['attempts']} times, {callback['error']}" if callback["error"] else ""
    what = f"{callback['n']}  {callback['at']}  {callback['word']}{about}  {callback['state']}{error}"
    return _plain(f"{what}  [{callback['said']}]")


def _retry_callback(words: argparse.Namespace, ask: Ask) -> Iterator[str]:
    count = ask("retryCallback", n=words.n)["count"]
    yield f"{count} to be tried again; `confhub inbox list` has those that fail"


ORDERS: Mapping[str, Mapping[str, Order]] = {
    "keys": {
        "create": Order("make a key: it is printed alone on a line, and never shown again", _create_key),
        "list": Order("list all keys there ever were", _list_keys),
        "revoke": Order(
            "take a key back, with whatever was made with it, also where it is in use",
            _revoke_key,
            (("id", {"metavar": "ID", "help": "the key's id, as `confhub keys list` has it"}),),
        ),
    },
    "tokens": {
        "rotate": Order("sign tokens with a new key; a second time, those of before are worth nothing", _rotate_tokens)
    },
    "audit": {
        "": Order(
            "print who did what, and who was not let",
            _audit,
            (
                ("--csv", {"action": "store_true", "help": "as comma-separated values, with everything there is"}),
                ("--conference", {"metavar": "ID", "help": "of this conference only"}),
                ("--after", {"metavar": "N", "type": int, "default": 0, "help": "what follows entry N"}),
            ),
        )
    },
    "inbox": {
        "list": Order(
            "list the callbacks that could not be applied, newest first",
            _list_inbox,
            (("--all", {"action": "store_true", "help": "the newest hundred of all callbacks"}),),
        ),
        "retry": Order(
            "have a callback tried again that could not be applied; where no hub runs, by the next one that does",
            _retry_callback,
            (("n", {"metavar": "ID", "nargs": "?", "type": int, "help": "which one (default: all set aside)"}),),
        ),
    },
}

KINDS = {
    "keys": "make, list and revoke the credentials of apps and admins",
    "tokens": "change what the credentials of people are signed with",
    "audit": "print who did what, and who was not let",
    "inbox": "look at the platform's callbacks that could not be applied, and have them tried again",
}


def add_to(commands: Any, **defaults: Any) -> None:
    """The commands of this module, among those of argparse's subparsers."""
    for kind, orders in ORDERS.items():
        help = KINDS[kind]
        of_kind = commands.add_parser(kind, allow_abbrev=False, help=help, description=f"{help[0].upper()}{help[1:]}.")
        names = None if "" in orders else of_kind.add_subparsers(required=True, metavar="ORDER")
        for name, order in orders.items():
            own = names.add_parser(name, allow_abbrev=False, help=order.help) if names else of_kind
            _add_arguments(own, order)
            own.set_defaults(order=order.run, **defaults)


def _add_arguments(parser: argparse.ArgumentParser, order: Order) -> None:
    for name, options in order.arguments:
        parser.add_argument(name, **options)
    if order.run is _create_key:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--app", metavar="APPID", help="the key is this app's")
        whose.add_argument("--admin", action="store_true", help="the key is an admin's, and may do everything")
    config.add_flags(parser, DatabaseSettings)
