"""What the documents say of the program is so."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field, fields
from itertools import zip_longest
from typing import Any

from hub.api import http  # noqa: F401 - importing it fills the registry
from hub.api.jsonrpc import MAX_BATCH, MAX_REPLIES
from hub.api.metrics import COUNTERS, GAUGES
from hub.api.parse import MAX_DEPTH, MAX_MESSAGE
from hub.api.registry import REGISTRY
from hub.api.roles import LEAST
from hub.api.rows import conference_row, participant_row
from hub.config import Settings
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


def fields_of(heading: str) -> set[str]:
    """The list that a chapter begins with."""
    found = re.search(rf"^## {heading}\n\n`([^`]*)`", API, re.MULTILINE)
    assert found
    return set(re.split(r"\??,\s+", found[1]))


def test_every_field_is_described() -> None:
    row = participant_row(Participant(key="1", id="", number="", name="", callid="c", progress=Progress.JOINED))
    assert fields_of("Rows") == set(row)
    assert fields_of("Conferences") == set(conference_row(details()))


def test_every_event_progress_and_cause_is_described() -> None:
    for type in EventType:
        assert type in API or f".{type.partition('.')[2]}`" in API, type
    causes = re.findall(r"\bc_(\w+):", (ROOT / "static/js/words/en.js").read_text())
    assert causes
    assert {name for name in (*Progress, *causes) if not re.search(rf"`{name}\b", API)} == set()


def default_of(setting: Field[Any]) -> str | None:
    """As a table shows it; None where there is nothing to show."""
    value = setting.default
    if value in (MISSING, None, ()):
        return None
    return ",".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)


def test_every_setting_is_described_with_its_default() -> None:
    defaults = {each.name.upper(): default_of(each) for each in fields(Settings)}
    for text in (README, (ROOT / "README.zh.md").read_text()):
        cells = [line.split("|")[1:3] for line in text.splitlines() if re.match(r"\| `[A-Z]", line)]
        rows = [[re.findall("`([^`]*)`", cell) for cell in row] for row in cells]
        described = {name: default for names, said in rows for name, default in zip_longest(names, said)}
        assert {name: described[name] for name in defaults} == defaults


def test_every_metric_is_described_as_it_describes_itself() -> None:
    deploy = (ROOT / "docs/deploy.md").read_text()
    described = dict(re.findall(r"^\| `confhub_(\w+)` \| (.*) \|$", deploy, re.MULTILINE))
    assert described == {f"{name}_total": help for name, help in COUNTERS.items()} | GAUGES


def test_every_operation_stands_with_the_role_that_may() -> None:
    security = (ROOT / "docs/security.md").read_text().partition("## Credentials")[0]
    described = {
        name for line in security.splitlines() if line.startswith("| ") for name in re.findall(r"`([\w.]+)`", line)
    }
    assert described == set(LEAST)


def test_every_picture_is_there_and_is_one_that_can_be_taken_anew() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {picture.name for picture in PICTURES}
    shown = re.findall(r"\((docs/[^)]*\.png)\)", README + (ROOT / "README.zh.md").read_text())
    assert shown
    assert [path for path in shown if not (ROOT / path).is_file()] == []
