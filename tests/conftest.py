from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.cli import LEVELS
from tests import logbook
from tests.harness import HubProcess

Start = Callable[..., Awaitable[HubProcess]]


def pytest_configure(config: pytest.Config) -> None:
    """What is logged inside this process is kept; libraries log as much as in a hub, the hub itself all that it can."""
    logging.getLogger().addHandler(logbook.Handler())
    for name, level in (LEVELS | {"hub": logging.DEBUG}).items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def _no_log_has_a_secret() -> Iterator[None]:
    """Asked when all tests of this process are over, whichever they were."""
    yield
    assert logbook.told() == []


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts hubs (or simulators) that are killed when the test is over."""
    running: list[HubProcess] = []

    async def start_one(*flags: str, folder: Path = tmp_path, **how: Any) -> HubProcess:
        process = HubProcess(folder, *flags, **how)
        running.append(process)
        return await process.start()

    yield start_one
    for process in running:
        await process.kill()


@pytest.fixture
async def hub(start: Start) -> HubProcess:
    """A hub with its simulator, ten times faster than life."""
    return await start("--speed", "10")
