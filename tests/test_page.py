"""The page's pure parts, in node."""

from __future__ import annotations

import subprocess

from tests.harness import ROOT, need_program


def test_the_pages_pure_parts_hold_in_node() -> None:
    node = need_program("node", "nodejs")
    files = sorted(map(str, ROOT.glob("tests/js/*.test.mjs")))
    run = subprocess.run([node, "--test", *files], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
