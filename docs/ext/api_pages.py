"""The reference: one page for each namespace, and one for each family of functions or classes.

A namespace (``tf.math``, ``keras.layers``) is a table of names. What a name is stands on the page
of its family, which is the module that defines it, so that things that belong together are read
together and a function with three names is described once. The pages are written into ``docs/api/``
before Sphinx reads its sources; nothing in them is written by hand.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpydoc
from jinja2 import FileSystemLoader, Template
from jinja2.sandbox import SandboxedEnvironment
from numpydoc import docscrape, docscrape_sphinx
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

# In the order of preference: an object that has several names is described under its first.
NAMESPACES = [
    "minitf",
    *(f"minitf.{name}" for name in (
        "math", "linalg", "nn", "random", "image", "strings", "ragged", "sparse", "bitwise", "data",
        "lookup", "autodiff", "autograph", "show", "config", "debugging", "io", "nest", "profiler",
        "summary", "test", "train", "errors")),
    "minitf.keras",
    *(f"minitf.keras.{name}" for name in (
        "layers", "models", "optimizers", "optimizers.schedules", "losses", "metrics", "callbacks",
        "initializers", "regularizers", "constraints", "activations", "datasets", "ops", "utils",
        "saving", "random", "preprocessing.image", "preprocessing.sequence", "preprocessing.text",
        "tokenizers", "tree", "config", "dtype_policies", "mixed_precision", "backend",
        "optimizers.legacy")),
    "minitf.compat.v1",
]  # fmt: skip


@dataclass
class Entry:
    """One thing of the reference: a function or a class, and all the names it has."""

    name: str
    thing: Any
    others: list[str] = field(default_factory=list)

    @property
    def family(self) -> str:
        """The module that defines it."""
        return str(self.thing.__module__)


def namespace(name: str) -> Any:
    """Return a namespace, by its public name."""
    for module, path in ((name, ""), ("minitf", name.removeprefix("minitf."))):
        try:
            found = import_module(module)
        except ImportError:
            continue
        for part in filter(None, path.split(".")):
            found = getattr(found, part)
        return found
    raise LookupError(f"there is no namespace {name}")


def public(space: Any) -> Iterator[tuple[str, Any]]:
    """Yield the functions and classes that a namespace offers."""
    own = [n for n, o in vars(space).items() if getattr(o, "__module__", "") == space.__name__]
    for name in sorted(getattr(space, "__all__", own), key=str.lower):
        thing = getattr(space, name)
        is_ours = str(getattr(thing, "__module__", "")).partition(".")[0] == "minitf"
        if is_ours and (inspect.isclass(thing) or inspect.isroutine(thing)):
            yield name, thing


@functools.cache
def collect() -> tuple[dict[str, list[str]], dict[int, Entry]]:
    """Return the names in each namespace, and what they stand for, by identity."""
    found = [(f"{s}.{name}", thing) for s in NAMESPACES for name, thing in public(namespace(s))]
    entries: dict[int, Entry] = {}
    # First those that are called what they call themselves.
    for full, thing in sorted(found, key=lambda f: f[0].rpartition(".")[2] != f[1].__name__):
        entry = entries.setdefault(id(thing), Entry(full, thing))
        if entry.name != full:
            entry.others.append(full)
    names: dict[str, list[str]] = {space: [] for space in NAMESPACES}
    for full, _ in found:
        names[full.rpartition(".")[0]].append(full)
    return names, entries


# -- the pages


def shown(name: str) -> str:
    """Return a name as programs write it: tf.matmul, keras.layers.Dense."""
    if name.startswith("minitf.keras"):
        return name.removeprefix("minitf.")
    return "tf" + name.removeprefix("minitf")


def place(module: str) -> str:
    """Return the name of a family's page."""
    return "family/" + module.removeprefix("minitf.")


def first_line(thing: Any) -> str:
    """Return the first line of a docstring, without the name that it may begin with."""
    line = (inspect.getdoc(thing) or "").partition("\n")[0].rstrip(".")
    name, colon, rest = line.partition(": ")
    return rest[:1].upper() + rest[1:] if colon and "`" in name else line


def headed(text: str, line: str = "=") -> list[str]:
    """Return a heading."""
    return [text, line * len(text), ""]


def namespace_page(space: str, names: list[str], entries: dict[int, Entry]) -> str:
    """Return the page of a namespace: a table for each family."""
    by_name = {n: e for e in entries.values() for n in (e.name, *e.others)}
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(by_name[name].family, []).append(name)
    title = title_of(space)
    lines = [*headed(f"``{shown(space)}``"), *([f"{title}.", ""] if title else [])]
    for family in sorted(families, key=lambda f: (heading(f).lower(), f)):
        lines += headed(heading(family), "-")
        lines += [f"Described in :doc:`{family} <{place(family)}>`.", ""]
        lines += [f".. currentmodule:: {space}", "", ".. autosummary::", "   :nosignatures:", ""]
        lines += [f"   {name.removeprefix(space + '.')}" for name in families[family]] + [""]
    return "\n".join(lines)


def title_of(space: str) -> str:
    """Return what a namespace is for, in a line."""
    found = first_line(namespace(space))
    return "" if found.strip("`").startswith(("keras.", "tf.")) else found


def heading(module: str) -> str:
    """Return the first line of a module's docstring, which says what the family is."""
    return first_line(import_module(module)) or module


def family_page(module: str, entries: list[Entry]) -> str:
    """Return the page of a family: everything it has, described."""
    source = module.replace(".", "/") + ("/__init__" if is_package(module) else "")
    lines = [":orphan:", "", *headed(heading(module))]
    lines += [f"The code is in ``{source}.py``.", ""]
    for entry in sorted(entries, key=lambda e: e.name.lower()):
        kind = "class" if inspect.isclass(entry.thing) else "function"
        lines += headed(f"``{shown(entry.name)}``", "-")
        if entry.others:
            others = ", ".join(f"``{shown(n)}``" for n in entry.others)
            lines += [f"Also known as {others}.", ""]
        lines += [
            f".. auto{kind}:: {entry.name}",
            *["   :members:"] * shows_methods(entry.thing),
            "",
        ]
    return "\n".join(lines)


def is_package(module: str) -> bool:
    """Return whether a module is a folder."""
    return hasattr(import_module(module), "__path__")


MANY = 3  # methods of its own that make a class worth describing method by method


def shows_methods(thing: Any) -> bool:
    """Return whether the methods of a class are described.

    What a layer, an optimizer or a metric can do is described once, with the class that they all
    come from; its own docstring says what is special.
    """
    if not inspect.isclass(thing):
        return False
    described = collect()[1]
    bases = [base for base in thing.__mro__[1:] if id(base) in described]
    own = {n for n, m in vars(thing).items() if not n.startswith("_") and callable(m)}
    return not bases or len(own.difference(*map(dir, bases))) >= MANY


INTRODUCTION = """\
Names, arguments and defaults are TensorFlow's and Keras'. ``tf`` is ``import minitf as tf``,
``keras`` is ``from minitf import keras``. What belongs together stands on one page: click a name in
a table to get to its family.

.. list-table::
   :header-rows: 1
   :widths: 30 60 10

   * - namespace
     - what it is for
     - names"""


def index_page(names: dict[str, list[str]]) -> str:
    """Return the start of the reference."""
    lines = [*headed("Reference"), INTRODUCTION]
    for space, found in names.items():
        lines += [
            f"   * - :doc:`{shown(space)}`",
            f"     - {title_of(space)}",
            f"     - {len(found)}",
        ]
    pages = [f"   {shown(space)}" for space in names]
    return "\n".join([*lines, "", ".. toctree::", "   :hidden:", "", *pages, ""])


def write_pages(app: Sphinx) -> None:
    """Write the reference, touching only what has changed."""
    names, entries = collect()
    families: dict[str, list[Entry]] = {}
    for entry in entries.values():
        families.setdefault(entry.family, []).append(entry)
    pages = {"index": index_page(names)}
    pages |= {shown(space): namespace_page(space, found, entries) for space, found in names.items()}
    pages |= {place(module): family_page(module, found) for module, found in families.items()}
    folder = Path(app.srcdir, "docs", "api")
    for path in folder.rglob("*.rst"):
        if path.relative_to(folder).with_suffix("").as_posix() not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.rst"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def add_names(app: Sphinx, env: BuildEnvironment) -> None:
    """Let every name of a thing lead to where it is described."""
    domain = env.domains.python_domain
    for entry in collect()[1].values():
        at = domain.objects.get(entry.name)
        for other in entry.others if at else ():
            domain.objects.setdefault(other, at._replace(aliased=True))


def find_short_name(app: Sphinx, env: BuildEnvironment, node: Any, child: Any) -> Any:
    """Find what docstrings call by the names of programs, such as tf.matmul."""
    target = node.get("reftarget", "")
    long = re.sub(r"^keras\.", "minitf.keras.", re.sub(r"^tf\.", "minitf.", target))
    if long == target or node.get("refdomain") != "py":
        return None
    domain = env.domains.python_domain
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", long, node, child)


# A star before a word, as in *args, that no star after it makes emphasis of.
STAR = re.compile(r"(?<![\w*`\\])\*{1,2}(?=\w)(?![^*`\n]*\w\*)")


def escape_stars(app: Sphinx, kind: str, name: str, thing: Any, options: Any,
                 lines: list[str]) -> None:  # fmt: skip
    """Let stars in docstrings be stars, outside of code."""
    for i, line in enumerate(lines):
        parts = line.split("`")
        parts[::2] = [STAR.sub(lambda m: r"\*" * len(m[0]), part) for part in parts[::2]]
        lines[i] = "`".join(parts)


@functools.cache
def template() -> Template:
    """Return numpydoc's template, compiled once; numpydoc does it again for every docstring."""
    folder = Path(docscrape_sphinx.__file__).parent / "templates"
    environment = SandboxedEnvironment(loader=FileSystemLoader(folder))
    return environment.get_template("numpydoc_docstring.rst")


def read_docstring(
    obj: Any, what: Any = None, doc: Any = None, config: Any = None, builder: Any = None
) -> Any:
    """Return what numpydoc makes of a docstring."""
    config = {**(config or {}), "template": template()}
    return docscrape.get_doc_object(
        obj, what, doc, config, class_doc=docscrape_sphinx.SphinxClassDoc,
        func_doc=docscrape_sphinx.SphinxFunctionDoc, obj_doc=docscrape_sphinx.SphinxObjDoc,
    )  # fmt: skip


def setup(app: Sphinx) -> dict[str, bool]:
    """Register all this with Sphinx."""
    numpydoc.setup(app, read_docstring)
    app.connect("builder-inited", write_pages)
    app.connect("env-check-consistency", add_names)
    app.connect("missing-reference", find_short_name)
    app.connect("autodoc-process-docstring", escape_stars, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
