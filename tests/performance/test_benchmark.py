import math

from tests.performance import benchmark
from transition.app import Tracker


def test_the_benchmark_still_measures_every_row(app: Tracker) -> None:
    rows = benchmark.measure(app, rounds=1, times=1)

    assert [row.what for row in rows] == list(benchmark.ROWS)
    assert all(math.isfinite(ratio) and ratio > 0 for row in rows for ratio in row.ratios)
    assert all(row.what in str(row) for row in rows)
