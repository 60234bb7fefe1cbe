"""How a batch is cut when the database refuses it; the batches themselves are tried in tests/integration."""

import datetime as dt

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Reading, Refusal
from ioc.store import observations
from ioc.store.database import Database
from ioc.store.observations import UNAVAILABLE, ObservationStore, Parcel, _acceptable, _halves, _parts
from ioc.store.outcome import NotTakenError
from sensors.intake import Batch
from tests.fakes.store import OWNERS, batch, counted, store
from tests.fakes.things import NOW, reading, sighting

ERROR = ValueError("refused")


def letter(number: int = 0, code: str = "not_json") -> Refusal:
    return Refusal(topic=f"t/{number}", payload=b"x", code=code, reason="r")


@given(st.integers(0, 9), st.integers(0, 9))
def test_two_halves_are_the_whole_in_its_order(readings: int, letters: int) -> None:
    if readings + letters < 2:
        return
    whole = batch(*(reading(seq=n) for n in range(readings)), refusals=tuple(map(letter, range(letters))))
    one, two = _halves(whole, ERROR)
    assert one.observations + two.observations == whole.observations
    assert one.refusals + two.refusals == whole.refusals
    sizes = [len(half.observations) + len(half.refusals) for half in (one, two)]
    assert abs(sizes[0] - sizes[1]) <= 1


def test_the_last_row_becomes_a_dead_letter_and_a_dead_letter_keeps_its_words() -> None:
    (buried,) = _halves(batch(reading()), ERROR)
    assert [(one.topic, one.code) for one in buried.refusals] == [("gauge-ai-nghia", "poison")]
    assert b"water_level" in buried.refusals[0].payload
    (again,) = _halves(batch(refusals=(Refusal(topic="tö\0", payload=b"x", code="not_json", reason="r"),)), ERROR)
    assert (again.refusals[0].topic, again.refusals[0].payload) == ("t??", b"x")


def test_a_dead_letter_that_is_refused_itself_raises_instead_of_turning_for_ever() -> None:
    with pytest.raises(ValueError, match="refused"):
        _halves(batch(refusals=(letter(code="poison"),)), ERROR)


def test_what_is_registered_passes_and_the_rest_is_told_what_to_do() -> None:
    whole = batch(reading(), sighting())
    assert _acceptable(whole, OWNERS) is whole
    left = _acceptable(batch(reading(), reading(source="gauge-gone"), refusals=(letter(),)), OWNERS)
    assert [one.stamp.source for one in left.observations] == ["gauge-ai-nghia"]
    assert [one.code for one in left.refusals] == ["not_json", "unknown_device"]
    assert "register it" in left.refusals[1].reason


@pytest.mark.parametrize("error", [asyncpg.UniqueViolationError, asyncpg.DataError, ValueError, KeyError])
def test_what_is_wrong_with_a_row_is_not_the_database_away(error: type[Exception]) -> None:
    assert not issubclass(error, UNAVAILABLE)


async def test_a_database_that_is_away_is_tried_again_and_counted(
    database: Database, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observations, "RETRY_S", 0.0)
    keeps, tries = store(database), []
    real = keeps._commit

    async def away_at_first(*about: object) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise asyncpg.CannotConnectNowError
        await real(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(keeps, "_commit", away_at_first)
    await keeps.keep(batch(reading()))
    assert (keeps.kept.retries, keeps.kept.observations) == (2, 1)
    assert await counted(admin, "readings") == 1


async def test_an_empty_batch_writes_nothing(database: Database, admin: asyncpg.Connection) -> None:
    await store(database).keep(batch())
    assert await counted(admin, "journal") == 0


def test_several_parcels_that_are_refused_together_are_parted_before_they_are_cut() -> None:
    parcels = [Parcel(batch(reading(seq=number))) for number in range(3)]
    assert _parts(parcels, ERROR) == [parcels[:1], parcels[1:]]
    two = Parcel(batch(reading(seq=1), reading(seq=2)))
    assert [len(part[0].batch.observations) for part in _parts([two], ERROR)] == [1, 1]


async def test_parcels_are_one_transaction_and_a_journal_row_each_and_pass_the_kill_points(
    database: Database, admin: asyncpg.Connection
) -> None:
    points: list[str] = []
    keeps = ObservationStore(database, lambda: OWNERS, lambda *_: "m", passing=points.append)
    await keeps.attempt([Parcel(batch(reading(seq=number))) for number in range(3)])
    assert points == ["storing", "committing", "committed"]
    assert await counted(admin, "journal") == 3
    assert await admin.fetchval("select count(distinct xmin::text) from journal") == 1
    assert keeps.kept.observations == 3


async def test_what_comes_again_after_an_unknown_outcome_changes_nothing(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    same = (letter(), letter())
    parcels = [Parcel(batch(reading(seq=number), refusals=same)) for number in range(2)]
    await keeps.attempt(parcels[:1])
    for _ in range(2):
        await keeps.attempt(parcels, again=True)
    assert await counted(admin, "readings") == 2
    assert await counted(admin, "dead_letters") == 4
    assert (keeps.kept.observations, keeps.kept.repeated) == (2, 3)


async def test_a_poisonous_row_among_parcels_costs_the_others_nothing_also_when_they_come_again(
    database: Database, admin: asyncpg.Connection
) -> None:
    parcels = [
        Parcel(batch(*(reading(seq=10 * number + n, run="\0" if (number, n) == (1, 2) else "r") for n in range(5))))
        for number in range(3)
    ]
    for again in (False, True, True):
        await store(database).attempt(parcels, again=again)
    assert await counted(admin, "readings") == 14
    assert await admin.fetchval("select array_agg(code) from dead_letters") == ["poison"]


async def test_what_is_no_fault_of_a_row_is_never_a_dead_letter(database: Database, admin: asyncpg.Connection) -> None:
    for spoil, code in (
        ("revoke insert on latest from ioc_app", "store_refuses"),
        ("alter table journal rename column payload to load", "store_refuses"),
    ):
        await admin.execute(spoil)
        with pytest.raises(NotTakenError) as refused:
            await store(database).attempt([Parcel(batch(reading()))])
        assert refused.value.code == code
    assert await counted(admin, "dead_letters") == 0


def following(seq: int, *more: Reading) -> Batch:
    """A batch of a device that was heard before."""
    return batch(reading(float(seq), seq=seq, at=NOW + seq * dt.timedelta(seconds=1)), *more)


async def test_what_was_foreseen_is_kept_as_without_and_made_again_when_it_holds_no_more(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    await keeps.keep(following(1))
    second, third, fourth = following(2), following(3), following(4)
    for one in (second, third):
        keeps.foresee(one)
    assert [one.batch for one in keeps._ahead] == [second, third]
    await keeps.keep(second)
    keeps._readings.forget()
    await keeps.keep(third)
    keeps.foresee(fourth)
    await keeps.keep(batch(*fourth.observations))
    await keeps.keep(fourth)
    kept = await admin.fetch("select seq, value from readings order by seq")
    assert [tuple(row) for row in kept] == [(n, float(n)) for n in (1, 2, 3, 4)]
    assert await admin.fetchval("select value from latest") == 4.0
    assert (keeps.kept.observations, keeps.kept.repeated, keeps.kept.retries) == (4, 1, 0)
    assert not keeps._ahead


async def test_a_source_that_left_the_register_after_it_was_foreseen_is_refused(
    database: Database, admin: asyncpg.Connection
) -> None:
    registered = [OWNERS]
    keeps = ObservationStore(database, lambda: registered[-1], lambda device, prop: "m")
    await keeps.keep(following(1))
    foreseen = following(2)
    keeps.foresee(foreseen)
    registered.append({code: owner for code, owner in OWNERS.items() if code != "gauge-ai-nghia"})
    await keeps.keep(foreseen)
    assert await counted(admin, "readings") == 1
    assert await admin.fetchval("select code from dead_letters") == "unknown_device"


def test_what_cannot_be_put_in_order_yet_is_not_foreseen(database: Database) -> None:
    """A stream without a number, a source that is not registered, and what is no reading."""
    keeps = store(database)
    for one in (following(1), batch(reading(source="gauge-gone")), batch(sighting()), batch(refusals=(letter(),))):
        keeps.foresee(one)
    assert not keeps._ahead
