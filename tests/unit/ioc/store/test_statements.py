"""Statements compiled for asyncpg: numbered placeholders, values in their order, nothing concatenated."""

import uuid

import pytest
import sqlalchemy as sa

from ioc.store.statements import inserting, prepare
from ioc.store.tables import JOURNAL, LATEST, MEDIA, STREAMS


def test_values_are_laid_out_in_the_order_of_their_placeholders() -> None:
    ready = prepare(sa.select(STREAMS.c.id).where(STREAMS.c.device == "a", STREAMS.c.property == "b"))
    assert "$1" in ready.sql
    assert "$2" in ready.sql
    assert ready.arguments({}) == ["a", "b"]


def test_a_value_never_becomes_part_of_the_text() -> None:
    evil = "x'; drop table streams; --"
    ready = prepare(sa.select(STREAMS.c.id).where(STREAMS.c.device == evil))
    assert "drop" not in ready.sql
    assert ready.arguments({}) == [evil]


def test_a_parameter_without_a_value_is_asked_for_by_name() -> None:
    ready = prepare(sa.select(STREAMS.c.id).where(STREAMS.c.device == sa.bindparam("device")))
    assert ready.arguments({"device": "a"}) == ["a"]
    with pytest.raises(KeyError, match="device"):
        ready.arguments({})


def test_a_list_is_spread_over_placeholders_of_its_own() -> None:
    ids = [uuid.UUID(int=1), uuid.UUID(int=2)]
    ready = prepare(sa.select(MEDIA.c.id).where(MEDIA.c.id.in_(ids)))
    assert ready.arguments({}) == ids


def test_an_empty_list_matches_nothing_and_needs_nothing() -> None:
    assert prepare(sa.select(MEDIA.c.id).where(MEDIA.c.id.in_([]))).arguments({}) == []


def test_none_is_a_value_like_any_other() -> None:
    statement = sa.update(MEDIA).values(kind=None)
    assert prepare(statement).arguments({}) == [None]


def test_an_insert_leaves_out_what_postgresql_makes_itself() -> None:
    names = prepare(inserting(JOURNAL)).names
    assert "id" not in names
    assert set(names) == {"kind", "payload", "arrived_at"}


def test_an_insert_can_leave_out_more() -> None:
    assert "stream" not in prepare(inserting(LATEST, "stream")).names
