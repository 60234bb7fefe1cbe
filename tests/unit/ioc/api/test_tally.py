"""Counts for Prometheus."""

from ioc.api.tally import Tally


def test_requests_are_counted_by_route_and_status() -> None:
    tally = Tally()
    tally.add("GET", "/a/{id}", 200, 0.5)
    tally.add("GET", "/a/{id}", 200, 0.25)
    tally.add("BREW", "unknown", 404, 0.1)
    lines = list(tally.lines({"ioc_kept_total": 3}))
    assert 'ioc_http_requests_total{method="GET",route="/a/{id}",status="200"} 2' in lines
    assert 'ioc_http_seconds_total{method="GET",route="/a/{id}"} 0.750000' in lines
    assert 'ioc_http_requests_total{method="OTHER",route="unknown",status="404"} 1' in lines
    assert "ioc_kept_total 3" in lines
