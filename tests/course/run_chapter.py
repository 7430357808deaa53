"""Run the code of a chapter, cell by cell; with ``--jupyter``, in a kernel.

    python tests/course/run_chapter.py chapters/02_tensorflow/graph.md

Without Jupyter, a line of a traceback is the line of the chapter, and lines for IPython alone
(%matplotlib) are left out.
"""

import builtins
import re
import sys
from pathlib import Path

from minitf.course import myst


def code_of(cell: myst.Cell, text: list[str]) -> str:
    """Return a cell's code, moved down to where it stands in the chapter."""
    first = cell.source.split("\n")[0]
    line = next(i for i in range(cell.line, len(text)) if text[i] == first)
    kept = [re.sub(r"^\s*[%!].*", "", part) for part in cell.source.split("\n")]
    return "\n" * line + "\n".join(kept)


def run(path: Path) -> None:
    """Run the cells of a chapter, in order."""
    text = path.read_text(encoding="utf-8").splitlines()
    names = {"__name__": "__main__", "__file__": str(path)}
    builtins.display = print
    for cell in myst.read(path):
        if cell.kind == "code" and "skip-execution" not in cell.tags:
            code = compile(code_of(cell, text), str(path), "exec")
            must_raise = "raises-exception" in cell.tags
            try:
                exec(code, names)
            except Exception as error:
                if not must_raise:
                    raise
                print(f"{path.name}:{cell.line}: {type(error).__name__}: {error}")
            else:
                if must_raise:
                    sys.exit(f"{path}:{cell.line}: this cell was to raise an exception")


def run_in_jupyter(path: Path) -> None:
    """Run the cells of a chapter as Jupyter would."""
    from nbclient import NotebookClient
    from nbformat import v4

    cells = [c for c in myst.read(path) if c.kind == "code"]
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(c.source, metadata={"tags": list(c.tags)}) for c in cells]
    )
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where).execute()
    for cell in notebook.cells:
        raised = any(out.output_type == "error" for out in cell.get("outputs", []))
        if "raises-exception" in cell.metadata.get("tags", []) and not raised:
            sys.exit(f"{path}: this cell was to raise an exception:\n{cell.source}")


if __name__ == "__main__":
    chapter = Path(sys.argv[1]).resolve()
    sys.path[0] = str(chapter.parent)
    (run_in_jupyter if "--jupyter" in sys.argv else run)(chapter)
