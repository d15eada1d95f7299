"""`confhub simulator calls` and its like: a running simulator, found by its file, looked at and ordered about.

The file says where it listens and what its token is; everything else goes over its control API.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sqlite3
import ssl
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from hub.simulator.faults import FAULTS
from hub.simulator.numbers import RESULTS

TIMEOUT_S = 30.0


class Argument(NamedTuple):
    """One of argparse's; `goes_as` is its name in the order, without which it is not sent."""

    flag: str
    goes_as: str
    options: Mapping[str, Any]


class Command(NamedTuple):
    help: str
    arguments: tuple[Argument, ...] | None = None
    """None: it only looks."""


NUMBER = Argument("number", "number", {"metavar": "NUMBER", "help": "a number, or a callid; the newest call that fits"})
COMMANDS: Mapping[str, Command] = {
    "calls": Command("list the calls"),
    "conferences": Command("list the conferences"),
    "messages": Command("list the SMS"),
    "faults": Command("list the faults that are switched on"),
    "answer": Command("a ringing call is answered now", (NUMBER,)),
    "fail": Command(
        "a ringing call fails now",
        (NUMBER, Argument("--as", "as", {"choices": list(RESULTS), "help": "why (default: busy)"})),
    ),
    "hangup": Command("somebody hangs up, or rejects the call while it rings", (NUMBER,)),
    "dial-in": Command(
        "somebody calls a conference",
        (
            Argument("number", "number", {"metavar": "NUMBER", "help": "who calls"}),
            Argument("--conference", "confid", {"metavar": "ID", "help": "which one (default: the newest)"}),
        ),
    ),
    "delete": Command(
        "the platform deletes a conference",
        (Argument("confid", "confid", {"metavar": "ID", "nargs": "?", "help": "which one (default: the newest)"}),),
    ),
    "fault": Command(
        "switch a fault on",
        (
            Argument("name", "name", {"metavar": "NAME", "help": "which one"}),
            Argument("--only", "only", {"metavar": "X", "help": "only notices of this kind, or this command"}),
            Argument("--probability", "probability", {"metavar": "P", "type": float, "help": "0 to 1 (default: 1)"}),
            Argument("--nth", "nth", {"metavar": "N", "type": int, "help": "only the n-th time"}),
            Argument("--seconds", "seconds", {"metavar": "S", "type": float, "help": "how long it waits"}),
        ),
    ),
    "mend": Command(
        "switch a fault off",
        (Argument("name", "name", {"metavar": "NAME", "nargs": "?", "help": "which one (default: all)"}),),
    ),
    "play": Command("play a scene", (Argument("file", "scene", {"metavar": "FILE", "help": "a JSON file"}),)),
}

HELP = f"While one runs, `confhub simulator COMMAND` reaches it: {', '.join(COMMANDS)}."
FAULT_HELP = f"The faults are: {', '.join(FAULTS)}."


class Unusable(Exception):
    """A command that could not be carried out, in a sentence."""


def is_one(arguments: Sequence[str]) -> bool:
    """`simulator` with one of the words above, rather than with flags that start it."""
    return list(arguments[:1]) == ["simulator"] and len(arguments) > 1 and arguments[1] in COMMANDS


def main(arguments: Sequence[str]) -> int:
    """The exit code: 2 if it could not be done, with a sentence on stderr."""
    words = _parser().parse_args(arguments)
    try:
        print(_run(words), end="")
        return 0
    except Unusable as error:
        print(f"confhub: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="confhub simulator", allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, command in COMMANDS.items():
        epilog = FAULT_HELP if name == "fault" else None
        own = commands.add_parser(name, allow_abbrev=False, help=command.help, epilog=epilog)
        own.add_argument("--database", type=Path, default=Path("confhub-simulator.db"), help="the simulator's file")
        for argument in command.arguments or ():
            own.add_argument(argument.flag, **argument.options)
    return parser


def _run(words: argparse.Namespace) -> str:
    """What is printed."""
    arguments = COMMANDS[words.command].arguments
    address, token, certificate = _find(words.database)
    if arguments is None:
        return table(_ask(address, token, certificate, "GET", words.command, None)[words.command])
    order = {each.goes_as: _value(words, each) for each in arguments}
    said = {name: value for name, value in order.items() if value is not None}
    done = _ask(address, token, certificate, "POST", words.command, said)
    return "".join(f"{name}={value}\n" for name, value in done.items() if value)


def _value(words: argparse.Namespace, argument: Argument) -> Any:
    value = getattr(words, argument.flag.lstrip("-"))
    return _read_scene(Path(value)) if argument.goes_as == "scene" else value


def _read_scene(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Unusable(f"The scene {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Unusable(f"The scene {path} is not JSON: {error}.") from error


def _find(database: Path) -> tuple[str, str, str]:
    """(address, token, certificate) of the simulator whose file this is; the file is not changed."""
    if not database.is_file():
        raise Unusable(f"There is no file {database}: start a simulator, or name its file with --database.")
    sql = "SELECT address, token, certificate FROM running, account"
    try:
        with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
            address, token, certificate = db.execute(sql).fetchone() or ("", "", "")
    except sqlite3.Error as error:
        raise Unusable(f"{database} is not the file of a simulator: {error}.") from error
    if not address:
        raise Unusable(f"No simulator has listened with {database} yet.")
    return address, token, certificate


def _ask(address: str, token: str, certificate: str, method: str, name: str, body: Any) -> dict[str, Any]:
    verify = _trust(certificate) if certificate else True
    try:
        with httpx.Client(base_url=address, verify=verify, trust_env=False, timeout=TIMEOUT_S) as http:
            headers = {"Authorization": f"Bearer {token}"}
            response = http.request(method, f"/control/{name}", json=body, headers=headers)
            said: dict[str, Any] = response.json()
    except httpx.HTTPError as error:
        raise Unusable(f"No simulator answers at {address}: {error}.") from error
    except ValueError as error:
        raise Unusable(f"What listens at {address} is not this simulator.") from error
    if not response.is_success:
        raise Unusable(f"The simulator refuses: {said.get('error', response.status_code)}.")
    return said


def _trust(certificate: str) -> ssl.SSLContext:
    """This very certificate, whoever signed it and whatever host it names."""
    context = ssl.create_default_context(cadata=certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Aligned columns under their names; nothing at all without rows."""
    if not rows:
        return ""
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "".join(_line(row, widths) for row in cells)


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() + "\n"


def _cell(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None | "":
            return "-"
        case list():
            return ",".join(map(str, value))
        case float():
            return f"{value:g}"
        case _:
            return str(value)
