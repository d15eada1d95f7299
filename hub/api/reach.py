"""Conferences as whoever asks may know of them: which there are for them, and how much of each they are shown."""

from __future__ import annotations

from collections.abc import Callable

from hub.api import results as r
from hub.api.registry import Context
from hub.api.rows import (
    conference_row,
    full_body,
    masked_body,
    masked_conference,
    masked_participant,
    participant_rows,
)
from hub.domain.model import Conference, Details
from hub.errors import UnknownConference

ROWS_OF_ONE = 100
"""Rows that cost a person as much to read as one request."""


async def reachable(context: Context, id: str, app: str | None = None) -> Conference:
    """The committed state of a conference, of `app` where that is said. Raises UnknownConference.

    An unknown one and one that is not theirs are the same.
    """
    conference = await context.conferences.committed(await context.conferences.find(id))
    its_app = conference.details.app
    if app not in (None, its_app) or not context.author.identity.reaches(its_app, conference.key):
        raise UnknownConference(f"no conference {id}")
    return conference


def row_of(context: Context, details: Details) -> r.Conference:
    row = conference_row(details)
    return masked_conference(row) if context.is_masked else row


def people_of(context: Context, conference: Conference) -> list[r.Participant]:
    """Raises TooMany where somebody has read too many of late."""
    context.access.spend(context.author.identity, len(conference.participants) / ROWS_OF_ONE)
    rows = participant_rows(conference)
    return list(map(masked_participant, rows)) if context.is_masked else rows


def shows(context: Context) -> Callable[[bytes], bytes]:
    """What makes of the body of an event, as it is stored, what may be seen of it."""
    return masked_body if context.is_masked else full_body
