"""What the hub says when it starts: where it is, how to get in, a line to paste.

Secrets are for whoever sits at the terminal; where there is none they go into files that only the hub's user can read.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from hub.access.access import Access
from hub.config import Settings

logger = logging.getLogger("hub")

KEY = "$key"
NO_KEY = "yours, or a new one: confhub keys create --app demo"


@dataclass(frozen=True, slots=True)
class Welcome:
    """`first_key`: an admin's key that has just been made, because there was none."""

    address: str
    settings: Settings
    first_key: str | None
    access: Access

    def text(self, is_terminal: bool) -> str:
        lines = [f"listening on {self.address}", *self._way_in(is_terminal), f"calls are {self.calls}"]
        return "\n".join(lines)

    @property
    def calls(self) -> str:
        url = self.settings.provider_url
        return f"made by {url}" if url else "simulated"

    def _way_in(self, is_terminal: bool) -> list[str]:
        page = f"{self.settings.public_url or self.address}/"
        if self.settings.auth == "open":
            return [f"page: {page}", self._line_to_paste("")]
        link = f"{page}#?sign-in={self.access.sign_in_link()}"
        if is_terminal:
            key = f"{self.first_key} (an admin's; shown this once)" if self.first_key else NO_KEY
            return [f"page: {link} (signs in once)", f"key:  {key}", self._line_to_paste(self.first_key or KEY)]
        return [f"page: {page}", self._line_to_paste(self._in_files(link))]

    def _in_files(self, link: str) -> str:
        """What stands for the key in a line to paste."""
        database = self.settings.database
        logger.info("a link that signs a browser in once is in %s", _keep(database, "sign-in", link))
        if not self.first_key:
            return KEY
        kept = _keep(database, "admin-key", self.first_key)
        logger.info("there was no key yet: an admin's is in %s", kept)
        return f"$(cat {kept})"

    def _line_to_paste(self, key: str) -> str:
        header = f' -H "Authorization: Bearer {key}"' if key else ""
        body = '{"id":"alice","appid":"demo","name":"First call"}'
        base = self.settings.public_url or self.address if self.settings.certificate else self.address
        return f"try:  curl -s {base}/createConf -H 'Content-Type: application/json'{header} -d '{body}'"


def _keep(database: Path, name: str, secret: str) -> Path:
    """A new file beside the database, in the place of an older one."""
    path = database.with_name(f"{database.stem}.{name}")
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
    return path
