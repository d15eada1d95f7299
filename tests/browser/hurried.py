"""`confhub` whose clock hurries until it gets SIGUSR1: a conference of seconds seems to have gone on for minutes."""

import signal
import time
from datetime import datetime, timedelta
from typing import Any

from hub import app, cli
from hub.api import watching

RATE = 240

_begun = time.monotonic()
_over: list[float] = []


class Hurried(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        hurry = (_over[0] if _over else time.monotonic()) - _begun
        return datetime.now(tz) + timedelta(seconds=hurry * RATE)


app.datetime = watching.datetime = Hurried  # type: ignore[misc]
signal.signal(signal.SIGUSR1, lambda *_: _over.append(time.monotonic()))
raise SystemExit(cli.main())
