"""The graph viewer: what is drawn, and a run written down step by step."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import minitf as tf
from minitf.errors import UsageError
from minitf.graph.layout import layout
from minitf.graph.picture import picture
from minitf.graph.show import COLUMN, ROW
from minitf.runtime.executor import Executor
from minitf.runtime.passes import AS_WRITTEN, run_passes
from minitf.runtime.placer import place
from minitf.runtime.plan import make_plan
from minitf.runtime.stages import program_of
from minitf.runtime.viewer.record import record
from tests.test_show import devices, flow, training, wide

GRAPHS = {"training": training, "devices": devices, "flow": flow, "wide": wide}


@pytest.fixture(params=GRAPHS)
def graph(request):
    return GRAPHS[request.param]()


def diamond():
    """Return a graph with two branches, and its tensors."""
    with tf.Graph("diamond").as_default() as graph:
        x = tf.placeholder(tf.float32, [2], name="x")
        left, right = tf.square(x, name="left"), tf.negative(x, name="right")
        y = tf.add(left, right, name="y")
    return graph, x, y


def run_of(viewer):
    """Return who fired, who became ready then, and which values were freed, all by name."""
    data, run = viewer.data, viewer.data["run"]
    steps = [data["nodes"][step["node"]]["name"] for step in run["steps"]]
    names = [t["name"] for t in data["tensors"]]
    return [
        (steps[s["step"]], [steps[i] for i in s["ready"]], [names[t] for t in s["freed"]])
        for s in run["order"]
    ]


# -- what is drawn


def test_the_picture_has_every_operation_and_tensor(graph):
    data = picture(graph)
    assert [n["name"] for n in data["nodes"]] == [n.name for n in graph.operations]
    assert [t["name"] for t in data["tensors"]] == [
        t.name for n in graph.operations for t in n.outputs
    ]
    for node, operation in zip(data["nodes"], graph.operations, strict=True):
        assert [data["tensors"][t]["name"] for t in node["inputs"]] == [
            t.name for t in operation.inputs
        ]
        assert all(data["nodes"][data["tensors"][t]["node"]] is node for t in node["outputs"])


def test_boxes_stand_where_the_layout_says(graph):
    drawn = [n for n in graph.operations if n.type != "constant"]
    places = layout(drawn).places
    for node, operation in zip(picture(graph)["nodes"], graph.operations, strict=True):
        if operation in places:
            x, y = places[operation]
            assert node["place"] == pytest.approx([x * COLUMN, y * ROW], abs=1e-3)
        else:
            assert "place" not in node


def test_constants_have_boxes_on_demand():
    data = picture(training(), constants=True)
    assert all("place" in n for n in data["nodes"])


def test_arrows_lead_from_every_input_and_from_what_is_waited_for():
    data = picture(devices())
    number = {n["name"]: i for i, n in enumerate(data["nodes"])}
    found = {(a["from"], a["to"]): a["tensors"] for a in data["arrows"]}
    assert len(found[number["split"], number["multiply"]]) == 2
    assert found[number["relu"], number["multiply"]] == []
    assert data["nodes"][number["multiply"]]["after"] == [number["relu"]]


def test_a_node_tells_its_device_its_origin_and_the_users_line():
    data = picture(training())
    nodes = {n["name"]: n for n in data["nodes"]}
    assert nodes["gradients/matmul"]["derivative_of"] == "matmul"
    assert nodes["gradients/matmul"]["lane"] == "gradient"
    source = nodes["matmul"]["source"]
    assert source["file"] == "test_show.py"
    assert source["code"] == "logits = tf.matmul(x, w) + b"
    assert {n["device"] for n in picture(devices())["nodes"]} == {"/cpu:0", "/cpu:1"}


def test_sizes_are_told_where_they_are_known():
    tensors = {t["name"]: t for t in picture(training())["tensors"]}
    assert tensors["zeros:0"]["shape"] == [64, 10]
    assert tensors["zeros:0"]["bytes"] == 64 * 10 * 4
    assert tensors["matmul:0"]["shape_text"] == "? x 10"
    assert tensors["matmul:0"]["bytes"] is None


# -- how it runs


def test_a_diamond_fires_from_top_to_bottom():
    graph, _, y = diamond()
    assert run_of(tf.show.viewer(graph, y)) == [
        ("left", [], []),
        ("right", ["y"], ["x:0"]),
        ("y", [], ["left:0", "right:0"]),
    ]


def test_what_is_not_needed_does_not_run():
    graph, x, _ = diamond()
    left = graph.get_tensor_by_name("left:0")
    assert [name for name, _, _ in run_of(tf.show.viewer(graph, left))] == ["left"]
    fed = tf.show.viewer(graph, "y:0", {left: [1.0, 1.0], x: [2.0, 3.0]})
    assert [name for name, _, _ in run_of(fed)] == ["right", "y"]


def test_values_are_those_of_a_session():
    graph, x, y = diamond()
    viewer = tf.show.viewer(graph, y, {x: [2.0, 3.0]})
    (number,) = viewer.data["run"]["fetches"]
    assert viewer.data["run"]["values"][number] == {"text": "[2. 6.]", "bytes": 8}
    assert tf.Session(graph=graph).run(y, {x: [2.0, 3.0]}).tolist() == [2.0, 6.0]


def test_without_values_only_the_constants_are_known():
    graph, _, y = diamond()
    assert tf.show.viewer(graph, y).data["run"]["values"] == {}


def test_a_traced_function_is_run_on_its_arguments_and_leaves_variables_alone():
    v = tf.Variable(1.0)

    @tf.function
    def step(x):
        v.assign_add(x)
        return v * 2.0

    viewer = tf.show.viewer(step.get_concrete_function(tf.TensorSpec([])), args=[3.0])
    (number,) = viewer.data["run"]["fetches"]
    assert viewer.data["run"]["values"][number]["text"] == "8."
    assert v.numpy() == 1.0


def test_by_default_everything_runs_but_the_initial_values():
    graph = training()
    fired = [name for name, _, _ in run_of(tf.show.viewer(graph))]
    assert "matmul" in fired
    assert "assign_sub_variable" in fired
    assert "w/assign" not in fired


def planned(graph):
    """Return the plan of everything in a graph."""
    ends = [n.output if n.outputs else n for n in graph.operations]
    feeds = [n.output for n in graph.operations if n.type == "placeholder"]
    program = program_of(graph, ends, feeds)
    return make_plan(run_passes(program, (*AS_WRITTEN, place))[-1][1])


def test_every_step_fires_once_and_after_what_it_waits_for(graph):
    plan = planned(graph)
    run = record(plan)
    order = [s["step"] for s in run["order"]]
    assert sorted(order) == list(range(len(plan.steps)))
    position = {step: i for i, step in enumerate(order)}
    assert all(
        position[i] < position[follower]
        for i, step in enumerate(run["steps"])
        for follower in step["followers"]
    )


def test_what_becomes_ready_fires_in_that_order(graph):
    run = record(planned(graph))
    queue = [i for i, step in enumerate(run["steps"]) if step["waits"] == 0]
    for event in run["order"]:
        queue += event["ready"]
    assert queue == [event["step"] for event in run["order"]]


def test_values_are_freed_after_their_last_use_and_never_when_fetched():
    graph, x, y = diamond()
    program = program_of(graph, [y, graph.get_tensor_by_name("left:0")], [x])
    plan = make_plan(run_passes(program, (*AS_WRITTEN, place))[-1][1])
    run = record(plan)
    freed = [t for event in run["order"] for t in event["freed"]]
    assert len(freed) == len(set(freed))
    assert not set(freed) & set(plan.fetches)
    when = {t: i for i, event in enumerate(run["order"]) for t in event["freed"]}
    for i, event in enumerate(run["order"]):
        assert all(when.get(t, i) >= i for t in run["steps"][event["step"]]["reads"])


def test_the_recorded_run_computes_what_the_executor_computes():
    graph, x, y = diamond()
    program = program_of(graph, [y], [x])
    plan = make_plan(run_passes(program, (*AS_WRITTEN, place))[-1][1])
    array = np.array([1.5, -2.0], np.float32)
    run = record(plan, [array])
    (found,) = Executor(plan, [array]).run()
    assert run["values"][plan.fetches[0]]["text"] == np.array2string(found, suppress_small=True)


def test_large_values_are_cut():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [100, 100], name="x")
        tf.exp(x)
    viewer = tf.show.viewer(graph, feed_dict={x: np.zeros([100, 100])})
    texts = [v["text"] for v in viewer.data["run"]["values"].values()]
    assert all(len(text) < 500 for text in texts)
    assert "..." in texts[1]


# -- how it is written


class Elements(HTMLParser):
    """Collects the elements of a page and what stands in them."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), ""))

    def handle_data(self, data):
        if self.found:
            tag, attrs, text = self.found[-1]
            self.found[-1] = tag, attrs, text + data


def elements(html):
    parser = Elements()
    parser.feed(html)
    return parser.found


def test_the_html_holds_the_json_and_the_text():
    graph, _, y = diamond()
    viewer = tf.show.viewer(graph, y)
    found = elements(viewer._repr_html_())
    (data,) = [text for tag, attrs, text in found if attrs.get("type") == "application/json"]
    assert json.loads(data) == json.loads(viewer.to_json()) == json.loads(tf.show.to_json(graph, y))
    (text,) = [text for tag, attrs, text in found if attrs.get("class") == "mv-text"]
    assert text.startswith("x: placeholder() -> float32 (2,)")


def test_nothing_in_a_graph_can_end_the_script_that_holds_it():
    with tf.Graph("</script><b>").as_default() as graph:
        tf.constant("</script><script>alert(1)</script>", name="x")
        tf.identity(tf.constant("</SCRIPT>"))
    html = tf.show.viewer(graph, constants=True)._repr_html_()
    assert len(re.findall(r"<script", html)) == len(re.findall(r"(?i)</script", html)) == 2


def test_the_page_asks_for_nothing_from_elsewhere(tmp_path):
    graph, _, _ = diamond()
    page = tf.show.viewer(graph).save(tmp_path / "graph.html").read_text(encoding="utf-8")
    assert "<title>diamond</title>" in page
    assert not re.findall(r"(?:src|href)=", page)
    assert re.findall(r"https?://[\w.]+", page) == ["http://www.w3.org"]  # the name of SVG


def test_a_graph_can_be_shown_without_a_run():
    assert "run" not in json.loads(tf.show.to_json(training(), run=False))


@pytest.mark.parametrize("source", [lambda x: x, tf.function(lambda x: x), None])
def test_what_is_no_graph_is_refused(source):
    with pytest.raises(UsageError, match=r"expected a tf.Graph, or a tf.function's"):
        tf.show.viewer(source)


def test_the_number_of_arguments_is_checked():
    concrete = tf.function(lambda x: x + 1.0).get_concrete_function(tf.TensorSpec([]))
    with pytest.raises(UsageError, match="expected values for 1 argument"):
        tf.show.viewer(concrete, args=[1.0, 2.0])


def test_an_empty_graph_can_be_shown():
    data = tf.show.viewer(tf.Graph()).data
    assert (data["nodes"], data["arrows"], data["run"]["order"]) == ([], [], [])
