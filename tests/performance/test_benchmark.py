import math
from pathlib import Path

from tests.performance import benchmark, region
from transition.app import Tracker


def test_the_benchmark_still_measures_every_row(app: Tracker) -> None:
    rows = benchmark.measure(app, rounds=1, times=1)

    assert [row.what for row in rows] == list(benchmark.ROWS)
    assert all(math.isfinite(ratio) and ratio > 0 for row in rows for ratio in row.ratios)
    assert all(row.what in str(row) for row in rows)


def test_the_benchmark_still_measures_a_region(tmp_path: Path) -> None:
    size = region.Size(many=40, own=30, small=20, few=15)

    rows = list(region.measure(tmp_path / "region", size, rounds=1, times=1))

    assert [row.what for row in rows] == list(region.ROWS)
    assert all(math.isfinite(ratio) and ratio > 0 for row in rows for ratio in row.ratios)
