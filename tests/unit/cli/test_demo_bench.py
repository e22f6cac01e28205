"""The account that the demo's bench makes of a trace."""

from __future__ import annotations

from typing import Any

import pytest

from bench.demo import account, gaps, is_work, union


def span(name: str, start: float, end: float, **attributes: str) -> dict[str, Any]:
    return {"name": name, "start": start, "end": end, "attributes": attributes}


def test_what_lies_over_each_other_counts_once() -> None:
    assert union([(0, 2), (1, 3), (5, 6), (5.2, 5.4)]) == pytest.approx(4)
    assert gaps([(0, 2), (1, 3), (5, 6)], -1, 10) == [(6, 10), (3, 5), (-1, 0)]


@pytest.mark.parametrize(
    ("name", "attributes", "counts"),
    [
        ("model.paint.cover", {}, True),
        ("model.film.clip", {}, True),
        ("encoder.join", {}, True),
        ("vendor.openai.submit", {}, True),
        ("model.write", {"writer": "local"}, True),
        ("model.write", {"writer": "openai"}, False),
        ("model.paint", {"painter": "local"}, False),
        ("model.film", {"filmer": "local"}, False),
        ("encoder.assemble", {}, False),
        ("job.video.clip", {}, False),
    ],
)
def test_waiting_for_a_process_is_no_work(name: str, attributes: dict[str, str], counts: bool) -> None:
    assert is_work(span(name, 0, 1, **attributes)) is counts


def test_overhead_is_what_is_left_of_the_time_from_the_post_to_the_end() -> None:
    spans = [
        span("demo.drama", 100, 120),
        span("job.imaging.cover", 100.5, 110),
        span("model.paint", 100.5, 110, painter="local"),
        span("model.paint.cover", 101, 110),
        span("job.video.clip", 110, 119),
        span("model.film.clip", 110, 119),
        span("model.film.clip", 119.5, 140),
    ]
    lines, overhead = account(spans)
    assert overhead == pytest.approx(1.5 / 20)
    assert "first picture drawn 10.0 s after the POST" in lines
    assert lines[0].startswith("imaging.cover")
    assert "1.00 s at 0.0 s, 0.50 s at 19.0 s" in lines[-1]
