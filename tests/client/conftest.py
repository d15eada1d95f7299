from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.client.twins import Twin, twin_named
from tests.harness import HubProcess
from tests.network import Proxy, ScriptedHub


@pytest.fixture
async def script() -> AsyncIterator[ScriptedHub]:
    async with ScriptedHub().running() as script:
        yield script


@pytest.fixture
async def proxy(hub: HubProcess) -> AsyncIterator[Proxy]:
    async with Proxy(hub.url).running() as proxy:
        yield proxy


@pytest.fixture(params=["python", "javascript"])
async def twin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Twin]:
    async with twin_named(request.param, monkeypatch) as twin:
        yield twin


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The longest that each wait might have been, in seconds. None takes any time."""
    limits: list[float] = []
    monkeypatch.setattr("hub.client.breaks.random.uniform", lambda low, high: limits.append(high) or low)
    return limits
