"""Who may import whom: docs/architecture.md as a table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import ROOT

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "bucket": set(),
    "seldom": set(),
    "domain": {"errors"},
    "store": {"domain", "seldom", "errors"},
    "providers": {"domain", "errors"},
    "access": {"bucket", "seldom", "store", "errors"},
    "push": {"bucket", "seldom", "errors"},
    "simulator": {"errors"},
    "client": set(),
    "lives": {"access", "store", "domain", "errors"},
    "actions": {"lives", "providers", "domain", "errors"},
    "reconciler": {"lives", "providers", "domain", "errors"},
    "schedule": {"errors"},
    "callbacks": {"lives", "providers", "store", "domain", "errors"},
    "inbox": {"store", "errors"},
    "retention": {"access", "store", "errors"},
    "service": {
        "access",
        "actions",
        "callbacks",
        "inbox",
        "reconciler",
        "schedule",
        "lives",
        "store",
        "providers",
        "domain",
        "errors",
    },
    "api": {"access", "bucket", "inbox", "seldom", "service", "push", "store", "providers", "domain", "errors"},
    "config": {"errors"},
    "app": {
        "access",
        "api",
        "bucket",
        "config",
        "inbox",
        "lives",
        "retention",
        "service",
        "push",
        "store",
        "providers",
        "errors",
    },
    "entrance": {"api", "push", "errors"},
    "heap": set(),
    "server": {"entrance", "heap", "push", "errors"},
    "local": {"errors"},
    "orders": {"config"},
    "welcome": {"access", "config"},
    "cli": {
        *("access", "api", "app", "config", "local", "orders", "providers", "push", "server", "simulator", "store"),
        *("welcome", "errors"),
    },
}
"""Room of the house: the rooms it may import. A room may always import itself."""

ONLY_IN: dict[str, set[str]] = {
    "uvicorn": {"hub.server", "hub.entrance", "hub.push.wire"},
    "jwt": {"hub.access.tokens"},
    "rpds": {"hub.domain.model", "hub.store.sqlite"},
    "httpx": {"hub.local", "hub.providers.yuntongxun_rest", "hub.simulator.delivery", "hub.simulator.commands"},
    "aiosqlite": {"hub.store.sqlite", "hub.store.migrate", "hub.simulator.ledger"},
    "starlette": {"hub.app", "hub.server", "hub.api", "hub.simulator"},
    "os": {"hub.cli", "hub.local", "hub.orders", "hub.store.backup", "hub.welcome"},
    "websockets": {"hub.client", "hub.push.wire"},
    "argparse": {"hub.cli", "hub.config", "hub.orders", "hub.simulator.commands"},
}
"""Library: the only modules or packages that may know it."""

PURE = {"asyncio", "logging", "os", "random", "secrets", "socket", "sqlite3", "time", "uuid"}
"""What domain/ may not import: nothing in it waits, reads a clock, makes ids or logs."""

MODULES = sorted(ROOT.joinpath("hub").rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of every import; `from a import b` counts as a.b where that may be a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def violations(path: Path) -> Iterator[str]:
    module = name_of(path)
    room = module.split(".")[1] if "." in module else ""
    for line, imported in imports(path):
        top, *rest = imported.split(".")
        if top == "hub" and room and rest[0] != room and rest[0] not in MAY_IMPORT[room]:
            yield f"{path}:{line}: {room} imports {imported}"
        if top in ONLY_IN and not any(f"{module}.".startswith(f"{place}.") for place in ONLY_IN[top]):
            yield f"{path}:{line}: {module} knows {top}"
        if room == "domain" and top in PURE:
            yield f"{path}:{line}: the domain imports {top}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    assert list(violations(path)) == []


def test_every_room_is_in_the_table() -> None:
    rooms = {name_of(path).split(".")[1] for path in MODULES if path.parent != ROOT / "hub" or path.stem != "__init__"}
    assert rooms == set(MAY_IMPORT)
