"""What Prometheus reads about each route."""

from __future__ import annotations

from prometheus_client import generate_latest

from social_api import telemetry


def test_answers_are_counted_by_status_and_by_time() -> None:
    for status, seconds in ((200, 0.0005), (200, 0.001), (200, 0.3), (503, 20.0)):
        telemetry.metrics_of("GET", "/v1/counted").answered(status, seconds)
    seen = dict(
        line.rsplit(" ", 1)
        for line in generate_latest().decode().splitlines()
        if 'route="/v1/counted"' in line and "_created" not in line
    )
    route = 'method="GET",route="/v1/counted"'
    assert seen[f'meton_api_requests_total{{{route},status="200"}}'] == "3.0"
    assert seen[f'meton_api_requests_total{{{route},status="503"}}'] == "1.0"
    buckets = {bound: seen[f'meton_api_request_seconds_bucket{{le="{bound}",{route}}}'] for bound in ("0.001", "+Inf")}
    assert buckets == {"0.001": "2.0", "+Inf": "4.0"}
    assert seen[f'meton_api_request_seconds_bucket{{le="0.5",{route}}}'] == "3.0"
    assert seen[f"meton_api_request_seconds_count{{{route}}}"] == "4.0"
    assert float(seen[f"meton_api_request_seconds_sum{{{route}}}"]) == 20.3015
