"""`confhub` whose clock hurries until it gets SIGUSR1: a conference of seconds seems to have gone on for minutes."""

import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hub import app, cli
from hub.api import watching

RATE = 240

_begun = time.monotonic()
_over: list[float] = []


def ahead_s() -> float:
    return ((_over[0] if _over else time.monotonic()) - _begun) * RATE


class HurriedTime:
    """Of the module `time` what the hub looks at."""

    monotonic: Callable[[], float] = staticmethod(time.monotonic)

    @staticmethod
    def time_ns() -> int:
        return time.time_ns() + int(ahead_s() * 1e9)


class Hurried(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) + timedelta(seconds=ahead_s())


app.time = HurriedTime  # type: ignore[assignment]
watching.datetime = Hurried  # type: ignore[misc]
signal.signal(signal.SIGUSR1, lambda *_: _over.append(time.monotonic()))
raise SystemExit(cli.main())
