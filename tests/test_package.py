"""What `pip install .` gives."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.harness import PATIENCE_S, ROOT, HubProcess, clean_environment
from tests.test_readme import NOT_OURS

TOOLING = {"tsconfig.json", "package.json"}
"""What stands below static/ for those who work on the page, and is not part of it."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=shutil.ignore_patterns(*NOT_OURS))
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(folder / "source")]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_wheel_has_everything_and_nothing_else(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    static = {
        f"hub/{path.relative_to(ROOT)}"
        for path in ROOT.glob("static/**/*")
        if path.is_file() and path.name not in TOOLING
    }
    own = {str(path.relative_to(ROOT)) for path in ROOT.glob("hub/**/*") if path.suffix in {".py", ".sql", ".typed"}}
    assert inside == static | own


class InstalledHub(HubProcess):
    """The confhub command of an installed wheel."""

    def __init__(self, folder: Path, installed: Path) -> None:
        super().__init__(folder)
        self._arguments = [sys.executable, str(installed / "bin" / "confhub"), "--port", "0"]
        self.environment = clean_environment(PYTHONPATH=str(installed), CONFHUB_AUTH="open")


@pytest.fixture(scope="module")
def site(wheel: Path) -> Path:
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(wheel.parent / "site")]
    subprocess.run([*command, str(wheel)], check=True, capture_output=True, timeout=PATIENCE_S)
    return wheel.parent / "site"


@pytest.fixture
async def installed(site: Path, tmp_path: Path) -> AsyncIterator[HubProcess]:
    hub = InstalledHub(tmp_path, site)
    yield await hub.start()
    await hub.kill()


async def test_the_installed_command_serves_hub_and_page(installed: HubProcess) -> None:
    assert await installed.create()
    async with httpx.AsyncClient(base_url=installed.url, trust_env=False) as http:
        for path in ("/", "/css/page.css", "/css/icon.svg", "/js/main.js"):
            assert (await http.get(path)).status_code == 200
        for path in ("/tsconfig.json", "/js/package.json"):
            assert (await http.get(path)).status_code == 404
