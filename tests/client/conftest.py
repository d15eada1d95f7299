from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

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
