"""Quizzes: those of the chapters, and what the reader of them refuses."""

import json
from pathlib import Path

import pytest

from minitf.course import CourseError, answer, answers
from minitf.course.quiz import FENCE, parse, quizzes

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "chapters").glob("*/*.md"))

BODY = """\
How many edges has
this graph?
- [ ] 3 :: That is the number
  of operations.
- [x] {{edges}} :: One for each use: {{edges}}.
- [x] as many as uses :: The same.
"""
FENCED = f"Text.\n\n```{{quiz}} 02-graph-1\n{BODY}```\n\nMore.\n"


def test_a_quiz_is_read():
    (quiz,) = quizzes(FENCED)
    assert (quiz.id, quiz.question) == ("02-graph-1", "How many edges has\nthis graph?")
    assert [o.right for o in quiz.options] == [False, True, True]
    assert quiz.options[0].why == "That is the number of operations."
    assert quiz.names == {"edges"}


def test_values_are_filled_in():
    (quiz,) = quizzes(FENCED)
    assert quiz.filled({"edges": 5}).options[1].why == "One for each use: 5."
    with pytest.raises(CourseError, match="no value for edges"):
        quiz.filled({})


@pytest.mark.parametrize(
    ("name", "body", "complaint"),
    [
        ("graph", BODY, "like 02-graph-1"),
        ("02-graph-1", "- [x] 1 :: a\n- [ ] 2 :: b\n", "no question"),
        ("02-graph-1", "How many?\n- [x] 1 :: a\n", "two options or more"),
        ("02-graph-1", "How many?\n- [ ] 1 :: a\n- [ ] 2 :: b\n", "no option is right"),
        ("02-graph-1", "How many?\n- [x] 1 :: a\n- [ ] 2\n", "'2' is not explained"),
        ("02-graph-1", "How many?\n- [x] 1 ::\n- [ ] 2 :: b\n", "'1 ::' is not explained"),
    ],
)
def test_a_quiz_that_would_not_teach_is_refused(name, body, complaint):
    with pytest.raises(CourseError, match=complaint):
        parse(name, body)


# -- computed answers --------------------------------------------------------------------------


@pytest.fixture
def chapter(course, monkeypatch):
    monkeypatch.setenv("MINITF_COURSE", str(course.folder))
    return course.write("chapters/02_graphs/graph.md", FENCED)


def test_the_first_run_keeps_the_value_and_later_ones_must_agree(chapter):
    answer("02-graph-1", edges=5)
    kept = json.loads(answers.file_beside(chapter).read_text(encoding="utf-8"))
    assert kept == {"02-graph-1": {"edges": 5}}
    answer("02-graph-1", edges=5.0)  # it is written in the same way
    with pytest.raises(CourseError, match="this run gives {'edges': 6}, .* says {'edges': 5}"):
        answer("02-graph-1", edges=6)


def test_a_right_answer_that_reads_like_a_wrong_one_is_refused(chapter):
    with pytest.raises(CourseError, match="two options read '3'"):
        answer("02-graph-1", edges=3)


def test_names_must_agree(chapter):
    with pytest.raises(CourseError, match="nothing in it is called nodes"):
        answer("02-graph-1", edges=5, nodes=3)
    with pytest.raises(CourseError, match="no value for edges"):
        answer("02-graph-1")
    with pytest.raises(CourseError, match="no chapter holds a quiz '02-graph-2'"):
        answer("02-graph-2", edges=3)


# -- the chapters' own -------------------------------------------------------------------------


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_quiz_teaches(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("{quiz}") == len(FENCE.findall(text)), "a quiz is not closed"
    for quiz in quizzes(text):
        assert quiz.id.startswith(path.parent.name[:2] + "-")
        assert any(o.right for o in quiz.options)
        assert all(o.why for o in quiz.options)
        computed = answers.kept(path).get(quiz.id, {})
        assert set(computed) == quiz.names, (
            f"{quiz.id}: run the chapter once, and keep answers.json"
        )
        assert len({o.text for o in quiz.filled(computed).options}) == len(quiz.options)


def test_no_two_quizzes_have_one_name():
    names = [q.id for path in CHAPTERS for q in quizzes(path.read_text(encoding="utf-8"))]
    assert sorted(set(names)) == sorted(names)


def test_no_value_is_kept_for_a_quiz_that_is_gone():
    for unit in {path.parent for path in CHAPTERS}:
        held = {q.id for p in unit.glob("*.md") for q in quizzes(p.read_text(encoding="utf-8"))}
        assert set(answers.kept(unit / "index.md")) <= held
