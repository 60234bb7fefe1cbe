"""The answers have every figure, and no other."""

from ioc.api.models_quality import FiguresOf, TargetsOf, WorstOf
from ioc.incidents.quality import Figures, Targets
from ioc.store.alarm_quality import Worst


def test_nothing_that_is_computed_is_left_out() -> None:
    assert FiguresOf.__struct_fields__ == Figures.__struct_fields__
    assert TargetsOf.__struct_fields__ == Targets.__struct_fields__
    assert set(WorstOf.__struct_fields__) == {*Worst.__struct_fields__, "share"}
