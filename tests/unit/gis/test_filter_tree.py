"""Shapes of trees: the same for all values, and the values by name."""

from gis.filter_tree import And, Compare, Interval, Literal, Not, Property, Temporal, parted, within

TITLE = Property("title", "string")


def test_values_leave_the_shape() -> None:
    def tree(one: str, other: str) -> And:
        return And((Compare("=", TITLE, Literal("string", one)), Not(Compare("<", TITLE, Literal("string", other)))))

    shape, values = parted(tree("a", "b"))
    assert (shape, list(values.values())) == (parted(tree("c", "d"))[0], ["a", "b"])
    assert hash(shape) == hash(parted(tree("c", "d"))[0])
    assert shape != parted(Compare("=", TITLE, Literal("string", "a")))[0]
    assert [type(node) for node in within(shape)][:2] == [And, Compare]


def test_open_ends_stay() -> None:
    span = Interval(None, Literal("datetime", "x"))
    shape, values = parted(Temporal("during", "datetime", span, span))
    assert isinstance(shape, Temporal)
    assert shape.left.first is None
    assert len(values) == 2
