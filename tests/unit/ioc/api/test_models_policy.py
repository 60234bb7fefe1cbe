"""What the routes about the policy take."""

import msgspec
import pytest

from gis.layers import SEVERITIES
from ioc.api.models_policy import DryRun, NewPolicy, PolicyOf, Severity
from ioc.store.ticket_policies import body_of, document_of, shipped


def test_severities_are_those_of_the_layers() -> None:
    assert Severity.__args__ == SEVERITIES


def test_what_is_read_can_be_sent_back() -> None:
    about = {"version": 1, "newest": 1, "shipped": True, "at": None, "who": "", "why": "", "gaps": []}
    read = msgspec.json.decode(msgspec.json.encode(PolicyOf(policy=document_of(shipped()), **about)))  # type: ignore[arg-type]
    sent = {"expected_version": 1, "why": "x", "policy": read["policy"]}
    assert msgspec.convert(sent, NewPolicy).policy == document_of(shipped())


@pytest.mark.parametrize("more", [{"version": 1}, {"bounces_up": "3"}, {"units": [{"code": "x"}]}, {"zone": None}])
def test_a_document_is_nothing_but_what_it_is(more: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"expected_version": 1, "why": "x", "policy": body_of(shipped()) | more}, NewPolicy)


@pytest.mark.parametrize("more", [{"lat": 91}, {"lon": 181}, {"severity": "bad"}, {"at": "2026-03-04T00:00:00"}])
def test_a_dry_run_is_somewhere_at_some_time(more: dict[str, object]) -> None:
    plain = {"category": "flood", "severity": "minor", "lon": 108.0, "lat": 15.8}
    assert msgspec.convert(plain, DryRun).at is None
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(plain | more, DryRun)
