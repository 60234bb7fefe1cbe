from ioc.api.models_availability import ThingOf, UnitOf
from ioc.registration.availability import Figures


def test_every_figure_that_is_added_up_is_told_but_the_sum_of_repairs_behind_the_mean() -> None:
    told = set(Figures.__struct_fields__) - {"repairing_s"} | {"share", "repair_s"}
    assert told <= set(ThingOf.__struct_fields__)
    assert told <= set(UnitOf.__struct_fields__)
