"""The form of the spool's segments: no byte is unaccounted for, and no damage yields a wrong record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.store.records import HEADS, OVERHEAD, heads_of, pieces_of, record_of, salt_of

SALT = bytes(range(16))
PAYLOADS = st.lists(st.binary(max_size=60), min_size=1, max_size=6)


def segment(payloads: list[bytes], salt: bytes = SALT) -> bytes:
    return heads_of(salt) + b"".join(record_of(one, number, number, salt) for number, one in enumerate(payloads))


@given(PAYLOADS)
def test_what_is_written_is_read(payloads: list[bytes]) -> None:
    data = segment(payloads)
    assert salt_of(data) == SALT
    pieces = list(pieces_of(data, HEADS, SALT))
    assert [piece.payload for piece in pieces] == payloads
    assert [piece.messages for piece in pieces] == [piece.arrived for piece in pieces] == list(range(len(payloads)))


@given(PAYLOADS, st.data())
def test_a_prefix_holds_the_whole_records_and_one_torn_end(payloads: list[bytes], data: st.DataObject) -> None:
    whole = segment(payloads)
    end = data.draw(st.integers(HEADS, len(whole)))
    pieces = list(pieces_of(whole[:end], HEADS, SALT))
    read = [piece.payload for piece in pieces if piece.payload is not None]
    ends = [HEADS + sum(len(one) + OVERHEAD for one in payloads[: number + 1]) for number in range(len(payloads))]
    assert read == payloads[: sum(one <= end for one in ends)]
    assert all(piece.torn for piece in pieces if piece.payload is None)
    assert len(pieces) - len(read) == (end not in (HEADS, *ends))


@given(PAYLOADS, st.data())
def test_flipped_bits_never_yield_a_wrong_record_and_cost_no_other(payloads: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(segment(payloads))
    at = data.draw(st.integers(HEADS, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    pieces = list(pieces_of(bytes(whole), HEADS, SALT))
    assert [pieces[0].start, *(piece.end for piece in pieces)] == [
        HEADS,
        *(piece.start for piece in pieces[1:]),
        len(whole),
    ]
    read = [piece.payload for piece in pieces if piece.payload is not None]
    start = HEADS
    for number, payload in enumerate(payloads):
        if start <= at < start + OVERHEAD + len(payload):
            assert read == payloads[:number] + payloads[number + 1 :]
            assert [(piece.start, piece.torn) for piece in pieces if piece.payload is None] == [(start, False)]
        start += OVERHEAD + len(payload)


@given(st.binary(max_size=300))
def test_noise_is_no_record(noise: bytes) -> None:
    assert all(piece.payload is None for piece in pieces_of(noise, 0, SALT))


def test_a_record_that_a_device_has_put_into_a_payload_is_none_of_ours() -> None:
    forged = record_of(b"forged", 1, 1, b"another salt....")
    whole = bytearray(segment([b"before", forged, b"after"]))
    whole[HEADS + OVERHEAD + len(b"before") + 6] ^= 1  # the length of the record around it
    read = [piece.payload for piece in pieces_of(bytes(whole), HEADS, SALT)]
    assert read == [b"before", None, b"after"]


@pytest.mark.parametrize("at", range(0, HEADS, 5))
def test_one_damaged_head_of_two_costs_nothing(at: int) -> None:
    whole = bytearray(segment([b"a"]))
    whole[at] ^= 4
    assert salt_of(bytes(whole)) == SALT


def test_zeros_that_a_file_system_left_are_torn_not_damaged() -> None:
    pieces = list(pieces_of(segment([b"a"]) + bytes(200), HEADS, SALT))
    assert [(piece.payload, piece.torn) for piece in pieces] == [(b"a", False), (None, True)]
    assert salt_of(bytes(200)) is None
