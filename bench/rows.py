"""Figures: what each pass has measured, what that comes to, and whether it is what must be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Goal:
    """`must` and `stretch` are the least that is wanted, or the most where less is better."""

    name: str
    unit: str
    must: float
    stretch: float
    is_less_better: bool = False

    def met(self, value: float) -> str:
        def reaches(bound: float) -> bool:
            return value <= bound if self.is_less_better else value >= bound

        return "stretch" if reaches(self.stretch) else "must" if reaches(self.must) else "no"


class Figures:
    """What has been measured so far: goals, and beside them plain figures that nobody has set a goal for."""

    def __init__(self) -> None:
        self._goals: dict[str, Goal] = {}
        self._values: dict[str, list[float]] = defaultdict(list)
        self._units: dict[str, str] = {}

    def reach(self, goal: Goal, value: float) -> None:
        self._goals[goal.name] = goal
        self.note(goal.name, value, goal.unit)

    def note(self, name: str, value: float, unit: str) -> None:
        self._values[name].append(value)
        self._units[name] = unit
        print(f"    {name}: {value:.4g} {unit}", flush=True)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Medians of the passes; `spread` is from the least to the most, as a part of the median."""
        for name, values in self._values.items():
            value, goal = median(values), self._goals.get(name)
            yield {
                "name": name,
                "value": round(value, 4),
                "unit": self._units[name],
                "must": goal.must if goal else None,
                "stretch": goal.stretch if goal else None,
                "met": goal.met(value) if goal else None,
                "spread": round((max(values) - min(values)) / value, 3) if value else 0.0,
                "passes": [round(each, 4) for each in values],
            }


def percentile(values: Iterable[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
