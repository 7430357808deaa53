"""The directive ``{quiz}``: a question whose options unfold, each with its explanation.

The format is read by `minitf.course.quiz`; the numbers come from the last run of the chapter
(`minitf.course.answers`). The page needs no script: an option is a ``<details>`` element.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from minitf.course import answers
from minitf.course.places import CourseError
from minitf.course.quiz import Option, parse


class quiz_option(nodes.General, nodes.Element):
    """An option that unfolds; its first child is what can be seen before."""


class Quiz(SphinxDirective):
    """A question with options."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        chapter = Path(self.env.doc2path(self.env.docname))
        self.env.note_dependency(str(answers.file_beside(chapter)))
        try:
            quiz = parse(self.arguments[0], "\n".join(self.content) + "\n")
            quiz = answers.filled(chapter, quiz)
        except CourseError as error:
            raise self.error(str(error)) from error
        several = sum(o.right for o in quiz.options) > 1
        box = nodes.container(classes=["quiz"], ids=[f"quiz-{quiz.id}"])
        title = "Several are right" if several else "Question"
        box += nodes.paragraph("", title, classes=["quiz-title"])
        box += self.parse_text_to_nodes(quiz.question)
        box += [self.option(o) for o in quiz.options]
        return [box]

    def option(self, option: Option) -> nodes.Node:
        made = quiz_option(right=option.right)
        said, _ = self.parse_inline(option.text)
        made += nodes.inline("", "", *said)
        verdict = "Right." if option.right else "No."
        why, _ = self.parse_inline(option.why)
        made += nodes.paragraph("", "", nodes.strong("", verdict), nodes.Text(" "), *why)
        return made


def visit_option(self: HTML5Translator, node: quiz_option) -> None:
    """Open an option: what is seen first goes into the summary."""
    kind = "right" if node["right"] else "wrong"
    self.body.append(f'<details class="quiz-option {kind}"><summary>')
    node.pop(0).walkabout(self)
    self.body.append("</summary>")


def depart_option(self: HTML5Translator, node: quiz_option) -> None:
    """Close an option."""
    self.body.append("</details>\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive with Sphinx."""
    app.add_directive("quiz", Quiz)
    app.add_node(quiz_option, html=(visit_option, depart_option))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
