"""Every command of the README, run in a copy of the project as a newcomer would."""

from __future__ import annotations

import contextlib
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

from tests.browser.test_moderator import FLAGS
from tests.harness import ROOT, clean_environment, need_program

INSTALLING_S = 240
NOT_OURS = (".git", ".venv", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "*.db*", "build")


def blocks(language: str, file: str = "README.md") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / file).read_text(), re.DOTALL | re.MULTILINE)


def serves(block: str) -> bool:
    return block.strip().endswith(("make run", "/confhub"))


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

    @contextlib.contextmanager
    def serving(self, block: str) -> Iterator[None]:
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
                assert any(line.startswith("listening on") for line in process.stdout)
                yield
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
    assert sum(map(serves, blocks("sh"))) == 2
    assert len(blocks("sh")) >= 7
    assert blocks("python")
    assert blocks("js")


def test_curl_lines_work_in_their_order(served: Newcomer) -> None:
    first, *lines = [block for block in blocks("sh") if "curl" in block]
    assert first.startswith("conf=60000001\n")
    answers = [served.sh(first), *(served.sh("conf=60000001\n" + block) for block in lines)]
    assert all('"status":1' in answer for answer in answers), answers
    assert '"progress":"joined"' in answers[2]
    assert '"progress":"busy"' in answers[2]


def test_the_chinese_curl_lines_work_as_well(served: Newcomer) -> None:
    (block,) = (block for block in blocks("sh", "README.zh.md") if "curl" in block)
    assert served.sh(block).count('"status":1') == 3


def test_the_python_example_follows_a_conference(served: Newcomer) -> None:
    (script,) = blocks("python")
    run = subprocess.run(
        [sys.executable, "-c", served.own(script)], capture_output=True, text=True, timeout=60, env=clean_environment()
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("as of event"), run.stdout
    assert "participant.joined Dan" in run.stdout


def test_the_javascript_example_follows_a_conference(served: Newcomer) -> None:
    chromium = need_program("chromium", "chromium-browser", "google-chrome")
    (script,) = blocks("js")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{served.port}/")
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.evaluate(f"(async () => {{ {served.own(script)} }})()")
        browser.close()
    assert "catching-up" in said
    assert "live" in said


def test_make_test_runs_the_tests(newcomer: Newcomer) -> None:
    assert " passed" in newcomer.sh("make test")
    assert "make test\n" in blocks("sh")


def test_the_plain_commands_do_the_same(newcomer: Newcomer, served: Newcomer) -> None:
    plain = [block for block in blocks("sh") if ".venv/bin" in block]
    assert len(plain) == 2
    run, test = plain
    newcomer.sh(run.rpartition(".venv/bin/confhub")[0])
    other = Newcomer(newcomer.folder)
    other.environment["CONFHUB_DATABASE"] = "other.db"
    with other.serving(".venv/bin/confhub"):
        assert '"ok"' in other.sh("curl -s http://127.0.0.1:8000/healthz")
    assert " passed" in newcomer.sh(test)
