"""Showing graphs: text, Graphviz source, and drawings that can be read."""

import random
import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

import minitf as tf
from minitf.graph.layout import FORWARD, GRADIENT, UPDATE, before, find_lanes, layout
from minitf.graph.show import (
    DEVICE_COLORS,
    EDGE_COLORS,
    HEIGHT,
    LETTERS,
    ROW,
    WIDTH,
    wrapped,
)


def training():
    """Return the graph of one step of logistic regression."""
    with tf.Graph("training").as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 64], name="x")
        y = tf.placeholder(tf.int32, [None], name="y")
        w = tf.Variable(tf.zeros([64, 10]), name="w")
        b = tf.Variable(tf.zeros([10]), name="b")
        logits = tf.matmul(x, w) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
        loss = tf.reduce_mean(losses)
        dw, db = tf.gradients(loss, [w, b])
        tf.group(w.assign_sub(0.5 * dw), b.assign_sub(0.5 * db))
    return graph


def devices():
    """Return a graph on two devices, with two outputs of one operation and a control edge."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 8], name="x")
        a = tf.nn.relu(x)
        with tf.device("/cpu:1"):
            b = tf.nn.tanh(x)
        left, right = tf.split(tf.concat([a, b], 1), 2, axis=1)
        with tf.control_dependencies([a]):
            tf.multiply(left, right)
    return graph


def flow():
    """Return the graph of a function with control flow, differentiated twice."""

    @tf.function
    def f(x):
        y = tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * x, lambda: -x)
        _, y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2.0), (0, y))
        z = tf.reduce_sum(tf.nn.softmax(y) * tf.sin(x))
        dx = tf.gradients(z, x)[0]
        return tf.gradients(tf.reduce_sum(tf.square(dx)), x)

    return f.get_concrete_function(tf.TensorSpec([3])).graph


def wide():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [8], name="x")
        tf.add_n([tf.sin(x * float(i)) for i in range(12)])
    return graph


def arbitrary(seed, count=30):
    """Return a random graph with derivatives and assignments."""
    choose = random.Random(seed)
    with tf.Graph().as_default() as graph:
        values = [tf.placeholder(tf.float32, [4], name="x"), tf.Variable(tf.ones([4])) * 1.0]
        for _ in range(count):
            a, b = choose.choice(values), choose.choice(values)
            waits = [choose.choice(values)] if choose.random() < 0.2 else []
            with tf.control_dependencies(waits):
                work = choose.choice([tf.add, tf.multiply, lambda a, b: tf.exp(a), tf.maximum])
                values.append(work(a, b))
        v = graph.variables[0]
        gradient = tf.gradients(tf.reduce_sum(values[-1]), v)[0]
        if gradient is not None:
            v.assign_sub(gradient)
    return graph


GRAPHS = {"training": training, "devices": devices, "flow": flow, "wide": wide}
GRAPHS |= {f"random {seed}": (lambda seed=seed: arbitrary(seed)) for seed in range(4)}


@pytest.fixture(params=GRAPHS)
def graph(request):
    return GRAPHS[request.param]()


def drawn(graph):
    return [n for n in graph.operations if n.type != "constant"]


# -- text ----------------------------------------------------------------------------------------


def test_the_text_has_a_line_for_each_operation(graph):
    lines = tf.show.text(graph).splitlines()
    assert [line.split(":")[0] for line in lines] == [n.name for n in graph.operations]


def test_the_text_tells_inputs_shapes_dtypes_devices_and_order():
    assert tf.show.text(devices()) == "\n".join(
        [
            "x: placeholder() -> float32 (None, 8)",
            "relu: relu(x) -> float32 (None, 8)",
            "tanh: tanh(x) -> float32 (None, 8)  [on /cpu:1]",
            "concat: concat(relu, tanh) -> float32 (None, 16)",
            "split: split(concat) -> float32 (None, 8), float32 (None, 8)",
            "multiply: multiply(split, split:1) -> float32 (None, 8)  [after relu]",
        ]
    )


def test_the_text_tells_variables_constants_and_derivatives():
    text = tf.show.text(training())
    assert "read_variable: read w() -> float32 (64, 10)" in text
    assert "w/assign: assign w(zeros) -> float32 (64, 10)" in text
    assert re.search(r"^constant\w*: constant 0.5\(\) -> float32 \(\)$", text, re.M)
    assert re.search(r"^gradients/matmul: .*  \[grad of matmul\]$", text, re.M)
    assert re.search(r"^group: no_op\(\) -> nothing  \[after assign_sub_variable, ", text, re.M)


@pytest.mark.parametrize("value", ["text", b"bytes", True, 7, 1j, 2.5, [1, 2], [[]]])
def test_constants_of_any_kind_can_be_shown(value):
    with tf.Graph().as_default() as graph:
        tf.constant(value)
    single = not isinstance(value, list)
    assert ("constant " in tf.show.text(graph)) == single
    assert "constant" in tf.show.dot(graph)
    tf.show.draw(graph, constants=True)


# -- Graphviz source -----------------------------------------------------------------------------

STRING = r'"((?:[^"\\]|\\.)*)"'
ATTRIBUTES = rf"\[\w+=(?:{STRING}|\w+)(?:, \w+=(?:{STRING}|\w+))*\];"
NODE = re.compile(rf"  {STRING} {ATTRIBUTES}")
EDGE = re.compile(rf"  {STRING} -> {STRING} {ATTRIBUTES}")


def read_dot(source):
    """Return the nodes and edges of a Graphviz source, every line of which must be well formed."""
    first, defaults, *lines, last = source.split("\n")
    assert (first, last) == ("digraph {", "}")
    assert re.fullmatch(rf"  node {ATTRIBUTES}", defaults)
    nodes, edges = {}, []
    for line in lines:
        if edge := EDGE.fullmatch(line):
            edges.append((edge[1], edge[2], line))
        else:
            node = NODE.fullmatch(line)
            assert node, line
            assert node[1] not in nodes, f"{line} comes twice"
            nodes[node[1]] = line
    assert all(a in nodes and b in nodes for a, b, _ in edges)
    return nodes, edges


def test_the_graphviz_source_is_well_formed_and_complete(graph):
    nodes, edges = read_dot(tf.show.dot(graph))
    assert list(nodes) == [n.name for n in graph.operations]
    values = sum(len(n.inputs) for n in graph.operations)
    assert len(edges) == values + sum(len(n.control_inputs) for n in graph.operations)


def test_the_graphviz_source_shows_shapes_devices_and_derivatives():
    nodes, edges = read_dot(tf.show.dot(devices()))
    assert f'fillcolor="{DEVICE_COLORS[1]}"' in nodes["tanh"]
    assert f'fillcolor="{DEVICE_COLORS[0]}"' in nodes["relu"]
    labels = {(a, b): line for a, b, line in edges}
    assert 'label="? x 16"' in labels["concat", "split"]
    assert "style=dashed" in labels["relu", "multiply"]
    nodes, _ = read_dot(tf.show.dot(training()))
    assert EDGE_COLORS[GRADIENT] in nodes["gradients/matmul"]
    assert EDGE_COLORS[FORWARD] in nodes["matmul"]
    assert EDGE_COLORS[UPDATE] in nodes["assign_sub_variable"]


def test_strange_characters_do_not_break_the_graphviz_source():
    v = tf.Variable(1.0, name='a "quoted" \\ name\nin two lines')
    with tf.Graph().as_default() as graph:
        text = tf.constant('say "yes" \\ or\nnot', name="back\\slash")
        tf.identity_n([text, v], name="to>here")
    nodes, edges = read_dot(tf.show.dot(graph))
    assert r"back\\slash" in nodes
    assert edges[0][:2] == (r"back\\slash", "to>here")


# -- the layout ----------------------------------------------------------------------------------


def test_no_two_boxes_overlap(graph):
    places = layout(drawn(graph)).places
    assert len(places) == len(drawn(graph))
    for one, other in combinations(places.values(), 2):
        apart = abs(one.x - other.x) > 0.99 or abs(one.y - other.y) > 0.99
        assert apart, (one, other)


def test_the_forward_part_flows_down_and_the_update_to_the_right(graph):
    found = layout(drawn(graph))
    for node in drawn(graph):
        for earlier in (n for n in before(node) if n in found.places):
            lanes = found.lanes[earlier], found.lanes[node]
            start, end = found.places[earlier], found.places[node]
            if lanes == (FORWARD, FORWARD):
                assert start.y < end.y
            elif lanes == (UPDATE, UPDATE):
                assert start.x < end.x


def test_derivatives_flow_up_beside_what_they_belong_to():
    graph = training()
    found = layout(drawn(graph))
    for node in (n for n in drawn(graph) if n.gradient_of):
        for earlier in (n for n in before(node) if n.gradient_of):
            assert found.places[node].y < found.places[earlier].y
    rows = {n.gradient_of: found.places[n].y for n in drawn(graph) if n.gradient_of}
    forward = [n for n in drawn(graph) if found.lanes[n] == FORWARD and n.name in rows]
    order = sorted(forward, key=lambda n: found.places[n].y)
    assert len(order) >= 3
    assert [rows[n.name] for n in order] == sorted(rows[n.name] for n in order)


def test_the_lanes_stand_side_by_side(graph):
    found = layout(drawn(graph))
    spans = []
    for lane in (FORWARD, GRADIENT, UPDATE):
        xs = [p.x for n, p in found.places.items() if found.lanes[n] == lane]
        spans += [min(xs), max(xs)] if xs else []
    assert spans == sorted(spans)
    assert all(b - a > 1 for a, b in zip(spans[1::2], spans[2::2], strict=False))


def test_arrows_of_a_lane_pass_between_its_boxes(graph):
    found = layout(drawn(graph))
    for (start, end), points in found.bends.items():
        boxes = [p for n, p in found.places.items() if found.lanes[n] == found.lanes[start]]
        room = (
            0.6 if found.lanes[start] == found.lanes[end] else 0.49
        )  # a row's edge, between lanes
        for point in points:
            assert point.x >= 0
            assert all(abs(point.x - p.x) > room or abs(point.y - p.y) > room for p in boxes)


def test_an_arrow_into_another_lane_goes_around_the_boxes_beside_it():
    with tf.Graph().as_default() as graph:
        a, b = (tf.placeholder(tf.float32, [2, 2], name=name) for name in "ab")
        z = tf.matmul(a, b)
        tf.gradients(z, [a, b])
    found = layout(drawn(graph))
    left, right = sorted((found.places[n] for n in (a.op, b.op)), key=lambda place: place.x)
    assert left.y == right.y
    leaving = {found.places[start]: way for (start, _), way in found.bends.items() if way}
    assert right not in leaving
    assert all(left.x < p.x and p.y == left.y + 0.5 for p in leaving[left])


def test_an_arrow_over_several_rows_goes_around_what_stands_between():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [3], name="x")
        z = tf.exp(tf.exp(x)) + x
    points = layout(drawn(graph)).bends[x.op, z.op]
    assert [p.y for p in points] == [1, 2]


def test_what_serves_an_update_alone_is_no_forward_part():
    graph = training()
    lanes = {n.name: lane for n, lane in find_lanes(graph.operations).items()}
    assert lanes["zeros"] == lanes["w/assign"] == lanes["group"] == UPDATE
    assert lanes["read_variable"] == lanes["matmul"] == lanes["reduce_mean"] == FORWARD
    assert lanes["gradients/matmul"] == GRADIENT
    with tf.Graph().as_default() as graph:
        rate = tf.placeholder(tf.float32, [], name="rate")
        v = tf.Variable(1.0)
        v.assign_sub(rate * tf.gradients(tf.square(v), v)[0])
    assert find_lanes(graph.operations)[rate.op] == UPDATE


def test_a_narrow_graph_stands_straight():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [3], name="x")
        for _ in range(5):
            x = tf.exp(x)
    places = layout(drawn(graph)).places
    assert {p.x for p in places.values()} == {0.0}
    assert [p.y for p in places.values()] == [0, 1, 2, 3, 4, 5]


# -- the drawing ---------------------------------------------------------------------------------


def extents(ax):
    """Return the boxes, the titles in them and the labels beside them, in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.patches import FancyBboxPatch

    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    boxes = [p.get_window_extent() for p in ax.patches if isinstance(p, FancyBboxPatch)]
    titles = [t.get_window_extent(renderer) for t in ax.texts if t.zorder == 4]
    labels = [t.get_window_extent(renderer) for t in ax.texts if t.zorder == 5]
    return boxes, titles, labels


@pytest.fixture(params=GRAPHS, scope="module")
def picture(request):
    ax = tf.show.draw(GRAPHS[request.param]())
    return ax, *extents(ax)


def test_titles_lie_in_their_boxes_and_labels_outside_of_all(picture):
    _, boxes, titles, labels = picture
    assert len(boxes) == len(titles) > 3
    for box, title in zip(boxes, titles, strict=True):
        assert box.x0 < title.x0 < title.x1 < box.x1
        assert box.y0 < title.y0 < title.y1 < box.y1
    for label in labels:
        assert not any(label.overlaps(box) for box in boxes)
    for one, other in combinations(labels, 2):
        assert not one.overlaps(other)


def test_everything_lies_on_the_figure(picture):
    ax, boxes, titles, labels = picture
    for extent in boxes + titles + labels + [ax.get_legend().get_window_extent()]:
        assert ax.figure.bbox.x0 <= extent.x0 < extent.x1 <= ax.figure.bbox.x1 + 1
        assert ax.figure.bbox.y0 <= extent.y0 < extent.y1 <= ax.figure.bbox.y1 + 1


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("matmul", ["matmul"]),
        ("sparse_softmax_cross_entropy", ["sparse_softmax_", "cross_entropy"]),
        ("read layer_one/weights", ["read layer_one/", "weights"]),
        ("x" * LETTERS, ["x" * LETTERS]),
    ],
)
def test_long_titles_take_two_lines(title, lines):
    assert wrapped(title) == lines


def test_the_longest_titles_are_cut_in_the_middle_of_a_line():
    lines = wrapped("an_extraordinarily_long_name_of_some_variable_inside_many_nested_scopes/w" * 2)
    assert len(lines) == 2
    assert all(len(line) <= 2 * LETTERS for line in lines)
    assert ".." in lines[0]


def svg(graph, path, **options):
    assert tf.show.save_svg(graph, path, **options) == path
    return ElementTree.parse(path).getroot()


def texts(root):
    """Return what stands in a drawing, the lines of one title joined."""
    return ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_svg_holds_every_title_and_shape(tmp_path):
    root = svg(training(), tmp_path / "graph.svg")
    shown = texts(root)
    for title in ("matmul", "placeholder x", "read w", "add", "reduce_mean", "assign_sub w"):
        assert title in shown
    assert {"sparse_softmax_", "cross_entropy"} <= set(shown)  # in two lines, and whole
    assert {"? x 64", "64 x 10", "? x 10", "10", "()"} <= set(shown)
    assert {"forward", "gradients", "updates", "waits for"} <= set(shown)
    assert not any("constant" in text for text in shown)


def test_constants_are_drawn_on_demand(tmp_path):
    assert "constant 0.5" in texts(svg(training(), tmp_path / "graph.svg", constants=True))


def test_the_svg_tells_lanes_and_devices_by_colour(tmp_path):
    svg(training(), tmp_path / "training.svg")
    svg(devices(), tmp_path / "devices.svg")
    training_svg = (tmp_path / "training.svg").read_text()
    devices_svg = (tmp_path / "devices.svg").read_text()
    assert all(color in training_svg for color in EDGE_COLORS.values())
    assert DEVICE_COLORS[1] not in training_svg
    assert DEVICE_COLORS[0] in devices_svg
    assert DEVICE_COLORS[1] in devices_svg
    assert EDGE_COLORS[GRADIENT] not in devices_svg
    assert {"/cpu:0", "/cpu:1"} <= set(texts(ElementTree.fromstring(devices_svg)))


def test_outputs_of_one_operation_share_a_label(tmp_path):
    assert "2 times ? x 8" in texts(svg(devices(), tmp_path / "graph.svg"))


def test_the_same_graph_gives_the_same_bytes(tmp_path):
    tf.show.save_svg(training(), tmp_path / "one.svg")
    tf.show.save_svg(training(), tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert tf.show.dot(training()) == tf.show.dot(training())


def test_a_graph_after_each_pass_can_be_drawn(tmp_path):
    def step(x):
        return tf.reduce_sum(tf.nn.relu(x * 2.0 + 1.0) * 1.0)

    concrete = tf.function(step).get_concrete_function(tf.TensorSpec([None, 3]))
    stages = tf.show.stages(concrete)
    assert {"traced", "prune", "fold", "share"} <= set(stages)
    for name, stage in stages.items():
        svg(stage, tmp_path / f"{name}.svg")
    if "fuse" in stages and any(n.type == "fused" for n in stages["fuse"].operations):
        assert "fused multiply add" in tf.show.text(stages["fuse"])


def test_a_graph_is_drawn_on_given_axes():
    from matplotlib.figure import Figure

    left, right = Figure(figsize=(8, 4)).subplots(1, 2)
    assert tf.show.draw(devices(), left) is left
    assert tf.show.draw(training(), ax=right) is right
    boxes, titles, _ = extents(left)
    for box, title in zip(boxes, titles, strict=True):
        assert box.x0 < title.x0 < title.x1 < box.x1


def test_a_large_graph_shrinks_to_fit():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [3], name="x")
        for i in range(50):
            x = tf.nn.relu(x) + tf.sin(x) if i % 5 == 0 else tf.nn.relu(-x)
        tf.gradients(x, graph.operations[0].output)
    assert len(graph.operations) > 200
    ax = tf.show.draw(graph)
    width, height = ax.figure.get_size_inches()
    assert max(width / 24, height / 41) <= 1
    boxes, titles, _ = extents(ax)
    for box, title in zip(boxes, titles, strict=True):
        assert box.x0 < title.x0 < title.x1 < box.x1


def test_an_empty_graph_has_a_drawing(tmp_path):
    empty = tf.Graph()
    assert tf.show.text(empty) == ""
    assert read_dot(tf.show.dot(empty)) == ({}, [])
    svg(empty, tmp_path / "empty.svg")


def test_the_boxes_leave_room_for_arrows():
    assert WIDTH < 1.8
    assert HEIGHT < ROW / 2
