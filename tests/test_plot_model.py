"""`plot_model`: what stands where in the picture of a model."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ElementTree

import pytest

from minitf import keras
from minitf.errors import FailedPreconditionError, InvalidArgumentError
from minitf.models.diagram import MODEL, Options, diagram_of
from minitf.models.plot import Drawing, _arranged, model_to_dot, plot_model
from tests.keras_reference.exchange import attention, conv, mlp, nested, subclassed

layers = keras.layers


def residual():
    x = inputs = keras.Input((8,))
    for _ in range(3):
        y = layers.Dense(8, activation="relu")(x)
        x = layers.Add()([x, layers.Dense(8)(y)])
    return keras.Model(inputs, [layers.Dense(2, name="a")(x), layers.Dense(1, name="b")(x)])


EVERY = [mlp, conv, attention, nested]


@pytest.mark.parametrize("make", EVERY)
@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_a_picture_is_written(make, rankdir, tmp_path):
    path = tmp_path / "model.png"
    plot_model(make(keras), path, show_shapes=True, rankdir=rankdir, dpi=50, expand_nested=True)
    assert path.read_bytes().startswith(b"\x89PNG")


def texts(path):
    return [e.text for e in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]


def test_what_stands_in_the_boxes(tmp_path):
    path = tmp_path / "model.svg"
    model = mlp(keras)
    model.layers[0].trainable = False
    plot_model(model, path, show_shapes=True, show_dtype=True, show_layer_names=True,
               show_layer_activations=True, show_trainable=True)  # fmt: skip
    found = texts(path)
    name = model.layers[0].name
    assert {f"{name} (Dense)", "(None, 5)", "float32", "relu", "no", "yes"} <= set(found)
    plot_model(model, path)
    assert texts(path) == ["Dense", "BatchNormalization", "Dropout", "Dense"]


def test_the_same_model_gives_the_same_file():
    drawing = model_to_dot(residual())
    assert drawing.create(format="svg") == drawing.create(format="svg")


def placed(arranged, left=0.0, top=0.0):
    """Yield (box, left, top, right, bottom) of all boxes that are no frames."""
    for box, center in arranged.centers.items():
        size = arranged.sizes[box]
        x, y = left + center.x - size.width / 2, top + center.y - size.height / 2
        if box in arranged.inner:
            yield from placed(arranged.inner[box], x, y)
        else:
            yield box, x, y, x + size.width, y + size.height


@pytest.mark.parametrize("sideways", [False, True])
@pytest.mark.parametrize("make", [*EVERY, lambda keras: residual()])
def test_boxes_do_not_overlap_and_lie_inside(make, sideways):
    diagram = diagram_of(make(keras), Options(shapes=True, expand=True))
    arranged = _arranged(diagram, sideways)
    found = list(placed(arranged))
    for (_, *a), (_, *b) in itertools.combinations(found, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    for center, size in ((arranged.centers[b], arranged.sizes[b]) for b in diagram.boxes):
        assert center.x - size.width / 2 >= -0.01
        assert center.x + size.width / 2 <= arranged.size.width + 0.01
        assert center.y + size.height / 2 <= arranged.size.height + 0.01


def test_values_flow_down():
    arranged = _arranged(diagram_of(residual(), Options()), False)
    for link in arranged.diagram.links:
        assert arranged.centers[link.start].y < arranged.centers[link.end].y


def test_long_links_pass_beside_the_boxes():
    arranged = _arranged(diagram_of(residual(), Options(shapes=True)), False)
    passing = {link: way for link, way in arranged.ways.items() if way}
    assert len(passing) == 3
    for way in passing.values():
        for box, center in arranged.centers.items():
            size = arranged.sizes[box]
            for point in way:
                beside = abs(point.x - center.x) >= size.width / 2
                assert beside or abs(point.y - center.y) >= size.height / 2


def test_a_shared_model_is_one_box_or_one_frame():
    plain = diagram_of(nested(keras), Options())
    encoder = next(b for b in plain.boxes if b.title.startswith("encoder"))
    assert sum(link.end is encoder for link in plain.links) == 2
    framed = diagram_of(nested(keras), Options(expand=True))
    frames = [b for b in framed.boxes if b.inside is not None]
    assert [b.kind for b in frames] == [MODEL, MODEL]
    into = [link for link in framed.links if link.outer_end is frames[0]]
    assert {link.end.title.rpartition(" ")[2] for link in into} == {"(InputLayer)"}


def test_the_source_for_graphviz():
    model = nested(keras)
    source = str(model_to_dot(model, expand_nested=True, rankdir="LR"))
    assert source.startswith("digraph {\n  rankdir=LR;")
    assert source.count("subgraph cluster_") == 2
    diagram = diagram_of(model, Options(expand=True))
    inner = sum(len(b.inside.links) for b in diagram.boxes if b.inside)
    assert source.count("->") == len(diagram.links) + inner


def test_names_are_escaped():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3, name="a<b>&c")])
    assert "a&lt;b&gt;&amp;c (Dense)" in str(model_to_dot(model))
    assert b"<svg" in model_to_dot(model).create(format="svg")


def test_a_layer_that_is_called_on_its_own_output():
    x = inputs = keras.Input((4,))
    again, between = layers.Dense(4), layers.Dense(4)
    model = keras.Model(inputs, again(between(again(x))))
    assert isinstance(model_to_dot(model), Drawing)
    assert model_to_dot(model).create(format="svg")


def test_a_subclassed_model_is_one_box():
    model = subclassed(keras)
    with pytest.raises(FailedPreconditionError, match="has not been built"):
        plot_model(model)
    model(keras.ops.ones((2, 4)))
    assert len(diagram_of(model, Options()).boxes) == 1


def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(InvalidArgumentError, match="rankdir"):
        plot_model(mlp(keras), rankdir="XY")
    with pytest.raises(InvalidArgumentError, match="png, svg or pdf"):
        plot_model(mlp(keras), tmp_path / "model.docx")
