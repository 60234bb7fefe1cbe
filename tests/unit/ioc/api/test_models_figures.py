"""The answers have every figure, and no other."""

from typing import get_args

from ioc.api.models_figures import BehindOf, Figure, TimesOf, UnitFigures
from ioc.store.ticket_figures import Found
from ioc.tickets.figures import MARKS, Figures, Times


def test_nothing_that_is_computed_is_left_out() -> None:
    assert set(UnitFigures.__struct_fields__) == {*Figures.__struct_fields__, "key", "name", "name_en"}
    assert TimesOf.__struct_fields__ == Times.__struct_fields__
    assert set(get_args(Figure)) == set(MARKS)
    assert BehindOf.__struct_fields__[1:] == Found.__struct_fields__[1:]
