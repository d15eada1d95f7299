"""Conferences as whoever asks may know of them: an unknown one and one that is not theirs are the same."""

from __future__ import annotations

from hub.api.registry import Context
from hub.domain.model import Conference
from hub.errors import UnknownConference


async def reachable(context: Context, id: str, app: str | None = None) -> Conference:
    """The committed state of a conference, of `app` where that is said. Raises UnknownConference."""
    conference = await context.conferences.committed(await context.conferences.find(id))
    its_app = conference.details.app
    if app not in (None, its_app) or not context.author.identity.reaches(its_app, conference.key):
        raise UnknownConference(f"no conference {id}")
    return conference
