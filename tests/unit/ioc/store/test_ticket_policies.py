"""A policy as it is kept; the statements are tried in tests/integration/test_duty.py."""

import msgspec
import orjson

from ioc.store import ticket_policies
from ioc.store.ticket_policies import body_of, digest_of, document_of, policy_of, shipped
from ioc.tickets.policy import Document


def test_a_policy_comes_back_from_json_as_it_was() -> None:
    read = msgspec.convert(orjson.loads(orjson.dumps(body_of(shipped()))), Document)
    assert policy_of(read, 1) == shipped()
    assert policy_of(document_of(shipped()), 7).version == 7


def test_a_digest_is_of_the_words_and_not_of_the_version() -> None:
    later = msgspec.structs.replace(shipped(), version=5)
    assert digest_of(later) == digest_of(shipped())
    assert digest_of(msgspec.structs.replace(shipped(), bounces_up=9)) != digest_of(shipped())


def test_memory_is_bounded_and_forgets_what_was_asked_for_longest_ago() -> None:
    kept = ticket_policies._Kept()
    for number in range(1, 40):
        kept.keep("d", msgspec.structs.replace(shipped(), version=number))
        assert kept.get(1, "d") is not None, "asked for again and again"
    assert kept.get(2, "d") is None
    assert kept.get(39, "d") is not None
    assert kept.get(39, "other") is None
