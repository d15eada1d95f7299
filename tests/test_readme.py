"""Every command of the README, run in a copy of the project as a newcomer would."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS
from tests.harness import ROOT, clean_environment, need_program

INSTALLING_S = 240
NOT_OURS = (".git", ".venv", "node_modules", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "*.db*", "build")


def blocks(language: str, file: str = "README.md", section: str = "") -> list[str]:
    """Of the whole file or of one section; those that stand in a list are moved back to the margin."""
    text = (ROOT / file).read_text()
    if section:
        text = re.split(rf"^## {section}$", text, flags=re.MULTILINE)[1].split("\n## ")[0]
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{margin}", "", block, flags=re.MULTILINE) for margin, block in found]


def serves(block: str) -> bool:
    return block.strip().endswith(("make run", "/confhub", "--database saturday.db"))


ABOUT = "conf=60000001 key=$(cat demo.key)\n"
"""What the lines know of the first conference, where they are run on their own."""

NEXT = "\necho; echo ----\n"
"""Between commands that are run in one shell."""


class Newcomer:
    """A copy of the project, and a port that the commands use instead of 8000."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])
        self.environment = clean_environment(CONFHUB_PORT=self.port, CONFHUB_SPEED="10", PYTEST_ADDOPTS="tests/domain")
        for name in ("PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL"):
            self.environment.pop(name, None)

    def own(self, text: str) -> str:
        return text.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")

    def sh(self, block: str) -> str:
        run = subprocess.run(
            ["bash", "-euc", self.own(block)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=INSTALLING_S,
        )
        assert run.returncode == 0, f"{block}\n{run.stdout}\n{run.stderr}"
        return run.stdout

    def token(self) -> str:
        """Of a moderator of the first conference."""
        ask = next(block for block in blocks("sh", section="Use it from curl") if "createToken" in block)
        return str(json.loads(self.sh(ABOUT + ask))["token"])

    @contextlib.contextmanager
    def serving(self, block: str) -> Iterator[Iterator[str]]:
        """Yields what it says, from the line on that says where it listens."""
        with subprocess.Popen(
            ["bash", "-euc", block],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            try:
                first = next((line for line in process.stdout if line.startswith("listening on")), "")
                assert first
                yield itertools.chain([first], process.stdout)
            finally:
                os.killpg(process.pid, signal.SIGTERM)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    need_program("make")
    need_program("curl")
    folder = tmp_path_factory.mktemp("newcomer") / "confhub"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_OURS))
    return Newcomer(folder)


@pytest.fixture(scope="module")
def served(newcomer: Newcomer) -> Iterator[Newcomer]:
    first = next(filter(serves, blocks("sh")))
    with newcomer.serving(first):
        yield newcomer


def test_the_readme_has_commands() -> None:
    assert sum(map(serves, blocks("sh"))) == 4
    assert len(blocks("sh")) >= 12
    assert blocks("python")
    assert blocks("js")


def test_curl_lines_work_in_their_order(served: Newcomer) -> None:
    make_key, *lines = blocks("sh", section="Use it from curl")
    assert served.sh(make_key) == ""
    answers = served.sh(NEXT.join(lines)).split("----")
    assert all('"status":1' in answer for answer in answers), answers
    assert '"progress":"joined"' in answers[2]
    assert '"progress":"busy"' in answers[2]
    assert '"link":"http://' in answers[-1]
    by_hand(served)


def by_hand(served: Newcomer) -> None:
    """The simulator's commands, which need a conference that runs."""
    (block,) = blocks("sh", section="The simulator's people")
    said = served.sh(block)
    assert said.startswith("callid=")
    assert re.search(r"13900000001 +inside", said)


def test_the_chinese_curl_lines_work_as_well(served: Newcomer) -> None:
    first, reserved = blocks("sh", "README.zh.md", "用 curl 调用")
    assert served.sh(first).count('"status":1') == 4
    assert served.sh("key=$(cat demo.key)\n" + reserved).count('"status":1') == 2
    (by_hand,) = blocks("sh", "README.zh.md", "模拟号码")
    assert served.sh(by_hand).startswith("callid=")


def test_the_chinese_commands_are_the_english_ones() -> None:
    """Those that are long in coming are run once."""
    english = set(blocks("sh"))
    for section in ("运行", "测试", "接入真实平台", "部署"):
        assert set(blocks("sh", "README.zh.md", section)) <= english


def test_the_python_example_follows_a_conference(served: Newcomer) -> None:
    (script,) = blocks("python")
    assert blocks("python", "README.zh.md") == [script]
    run = subprocess.run(
        [sys.executable, "-c", served.own(script)],
        cwd=served.folder,
        capture_output=True,
        text=True,
        timeout=60,
        env=clean_environment(),
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("as of event"), run.stdout
    assert "participant.joined Dan" in run.stdout


def test_the_javascript_example_follows_a_conference(served: Newcomer) -> None:
    chromium = need_program("chromium", "chromium-browser", "google-chrome")
    (script,) = blocks("js")
    assert blocks("js", "README.zh.md") == [script]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{served.port}/")
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        with page.expect_console_message(lambda message: message.text == "live"):
            own = served.own(script).replace("…", served.token(), 1)
            page.evaluate(f"(async () => {{ {own} }})()")
        browser.close()
    assert "catching up" in said
    assert any("Dan: joined" in line for line in said), said


def test_make_test_runs_the_tests(newcomer: Newcomer) -> None:
    assert " passed" in newcomer.sh("make test")
    assert "make test\n" in blocks("sh")


def test_the_plain_commands_do_the_same(newcomer: Newcomer, served: Newcomer) -> None:
    (_, run), (_, test) = blocks("sh", section="Run it"), blocks("sh", section="Test it")
    newcomer.sh(run.rpartition(".venv/bin/confhub")[0])
    other = Newcomer(newcomer.folder)
    other.environment["CONFHUB_DATABASE"] = "other.db"
    with other.serving(".venv/bin/confhub"):
        assert '"ok"' in other.sh("curl -s http://127.0.0.1:8000/healthz")
    assert " passed" in newcomer.sh(test)


def test_a_copy_is_started_from(newcomer: Newcomer, served: Newcomer) -> None:
    (block,) = blocks("sh", section="Deploy it")
    other = Newcomer(newcomer.folder)
    with other.serving(block):
        listed = other.sh("""curl -s http://127.0.0.1:8000/getUserConfs -H 'Content-Type: application/json' \\
            -H "Authorization: Bearer $(cat demo.key)" -d '{"id": "alice", "appid": "demo"}'""")
    assert listed.count('"name":"Planning"') == 1


def test_a_hub_is_connected_to_a_platform(newcomer: Newcomer, served: Newcomer) -> None:
    """To the simulator in another process, in the real one's place."""
    write, start = blocks("sh", section="Connect the real platform")
    other = Newcomer(newcomer.folder)
    base = f"http://127.0.0.1:{other.port}/callbacks/yuntongxun/choose-16-or-more-letters/"
    platform = (
        f"CONFHUB_PORT=0 CONFHUB_SPEED=10 .venv/bin/confhub simulator --database platform.db --callback-url {base}"
    )
    with other.serving(platform) as said:
        address, sid, token, app_id = (next(said).split()[-1].rpartition("=")[2] for _ in range(4))
        for sample, real in {
            "https://app.cloopen.com:8883": address,
            "your-account-sid": sid,
            "your-auth-token": token,
            "your-app-id": app_id,
        }.items():
            assert sample in write
            write = write.replace(sample, real)
        other.sh(write)
        other.environment["CONFHUB_DATABASE"] = "connected.db"
        del other.environment["CONFHUB_SPEED"]
        with other.serving(start):
            make_key, first, invite, look = blocks("sh", section="Use it from curl")[:4]
            other.sh(make_key)
            answers = [other.sh(first), *(other.sh(ABOUT + block) for block in (invite, look))]
    assert '"progress":"joined"' in answers[2]
