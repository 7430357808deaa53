"""The house plan, held by tests: imports run one way, the front door stays light and documented."""

import ast
import inspect
import os
import re
import subprocess
import sys
import tokenize
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "minitf"

# Imports go leftwards (to an earlier line); rooms on one line never import each other.
HOUSE_PLAN = [
    ["errors", "lazily", "naming"],
    ["blas", "cores", "dtypes", "lambdas", "settings"],
    ["paths"],
    ["graph"],
    ["ops"],
    ["composite"],
    ["autodiff", "autograph", "kernels"],
    ["runtime"],
    ["serialization"],
    ["activations", "constraints", "initializers", "regularizers"],
    ["scoring", "weight"],
    ["layers", "optimizers", "losses", "metrics", "data"],
    ["callbacks"],
    ["models"],
    ["parallel"],
    ["api"],
    ["keras"],
    ["course"],
    ["course"],
    ["__init__"],
]

# The imports inside functions that may run rightwards, each with its reason:
# ("minitf.importing.module", "minitf.imported.module"): "why".
LAZY_IMPORTS: dict[tuple[str, str], str] = {
    ("minitf.models.model", "minitf.models.saving"): (
        "a model saves itself, and what loads files makes models"
    ),
    ("minitf.models.model", "minitf.models.summary"): (
        "a model shows itself, and the table tells functional models from others"
    ),
    ("minitf.models.wiring", "minitf.keras.ops"): (
        "a file made by Keras names functions of keras.ops, which stand on everything else"
    ),
}

# Files that may do what no other may, each with its reason.
MAY_RUN_CODE = {"lambdas.py": "the code of a Lambda, if the program says safe_mode=False"}
PUBLIC_NAMES = {"keras/utils.py": "programs import keras.utils"}


# ---- the imports of a package, read without running it


class Import(NamedTuple):
    """One import statement: who imports whom, and under which circumstances."""

    importer: str
    imported: str
    line: int
    in_function: bool
    for_typing: bool

    def __str__(self):
        return f"{self.importer}:{self.line} imports {self.imported}"


def modules_of(package: Path) -> dict[str, Path]:
    """Return the files of a package by their module names; ``p/__init__.py`` is called ``p``."""
    return {
        ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(
            ".__init__"
        ): path
        for path in sorted(package.rglob("*.py"))
    }


class Imports(ast.NodeVisitor):
    """Collects the imports that one module makes from its own package."""

    def __init__(self, module: str, is_package: bool, modules: dict[str, Path]):
        self.module, self.modules = module, modules
        self.parents = (module if is_package else module.rpartition(".")[0]).split(".")
        self.functions = self.typing = 0
        self.found: list[Import] = []

    def add(self, name: str, line: int) -> None:
        if name in self.modules:
            circumstances = bool(self.functions), bool(self.typing)
            self.found.append(Import(self.module, name, line, *circumstances))

    def visit_Import(self, node):
        for alias in node.names:
            self.add(alias.name, node.lineno)

    def visit_ImportFrom(self, node):
        above = self.parents[: len(self.parents) - node.level + 1] if node.level else []
        origin = ".".join([*above, *([node.module] if node.module else [])])
        for alias in node.names:
            inner = f"{origin}.{alias.name}"
            self.add(inner if inner in self.modules else origin, node.lineno)

    def visit_Call(self, node):
        called = ast.unparse(node.func).rpartition(".")[2]
        if called in ("import_module", "__import__") and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant):
                self.add(str(name.value), node.lineno)
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        self.functions += 1
        self.generic_visit(node)
        self.functions -= 1

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def visit_If(self, node):
        guarded = ast.unparse(node.test).endswith("TYPE_CHECKING")
        self.typing += guarded
        for child in node.body:
            self.visit(child)
        self.typing -= guarded
        for child in node.orelse:
            self.visit(child)


def imports_of(package: Path) -> list[Import]:
    modules = modules_of(package)
    found = []
    for module, path in modules.items():
        visitor = Imports(module, path.name == "__init__.py", modules)
        visitor.visit(ast.parse(path.read_text(encoding="utf-8")))
        found += visitor.found
    return found


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


# ---- the rules, each returning what breaks it


def unplanned_rooms(package: Path, plan) -> list[str]:
    planned = {room for row in plan for room in row}
    return sorted({room_of(module) for module in modules_of(package)} - planned)


def wrong_directions(imports, plan, lazy) -> list[str]:
    rank = {room: i for i, row in enumerate(plan) for room in row}
    return [
        str(i)
        for i in imports
        if room_of(i.importer) != room_of(i.imported)
        and rank[room_of(i.imported)] >= rank[room_of(i.importer)]
        and not (i.in_function and (i.importer, i.imported) in lazy)
    ]


def cycle(imports, lazy) -> list[str]:
    """Return one cycle of modules that import each other, or nothing.

    Imports for type checkers alone never run, so they close no cycle. That a module's package is
    imported before it is left out as well: every package would be a cycle.
    """
    needs: dict[str, set[str]] = {}
    for i in imports:
        if not i.for_typing and not (i.in_function and (i.importer, i.imported) in lazy):
            needs.setdefault(i.importer, set()).add(i.imported)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def stale_exceptions(imports, lazy) -> list[tuple[str, str]]:
    used = {(i.importer, i.imported) for i in imports if i.in_function}
    return sorted(set(lazy) - used)


DANGEROUS_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
ALLOWED = re.compile(r"#\s*allowed:\s*\S+")


def dangers(path: Path) -> list[str]:
    """Return the lines that could run code from outside and give no ``# allowed: reason``."""
    with tokenize.open(path) as stream:
        source = stream.read()
    lines = source.splitlines()
    suspects = [n for n in ast.walk(ast.parse(source)) if is_dangerous(n)]
    return [
        f"{path.name}:{node.lineno}: {lines[node.lineno - 1].strip()}"
        for node in suspects
        if not ALLOWED.search(lines[node.lineno - 1])
    ]


def is_dangerous(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="eval" | "exec")):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id="builtins"), attr="eval" | "exec")):
            return True
        case ast.Import(names=names):
            return any(alias.name.split(".")[0] in DANGEROUS_MODULES for alias in names)
        case ast.ImportFrom(module=str(module)):
            return module.split(".")[0] in DANGEROUS_MODULES
        case ast.keyword(arg="allow_pickle", value=ast.Constant(value=False)):
            return False
        case ast.keyword(arg="allow_pickle"):
            return True
    return False


# ---- minitf keeps them


@pytest.fixture(scope="module")
def imports():
    return imports_of(PACKAGE)


def test_every_file_has_its_place_in_the_plan():
    assert unplanned_rooms(PACKAGE, HOUSE_PLAN) == []


def test_imports_run_leftwards_only(imports):
    found = wrong_directions(imports, HOUSE_PLAN, LAZY_IMPORTS)
    assert not found, "\n".join(found)


def test_no_two_modules_import_each_other(imports):
    found = cycle(imports, LAZY_IMPORTS)
    assert not found, " <- ".join(found)


def test_the_list_of_exceptions_is_up_to_date(imports):
    assert stale_exceptions(imports, LAZY_IMPORTS) == []


def test_there_is_no_drawer_for_everything():
    drawers = [p for p in PACKAGE.rglob("*.py") if p.stem in ("utils", "util", "helpers", "misc")]
    assert {p.relative_to(PACKAGE).as_posix() for p in drawers} == set(PUBLIC_NAMES)


def test_nothing_runs_code_from_outside():
    files = [
        p for p in PACKAGE.rglob("*.py") if p.relative_to(PACKAGE).as_posix() not in MAY_RUN_CODE
    ]
    assert [line for path in files for line in dangers(path)] == []
    assert all(dangers(PACKAGE / name) for name in MAY_RUN_CODE)  # or the exception is stale


def test_the_type_hints_are_announced():
    assert (PACKAGE / "py.typed").exists()


# ---- and the rules would notice


PLAN = [["low"], ["left", "right"], ["high"], ["__init__"]]


@pytest.fixture
def house(tmp_path):
    """Return a function that builds a small package and reads its imports."""

    def build(**files):
        for name, text in {"__init__": "", **files}.items():
            path = tmp_path / "tiny" / f"{name.replace('__in__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return imports_of(tmp_path / "tiny")

    return build


def test_leftward_imports_are_fine(house):
    imports = house(
        low="import numpy", left="from tiny.low import x", high="from . import left, low"
    )
    assert [(i.importer, i.imported) for i in imports] == [
        ("tiny.high", "tiny.left"),
        ("tiny.high", "tiny.low"),
        ("tiny.left", "tiny.low"),
    ]
    assert wrong_directions(imports, PLAN, {}) == []
    assert cycle(imports, {}) == []


@pytest.mark.parametrize(
    "text",
    [
        "import tiny.high",
        "from tiny import high",
        "from tiny.high import x",
        "from .high import x",
        "from . import high",
        "def f():\n    from tiny.high import x",
        "class C:\n    def f(self):\n        import tiny.high",
        "if TYPE_CHECKING:\n    import tiny.high",
        "try:\n    import tiny.high\nexcept ImportError:\n    pass",
        "import importlib\nimportlib.import_module('tiny.high')",
    ],
)
def test_a_rightward_import_is_noticed(text, house):
    imports = house(low=text, high="")
    found = wrong_directions(imports, PLAN, {})
    assert len(found) == 1
    assert re.fullmatch(r"tiny.low:\d imports tiny.high", found[0])


def test_an_import_between_siblings_is_noticed(house):
    assert wrong_directions(house(left="import tiny.right", right=""), PLAN, {})


def test_an_import_of_the_front_door_is_noticed(house):
    assert wrong_directions(house(low="import tiny"), PLAN, {}) == ["tiny.low:1 imports tiny"]


def test_a_listed_exception_must_be_inside_a_function(house):
    lazy = {("tiny.low", "tiny.high"): "because"}
    inside = house(low="def f():\n    import tiny.high", high="")
    assert wrong_directions(inside, PLAN, lazy) == []
    assert stale_exceptions(inside, lazy) == []
    at_the_top = house(low="import tiny.high", high="")
    assert wrong_directions(at_the_top, PLAN, lazy)
    assert stale_exceptions(at_the_top, lazy) == [("tiny.low", "tiny.high")]


def test_a_cycle_inside_a_room_is_noticed(house):
    imports = house(
        low__in____init__="", low__in__a="from tiny.low.b import x", low__in__b="from . import a"
    )
    assert set(cycle(imports, {})) == {"tiny.low.a", "tiny.low.b"}


def test_a_cycle_through_a_function_is_noticed_and_one_for_typing_is_none(house):
    assert cycle(house(low="import tiny.left", left="def f():\n    import tiny.low"), {})
    assert not cycle(
        house(low="import tiny.left", left="if TYPE_CHECKING:\n    import tiny.low"), {}
    )


def test_a_room_outside_the_plan_is_noticed(house, tmp_path):
    house(cellar="")
    assert unplanned_rooms(tmp_path / "tiny", PLAN) == ["cellar"]


@pytest.mark.parametrize(
    ("line", "is_danger"),
    [
        ("eval('1')", True),
        ("builtins.exec(code)", True),
        ("import os, pickle", True),
        ("from pickle import loads", True),
        ("np.load(path, allow_pickle=True)", True),
        ("np.load(path, allow_pickle=False)", False),
        ("model.eval()", False),
        ("'eval(x) is mentioned'", False),
        ("exec(code)  # allowed: the code was written two lines above", False),
        ("exec(code)  # allowed:", True),
    ],
)
def test_what_counts_as_a_danger(line, is_danger, tmp_path):
    path = tmp_path / "m.py"
    path.write_text(line + "\n")
    assert bool(dangers(path)) is is_danger


# ---- the front door


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a program in a fresh process and returns what it prints."""

    def run(program):
        path = tmp_path / "program.py"
        path.write_text(program, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, path],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_importing_minitf_loads_numpy_alone(run):
    heavy = {"numba", "matplotlib", "h5py", "sklearn", "scipy", "threadpoolctl", "llvmlite"}
    loaded = run("import minitf, sys; print(*sys.modules)").split()
    assert heavy.isdisjoint(loaded)


WITHOUT_NUMBA = """
import sys

class NoNumba:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("numba", "llvmlite", "numba_cuda"):
            raise ImportError(f"{name} is not installed")

sys.meta_path.insert(0, NoNumba())
"""


def readme_block(language: str) -> str:
    """Return the first listing in README that is marked with this language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)[1]


@pytest.mark.parametrize("before", ["", WITHOUT_NUMBA], ids=["as installed", "without numba"])
def test_the_example_of_the_readme_prints_what_the_readme_says(before, run):
    assert run(before + readme_block("python")) == readme_block("text")


LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
ROOMS = ("minitf/", "chapters/", "docs/", "tests/", "benchmarks/")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_a_page_cites_only_what_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    code = re.findall(r"`([^`\n]+)`", text)
    paths = LINK.findall(text) + [c for c in code if c.startswith(ROOMS) and " " not in c]
    assert [p for p in paths if not (ROOT / p).exists()] == []
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"make ([a-z]+)\b(?=[ `#])", text)) <= set(targets)


def is_documented(thing) -> bool:
    if callable(thing) or isinstance(thing, ModuleType):
        return bool((thing.__doc__ or "").strip())
    return bool(inspect.getdoc(type(thing)))  # a constant, such as float32 or newaxis


def test_every_public_name_is_there_and_documented():
    import minitf

    assert minitf.__all__, "the front door shows no names"
    assert [n for n in minitf.__all__ if not hasattr(minitf, n)] == []
    assert [n for n in minitf.__all__ if not is_documented(getattr(minitf, n))] == []
    assert len(set(minitf.__all__)) == len(minitf.__all__)
