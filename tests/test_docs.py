"""What the documents say of the program is so."""

from __future__ import annotations

import re
from dataclasses import fields

from hub.api import http  # noqa: F401 - importing it fills the registry
from hub.api.jsonrpc import MAX_BATCH, MAX_REPLIES
from hub.api.parse import MAX_DEPTH, MAX_MESSAGE
from hub.api.registry import REGISTRY
from hub.api.rows import conference_row, participant_row
from hub.config import PREFIX, Settings
from hub.domain.messages import EventType
from hub.domain.model import Participant, Progress
from tests.api.test_errors import LIST
from tests.browser.screenshots import FOLDER, PICTURES
from tests.harness import ROOT
from tests.store.test_sqlite import details

API = (ROOT / "docs/api.md").read_text()
README = (ROOT / "README.md").read_text()


def test_every_operation_is_described() -> None:
    tables = "\n".join(line for line in API.splitlines() if line.startswith("| `"))
    assert {name for name in REGISTRY if f"`{name}`" not in tables} == set()


def test_every_error_is_described() -> None:
    described = {int(code): name for code, name in re.findall(r"^\| (-?\d+) \| `(\w+)` \|", API, re.MULTILINE)}
    assert described == {code: name for code, (name, _) in LIST.items()}


def test_every_limit_is_described() -> None:
    for what, limit in {"message": "1 MiB", "depth": MAX_DEPTH, "batch": MAX_BATCH, "replies": "8 MiB"}.items():
        assert re.search(rf"\| {limit}\b.*\| `{what}` \|", API), what
    assert (MAX_MESSAGE, MAX_REPLIES) == (2**20, 8 * 2**20)


def test_every_field_event_and_progress_is_described() -> None:
    row = participant_row(Participant(key="1", id="", number="", name="", callid="c", progress=Progress.JOINED))
    for name in (*row, *conference_row(details()), *Progress):
        assert re.search(rf"\b{name}\b", API), name
    for type in EventType:
        assert type in API or f".{type.partition('.')[2]}`" in API, type


def test_every_setting_is_described() -> None:
    for each in fields(Settings):
        assert f"`{each.name.upper()}`" in README, PREFIX + each.name.upper()


def test_every_picture_is_there_and_is_one_that_can_be_taken_anew() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {picture.name for picture in PICTURES}
    shown = re.findall(r"\((docs/[^)]*\.png)\)", README + (ROOT / "README.zh.md").read_text())
    assert shown
    assert [path for path in shown if not (ROOT / path).is_file()] == []
