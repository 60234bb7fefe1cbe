"""A report as it is kept is the observation that it was; the rest runs on a real PostgreSQL in tests/integration."""

import uuid

import msgspec

from ioc.store.reports import Kept, Reporter, told
from tests.fakes.tellers import report
from tests.fakes.things import AI_NGHIA, NOW


def test_what_is_kept_is_told_again_as_it_was() -> None:
    before = report(photos=(str(uuid.UUID(int=3)),), numbers=("1022:1",), place="kiệt 5", error_m=9.0)
    same = {one: getattr(before, one) for one in ("number", "area", "category", "severity", "text", "place", "error_m")}
    kept = Kept(
        id=uuid.UUID(before.id), centre="dai-loc", channel="1022", at=NOW, arrived_at=NOW, entered_by="operator",
        photos=(uuid.UUID(int=3),), numbers=("1022:1",), withdrawn_at=None, withdrawn_by="", withdrawn_why="",
        position=AI_NGHIA, alarm=None, incident=None, **same,
    )  # fmt: skip
    assert told(kept) == before
    assert told(msgspec.structs.replace(kept, withdrawn_at=NOW)).withdrawn_at == NOW


def test_who_told_it_is_printed_nowhere() -> None:
    who = Reporter(name="Trần Thị Bí Mật", phone="0905123456")
    assert "Bí Mật" not in f"{who} {who!r}"
    assert who
    assert not Reporter()
