"""Who reads along sees every whole record once and in order, whatever of it is written, and changes nothing."""

import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.store import spool_tail
from ioc.store.observations import Parcel
from ioc.store.records import HEADS, OVERHEAD, heads_of, record_of
from ioc.store.segments import Segments
from ioc.store.spool_tail import Tail, Tails
from sensors.intake import Batch
from tests.fakes.things import NOW, reading

SALT = bytes(range(16))


def segment(payloads: list[bytes], salt: bytes = SALT) -> bytes:
    return heads_of(salt) + b"".join(record_of(one, 1, 0, salt) for one in payloads)


def everything(tail: Tail) -> list[bytes]:
    found: list[bytes] = []
    while more := tail.read():
        found += more
    return found


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=6), st.data())
def test_of_any_prefix_the_whole_records_are_read_once(payloads: list[bytes], data: st.DataObject) -> None:
    whole = segment(payloads)
    ends = sorted({*data.draw(st.lists(st.integers(0, len(whole)), max_size=8)), len(whole)})
    with tempfile.TemporaryDirectory() as folder:
        path, tail, found = Path(folder) / "000000000001.seg", Tail(Path(folder)), list[bytes]()
        for end in ends:
            path.write_bytes(whole[:end])
            found += everything(tail)
            sizes = [
                HEADS + sum(len(one) + OVERHEAD for one in payloads[: number + 1]) for number in range(len(payloads))
            ]
            assert found == payloads[: sum(size <= end for size in sizes)]
            assert path.read_bytes() == whole[:end]
            assert [one.name for one in Path(folder).iterdir()] == [path.name]


def test_it_reads_along_while_segments_come_and_go(tmp_path: Path) -> None:
    segments, tail = Segments(tmp_path / "s", 2**20), Tail(tmp_path / "s")
    assert tail.read() == []
    assert not tail.waits()
    segments.open()
    for turn in range(3):  # each turn begins a segment, and the last of them is gone at its end
        for number in range(5):
            segments.append(b"%d %d" % (turn, number), 1, NOW)
            assert everything(tail) == [b"%d %d" % (turn, number)]
            assert tail.waits()
        while (head := segments.head(2)) is not None:
            segments.drop(head)
        assert everything(tail) == []
        assert not tail.waits()


def test_what_was_dropped_before_it_was_read_is_passed_over(tmp_path: Path) -> None:
    tail = Tail(tmp_path)
    (tmp_path / "000000000001.seg").write_bytes(segment([b"a", b"b"]))
    (tmp_path / "000000000002.seg").write_bytes(segment([b"c"]))
    assert tail.read() == [b"a", b"b"]
    (tmp_path / "000000000001.seg").unlink()
    (tmp_path / "000000000002.seg").unlink()
    (tmp_path / "000000000003.seg").write_bytes(segment([b"d"]))
    assert everything(tail) == [b"d"]


@pytest.mark.parametrize("number", [1, 2])
def test_who_begins_to_count_anew_is_read_from_the_beginning(tmp_path: Path, number: int) -> None:
    tail = Tail(tmp_path)
    old = tmp_path / "000000000002.seg"
    old.write_bytes(segment([b"old"]))
    assert everything(tail) == [b"old"]
    old.unlink()
    (tmp_path / f"{number:012d}.seg").write_bytes(segment([b"new", b"newer"], salt=bytes(16)))
    assert everything(tail) == [b"new", b"newer"]


def test_a_damaged_record_costs_no_other(tmp_path: Path) -> None:
    tail, whole = Tail(tmp_path), bytearray(segment([b"first", b"second", b"third"]))
    whole[HEADS + OVERHEAD] ^= 1
    whole[-1] ^= 1
    (tmp_path / "000000000001.seg").write_bytes(whole)
    (tmp_path / "000000000002.seg").write_bytes(b"no segment at all" * 10)
    assert everything(tail) == [b"second"]
    (tmp_path / "000000000003.seg").write_bytes(segment([b"next"]))
    assert everything(tail) == [b"next"]


def test_little_is_read_at_once_and_yet_the_largest_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_tail, "WINDOW", 100)
    tail, large = Tail(tmp_path), bytes(1000)
    (tmp_path / "000000000001.seg").write_bytes(segment([b"1", b"2", b"3", b"4", b"5", large, b"6"]))
    assert tail.read() == [b"1", b"2", b"3"]
    assert tail.read() == [b"4", b"5"]
    assert tail.read() == [large, b"6"]


def test_all_spools_of_a_state_dir_are_read_and_what_cannot_be_understood_is_left(tmp_path: Path) -> None:
    tails = Tails(tmp_path / "spool")
    assert not tails.waits()
    assert tails.read() == []
    parcels = [Parcel(Batch(arrived_at=NOW, observations=(reading(seq=number),))) for number in range(3)]
    for name, parcel in zip(("cameras", "ioc-intake", "ioc-intake-2"), parcels, strict=True):
        folder = tmp_path / "spool" / name
        folder.mkdir(parents=True)
        payloads = [b"of another version", msgspec.msgpack.encode(parcel)]
        (folder / "000000000001.seg").write_bytes(segment(payloads))
    assert tails.waits()
    assert tails.read() == parcels
    assert tails.read() == []
    tails.rewind()
    assert tails.read() == parcels
