"""Measures the hub against its peers and its own limits, and writes what it has found to bench/results/latest.json."""

from __future__ import annotations

import argparse
import gc
import json
import resource
import tempfile
from pathlib import Path

import uvloop

from bench import callbacks, commits, control, crowd, fanout, growth, latency, machine, plots
from bench.run import Run

RESULTS = Path(__file__).with_name("results")
PARTS = {
    module.__name__.rpartition(".")[2]: module
    for module in (commits, callbacks, fanout, latency, control, crowd, growth)
}
QUICK = ("commits", "callbacks", "fanout", "latency", "control")


async def main() -> None:
    words = _parser().parse_args()
    machine.pin(machine.GENERATOR_CORE)
    gc.disable()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent, prefix=".databases-") as folder:
        run = Run(Path(folder), words.quick)
        described = machine.describe(run.root)
        for number in range(1 if words.quick else words.passes):
            for name in words.only or (QUICK if words.quick else PARTS):
                print(f"pass {number + 1}: {name}", flush=True)
                await PARTS[name].measure(run)
                gc.collect()
    _report(described, run)
    if not (words.quick or words.only):
        await plots.draw(RESULTS)


def _report(described: dict[str, object], run: Run) -> None:
    """A machine on which others work, and a generator at its limit, measure something else: that is said."""
    noisy = [f"others used {described['busy_before']} of a core"] if described["busy_before"] > machine.QUIET else []  # type: ignore[operator]
    rows = list(run.figures.rows())
    said = {"machine": described, "noisy": bool(noisy or run.flaws), "flaws": [*noisy, *run.flaws], "rows": rows}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(json.dumps(said, indent=1) + "\n")
    print(json.dumps(described, indent=1))
    for row in rows:
        wanted = f"must {row['must']:g}, stretch {row['stretch']:g}: {row['met']}" if row["met"] else ""
        print(f"{row['name']:58} {row['value']:>12.4g} {row['unit']:16} ±{row['spread'] / 2:4.0%}  {wanted}")
    print(*(f"! {flaw}" for flaw in said["flaws"]), sep="\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one pass of what fits into two minutes")
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=PARTS, help="these parts alone")
    return parser


if __name__ == "__main__":
    uvloop.run(main())
