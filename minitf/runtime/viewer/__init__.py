"""Looking at a graph in a browser: zoom, ask an operation what it is, and fire them one by one.

Python writes JSON (`minitf.graph.picture` says what is drawn, `record` how it runs), and
``viewer.js`` and its parts beside this file show it. It needs nothing from the network, so that the
same output works in Jupyter, on Colab, on a page of the website, and as a file.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from minitf.errors import UsageError
from minitf.graph.graph import Graph
from minitf.graph.picture import Data, picture
from minitf.graph.show import text
from minitf.graph.tensor import Tensor
from minitf.paths import write_whole
from minitf.runtime.function import ConcreteFunction
from minitf.runtime.passes import AS_WRITTEN, run_passes
from minitf.runtime.placer import place
from minitf.runtime.plan import make_plan
from minitf.runtime.program import Program
from minitf.runtime.session import feed_array
from minitf.runtime.stages import program_of
from minitf.runtime.viewer.record import record

HERE = Path(__file__).parent

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head>
<body class="mv-page">
<h1>{title}</h1>
{body}
</body>
</html>
"""


class Viewer:
    """A graph that a notebook shows, and that can be played with.

    It is not the graph: it is what the graph looked like when `tf.show.viewer` was called.

    Attributes
    ----------
    data : dict
        What is shown: see `minitf.graph.picture.picture`, and under ``"run"`` how it runs.
    text : str
        The graph in words, for those who cannot see it.
    """

    def __init__(self, data: Data, text: str):
        self.data = data
        self.text = text

    def to_json(self) -> str:
        """Return the data as JSON."""
        return json.dumps(self.data, separators=(",", ":"))

    def _repr_html_(self) -> str:
        """Return the viewer as HTML that stands on its own."""
        data = self.to_json().replace("<", "\\u003c")  # nothing in it may end the script element
        style, *scripts = map(_read, ("viewer.css", "state.js", "drawing.js", "viewer.js"))
        script = "(() => {" + "".join(scripts) + "})();"
        return (
            f'<div class="minitf-viewer"><style>{style}</style>\n'
            f'<pre class="mv-text">{html.escape(self.text)}</pre>\n'
            f'<script type="application/json">{data}</script>\n<script>{script}</script></div>'
        )

    def save(self, path: str | Path) -> Path:
        """Write the viewer as an HTML page that needs no other file, and return its path."""
        title = html.escape(self.data["name"] or "graph")
        page = PAGE.format(title=title, body=self._repr_html_())
        write_whole(Path(path), page.encode())
        return Path(path)

    def __repr__(self) -> str:
        return f"<Viewer of {self.data['name'] or 'a graph'}, {len(self.data['nodes'])} operations>"


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def viewer(source: ConcreteFunction | Graph, fetches: Any = None,
           feed_dict: Mapping[Any, Any] | None = None, args: Sequence[Any] | None = None, *,
           constants: bool = False, run: bool = True) -> Viewer:  # fmt: skip
    """Return a graph as something to look at in a notebook: zoom, ask, and let it run by hand.

    What is shown is the graph that runs: pruned to the fetches, placed, with the copies between
    devices. `Viewer.save` writes it as a page.

    Parameters
    ----------
    source : ConcreteFunction or Graph
        A traced function, or a graph.
    fetches : Tensor or Operation, or nested structure of them, optional
        What a run of a plain graph is asked for; by default everything that nobody else uses.
    feed_dict : mapping of Tensor to value, optional
        What a run of a plain graph is given. With values for all placeholders the graph is run,
        and the values can be looked at; Variables stay as they are.
    args : sequence of value, optional
        The same for a traced function: its arguments.
    constants : bool
        Whether constants get boxes of their own.
    run : bool
        Whether the operations can be fired one by one.

    Returns
    -------
    Viewer

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph("tiny") as g:
    ...     x = tf.placeholder(tf.float32, [], name="x")
    ...     y = tf.square(x) + x
    >>> tf.show.viewer(g, y, {x: 3.0})
    <Viewer of tiny, 3 operations>
    """
    program, arrays = _program(source, fetches, feed_dict, args)
    plan = make_plan(run_passes(program, (*AS_WRITTEN, place))[-1][1])
    graph = plan.program.graph
    data = picture(graph, constants)
    if run:
        data["run"] = record(plan, arrays)
    return Viewer(data, text(graph))


def to_json(source: ConcreteFunction | Graph, fetches: Any = None,
            feed_dict: Mapping[Any, Any] | None = None, args: Sequence[Any] | None = None, *,
            constants: bool = False, run: bool = True) -> str:  # fmt: skip
    """Return what `viewer` shows as JSON, for other programs; the parameters are the same.

    Examples
    --------
    >>> import json
    >>> import minitf as tf
    >>> with tf.Graph() as g:
    ...     y = tf.exp(tf.placeholder(tf.float32, [None, 4], name="x"))
    >>> data = json.loads(tf.show.to_json(g))
    >>> data["nodes"][1]["title"], data["tensors"][1]["shape"]
    ('exp', [None, 4])
    """
    return viewer(source, fetches, feed_dict, args, constants=constants, run=run).to_json()


def _program(source: Any, fetches: Any, feed_dict: Mapping[Any, Any] | None,
             args: Sequence[Any] | None) -> tuple[Program, list[Any] | None]:  # fmt: skip
    """Return what runs, and the values of its feeds where they are given."""
    if isinstance(source, ConcreteFunction):
        given = None if args is None else [*args, *source.captured_inputs]
        return program_of(source, None, ()), _arrays(source.inputs, given)
    if not isinstance(source, Graph):
        raise UsageError(
            f"expected a tf.Graph, or a tf.function's get_concrete_function(...), got {source!r}"
        )
    wanted = _ends(source) if fetches is None else fetches
    if feed_dict is None:
        feeds = [n.output for n in source.operations if n.type == "placeholder"]
        return program_of(source, wanted, feeds), None
    feeds = [source.as_graph_element(t, allow_operation=False) for t in feed_dict]  # type: ignore[misc]
    return program_of(source, wanted, feeds), _arrays(feeds, list(feed_dict.values()))


def _arrays(feeds: Sequence[Tensor], values: Sequence[Any] | None) -> list[Any] | None:
    if values is None:
        return None
    if len(values) != len(feeds):
        raise UsageError(f"expected values for {len(feeds)} argument(s), got {len(values)}")
    return [feed_array(t, v) for t, v in zip(feeds, values, strict=True)]


def _ends(graph: Graph) -> list[Any]:
    """Return what nobody else in a graph uses, but for the first values of its Variables."""
    used = {v.initializer for v in graph.variables}
    used |= {t.op for n in graph.operations for t in n.inputs}
    used |= {before for n in graph.operations for before in n.control_inputs}
    ends = [n for n in graph.operations if n not in used]
    return [n if n.definition.writes or not n.outputs else n.output for n in ends]
