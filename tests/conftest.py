from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests import logbook
from tests.harness import HubProcess

Start = Callable[..., Awaitable[HubProcess]]


def pytest_configure(config: pytest.Config) -> None:
    """What the hub logs inside this process is kept, whatever its level."""
    logging.getLogger().addHandler(logbook.Handler())
    logging.getLogger("hub").setLevel(logging.DEBUG)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at the whole run comes last."""
    items.sort(key=lambda item: "test_secrecy" in item.nodeid)


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts hubs (or simulators) that are killed when the test is over."""
    running: list[HubProcess] = []

    async def start_one(*flags: str, command: str = "serve", folder: Path = tmp_path) -> HubProcess:
        process = HubProcess(folder, *flags, command=command)
        running.append(process)
        return await process.start()

    yield start_one
    for process in running:
        await process.kill()


@pytest.fixture
async def hub(start: Start) -> HubProcess:
    """A hub with its simulator, ten times faster than life."""
    return await start("--speed", "10")
