"""Merging layers."""

from tests.keras_reference.case import layer, x

TWO = [x(2, 3), x(2, 3)]
THREE = [x(2, 3, 4), x(2, 3, 4), x(2, 3, 4)]

CASES = [
    *[
        layer(name, {}, TWO)
        for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
    ],
    *[
        layer(name, {}, THREE)
        for name in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
    ],
    *[layer(name, {}, [x(2, 3), x(2, 4, 3)]) for name in ("Add", "Multiply", "Maximum")],
    layer("Add", {}, [x(2, 3), x(2, 1)]),
    layer("Add", {"name": "sum"}, [x(2, 3)]),
    layer("Add", {}, [x(2, 3), x(2, 4)]).check(fails=True),
    layer("Add", {}, x(2, 3)).check(fails=True),
    layer("Add", {}, [x(2, 3), x(3, 3)]).check(fails=True),
    layer("Subtract", {}, THREE).check(fails=True),
    layer("Concatenate", {"axis": 1}, [x(2, 3, 4), x(2, 1, 4)]),
    layer("Concatenate", {"axis": -2}, [x(2, 3, 4), x(2, 1, 4)]),
    layer("Concatenate", {}, [x(2, 3, 4), x(2, 2, 4)]).check(fails=True),
    layer("Concatenate", {}, [x(2, 3, 4), x(2, 4)]).check(fails=True),
    layer("Dot", {"axes": 1}, TWO),
    layer("Dot", {"axes": -1, "normalize": True}, TWO),
    layer("Dot", {"axes": 2}, [x(2, 3, 4), x(2, 5, 4)]),
    layer("Dot", {"axes": (2, 1)}, [x(2, 3, 4), x(2, 4, 5)]),
    layer("Dot", {"axes": 1}, [x(2, 3, 4), x(2, 3, 5)]),
    layer("Dot", {"axes": (1, 1), "normalize": True}, [x(2, 3, 4), x(2, 3)]),
    layer("Dot", {"axes": (1, 2)}, [x(2, 3), x(2, 4, 3)]),
    layer("Dot", {"axes": (2, 1)}, [x(2, 3, 4), x(2, 4, 5, 2)]),
    layer("Dot", {"axes": (2, 3)}, [x(2, 3, 4, 2), x(2, 2, 3, 4)]),
    layer("Dot", {"axes": 1}, [x(2, 3), x(2, 4)]).check(fails=True),
    layer("Dot", {"axes": "1"}, TWO).check(fails=True),
    layer("Dot", {"axes": 0}, TWO).check(fails=True),
]
