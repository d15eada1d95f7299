"""Two pictures: latency against the rate of callbacks, and the cost of a message against the number of watchers."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.fanout import PEERS, of_hub, of_peer
from bench.hubs import ROOT
from bench.latency import of_hub as latency_of_hub
from bench.latency import of_node as latency_of_node
from bench.run import Run

Points = Sequence[tuple[float, float]]

RATES = (100, 250, 500, 1000, 2000)
WATCHERS = (10, 100, 1000, 5000)
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 360, 64, 48
COLOURS = ("#0b6e6e", "#b3541e", "#5b4b8a", "#777777")


async def draw(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".databases-") as root:
        run = Run(Path(root), is_quick=True)
        waits = {
            "the hub": [(rate, await latency_of_hub(run, ROOT / "run.py", 100, rate, 4)) for rate in RATES],
            "Node ws + better-sqlite3": [(rate, await latency_of_node(run, 100, rate, 4)) for rate in RATES],
        }
        costs = {"the hub": [(n, 1e6 / (await of_hub(run, n, burst=False)).per_cpu_s) for n in WATCHERS]}
        for name in ("raw uvloop", "Node ws"):
            told = [(n, await of_peer(run, PEERS[name], n, burst=False)) for n in WATCHERS]
            costs[name] = [(n, 1e6 / each.per_cpu_s) for n, each in told]
    title = "p99 from a callback until one of 100 moderators is told, ms, against callbacks a second"
    (folder / "latency.svg").write_text(chart(title, waits))
    title = "server's CPU for a message, µs, against watchers"
    (folder / "cost.svg").write_text(chart(title, costs))


def chart(title: str, lines: Mapping[str, Points]) -> str:
    """Both axes logarithmic."""
    xs = sorted({x for points in lines.values() for x, _ in points})
    ys = [y for points in lines.values() for _, y in points]
    low, high = 10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys)))

    def place(x: float, y: float) -> tuple[float, float]:
        across = math.log(x / xs[0]) / math.log(xs[-1] / xs[0])
        up = math.log(y / low) / math.log(high / low)
        return LEFT + across * (WIDTH - LEFT - 20), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - 40)

    parts = [f'<text x="{LEFT}" y="20" font-size="13">{title}</text>']
    for x in xs:
        parts.append(f'<text x="{place(x, low)[0]:.0f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{x:g}</text>')
    for power in range(round(math.log10(high / low)) + 1):
        y = place(xs[0], low * 10**power)[1]
        parts.append(f'<path d="M{LEFT} {y:.0f}H{WIDTH - 20}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{low * 10**power:g}</text>')
    for number, (name, points) in enumerate(lines.items()):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
        colour, at = COLOURS[number], 44 + 16 * number
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{LEFT + 12}" y="{at}" fill="{colour}">{name}</text>')
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])
