"""Notebooks: what becomes of a chapter, and that the copies are those of today."""

import json
from pathlib import Path

import pytest

from minitf.course import CourseError, myst, notebooks
from minitf.course.included import included
from minitf.course.plain import plain

ROOT = Path(__file__).resolve().parents[2]

CHAPTER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

(target)=
# A title

% a comment
Text with {term}`Tensor`, {math}`x^2` and {py:func}`tf.add <minitf.add>`.

```{code-cell} ipython3
:tags: [hide-input, raises-exception]

x = 1
```

+++

````{note}
A note with a listing:
```python
y = 2
```
````

```{code-cell} ipython3
---
mystnb:
  image:
    alt: A figure.
tags: [remove-cell]
---
assert x == 1


print(x)
```
"""


def source(cell):
    return "".join(cell["source"])


@pytest.fixture
def chapter(course):
    return course.write("chapters/01_basics/first.md", CHAPTER)


def test_a_chapter_is_cut_into_its_cells():
    cells = myst.cells(CHAPTER)
    assert [c.kind for c in cells] == ["markdown", "code", "markdown", "code"]
    assert cells[1].source == "x = 1"
    assert cells[1].tags == ("hide-input", "raises-exception")
    assert CHAPTER.splitlines()[cells[1].line - 1] == "```{code-cell} ipython3"
    assert cells[3].source == "assert x == 1\n\n\nprint(x)"
    assert cells[3].tags == ("remove-cell",)


def test_a_notebook_says_the_same_without_sphinx(chapter):
    made = json.loads(notebooks.notebook(chapter))
    install, first, code, note, last = made["cells"]
    assert "%pip install" in source(install)
    assert source(first) == "# A title\n\nText with *Tensor*, $x^2$ and `tf.add`."
    assert source(note) == ("> **Note**\n> \n> A note with a listing:\n> ```python\n> y = 2\n> ```")
    assert (code["outputs"], code["execution_count"]) == ([], None)
    assert code["metadata"]["jupyter"] == {"source_hidden": True}
    assert last["metadata"]["tags"] == ["remove-cell"]
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)


def test_a_notebook_is_always_the_same(chapter):
    assert notebooks.notebook(chapter) == notebooks.notebook(chapter)
    ids = [c["id"] for c in json.loads(notebooks.notebook(chapter))["cells"]]
    assert len(set(ids)) == len(ids)
    before = set(ids)
    chapter.write_text(CHAPTER.replace("x = 1", "x = 3"), encoding="utf-8")
    after = {c["id"] for c in json.loads(notebooks.notebook(chapter))["cells"]}
    assert len(after - before) == 1, "an edit changes the name of its own cell alone"


def test_a_copy_goes_stale_and_is_written_again(course, chapter):
    root = course.folder
    copy = root / "notebooks" / "01_basics" / "first.ipynb"
    assert notebooks.stale(root) == [copy]
    notebooks.write(root)
    assert notebooks.stale(root) == []
    chapter.write_text(CHAPTER.replace("x = 1", "x = 3"), encoding="utf-8")
    assert notebooks.stale(root) == [copy]
    chapter.unlink()
    assert notebooks.stale(root) == [copy]
    notebooks.write(root)
    assert not copy.exists()


PAGE = Path("/course/chapters/02_tensorflow/page.md")


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("plain `{code}` stays", "plain `{code}` stays"),
        ("[a](executor.md#queue)", "[a](executor.ipynb)"),
        ("[a](../01_x/one.md)", "[a](../01_x/one.ipynb)"),
        ("[a](https://x.org/a.md)", "[a](https://x.org/a.md)"),
        ("[a](#here)", "[a](#here)"),
        ("![a](figure.png)", "![a](../../chapters/02_tensorflow/figure.png)"),
        ("[a](../../README.md)", "[a](../../README.md)"),
        ("```python\n{term}`x`\n```", "```python\n{term}`x`\n```"),
        ("```{math}\na = b\n```", "$$\na = b\n$$"),
        ("$$a$$", "$$a$$"),
        ("```{admonition} Predict\nWhat?\n```", "> **Predict**\n> \n> What?"),
        (":::{tip}\nDo.\n:::", "> **Tip**\n> \n> Do."),
        (
            "````{tab-set}\n```{tab-item} One\nA\n```\n```{tab-item} Two\nB\n```\n````",
            "**One**\n\nA\n\n**Two**\n\nB",
        ),
        ("```{figure} a.png\n:alt: An A.\n\nThe *A*.\n```",
         "![An A.](../../chapters/02_tensorflow/a.png)\n\n*The *A*.*"),
        ("```{dropdown} More\nText\n```",
         "<details><summary>More</summary>\n\nText\n\n</details>"),
        ("```{code-block} python\n:caption: In words\nx = 1\n```",
         "*In words*\n\n```python\nx = 1\n```"),
        ("- a\n\n  ```{note}\n  b\n  ```", "- a\n\n  > **Note**\n  > \n  > b"),
        ("```{toctree}\na\n```", ""),
    ],
)  # fmt: skip
def test_what_directives_become(said, becomes):
    assert plain(said, PAGE) == becomes


def test_an_unknown_directive_is_an_error_that_names_it(course, chapter):
    chapter.write_text(CHAPTER + "\n```{hologram}\n```\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"first.md.* do not know the directive {hologram}"):
        notebooks.notebook(chapter)


def test_a_quiz_is_a_list_with_folded_answers(course):
    text = "```{quiz} 01-first-1\nOne?\n- [x] {{n}} :: Yes.\n- [ ] 2 :: No.\n```\n"
    page = course.write("chapters/01_basics/first.md", text)
    course.write("chapters/01_basics/answers.json", '{"01-first-1": {"n": 1}}')
    said = plain(text, page)
    assert said.startswith("**One?**\n\n- 1\n- 2\n\n<details>")
    assert "- **Right:** 1. Yes.\n- **Wrong:** 2. No." in said


CODE = '''\
"""Top."""
import numpy


@decorated
def outer(x):
    return x


class Thing:
    def method(self):
        # inside
        return 1

    def other(self):
        return 2
'''


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"pyobject": "outer"}, "@decorated\ndef outer(x):\n    return x"),
        ({"pyobject": "Thing.method"}, "def method(self):\n    # inside\n    return 1"),
        ({"start-at": "import", "end-before": "@dec"}, "import numpy"),
        ({"start-after": '"Top."', "end-at": "import"}, "import numpy"),
        ({"pyobject": "Thing", "lines": "1,6-"},
         "class Thing:\n    def other(self):\n        return 2"),
        ({"lines": "2"}, "import numpy"),
    ],
)  # fmt: skip
def test_a_listing_is_what_the_package_says(options, code, tmp_path):
    path = tmp_path / "code.py"
    path.write_text(CODE, encoding="utf-8")
    assert included(path, options) == code


@pytest.mark.parametrize(
    "options", [{"pyobject": "gone"}, {"pyobject": "Thing.gone"}, {"start-at": "gone"}]
)
def test_a_listing_that_is_gone_is_an_error(options, tmp_path):
    path = tmp_path / "code.py"
    path.write_text(CODE, encoding="utf-8")
    with pytest.raises(CourseError, match="gone"):
        included(path, options)
    with pytest.raises(CourseError, match=r"nothing\.py, which does not exist"):
        included(tmp_path / "nothing.py", {})


# -- the chapters' own -------------------------------------------------------------------------


def test_no_notebook_is_stale():
    stale = [p.relative_to(ROOT).as_posix() for p in notebooks.stale(ROOT)]
    assert not stale, "python -m minitf.course notebooks"


def test_jupytext_cuts_the_chapters_in_the_same_way():
    jupytext = pytest.importorskip("jupytext", reason="jupytext is in the extra [notebook]")
    for chapter in notebooks.chapters(ROOT):
        theirs = [c for c in jupytext.read(chapter).cells if c.source.strip()]
        ours = myst.read(chapter)
        assert [c.kind for c in ours] == [c.cell_type for c in theirs], chapter
        assert [c.source for c in ours if c.kind == "code"] == [
            c.source for c in theirs if c.cell_type == "code"
        ]


def test_jupyter_finds_the_notebooks_valid():
    nbformat = pytest.importorskip("nbformat", reason="nbformat comes with the extra [notebook]")
    for chapter in notebooks.chapters(ROOT):
        nbformat.validate(nbformat.reads(notebooks.notebook(chapter), as_version=4))
