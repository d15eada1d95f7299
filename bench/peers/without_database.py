"""The hub, except that what it writes is not written: all that a callback costs beside the database."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from hub.cli import main
from hub.store.base import Callback, Write
from hub.store.sqlite import Writer

write = Writer.write


async def write_but_callbacks(self: Writer, batch: Sequence[Write]) -> None:
    """Conferences and credentials must be there: only what callbacks do is left out."""
    if others := [each for each in batch if not _is_of_callback(each.callback)]:
        await write(self, others)


def _is_of_callback(callback: Callback | None) -> bool:
    return callback is not None and callback.word == "media"


if __name__ == "__main__":
    Writer.write = write_but_callbacks  # type: ignore[method-assign]
    sys.exit(main())
