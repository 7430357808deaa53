"""The machine that makes a course of texts, code and tests.

It stands on top of the house: it may import everything, and nothing imports it. It has four parts,
which meet only in the names of exercises ("02/ready_queue") and of quizzes ("02-graph-1"):

- *grading*: an exercise is a stub, a grader (ordinary pytest tests) and a solution. `exercise`
  finds them and reads what the stub says of itself, `loading` loads a learner's file, `grading` is
  the pytest plugin, which lets a `worker` process do the work, and `expecting` the comparisons
  whose failures teach. `checking` runs a grader from a notebook.
- *plugging*: what a learner built, switched on in minitf itself.
- *quizzes*: `quiz` reads them, `answers` compares them with what a chapter computes.
- *notebooks*: `myst` reads a chapter, `plain` says it without Sphinx, `notebooks` writes it down.

In a notebook::

    from minitf.course import check, use
    check("03/adam")          # grade what I wrote
    with use("03/adam"):      # train with it
        model.fit(x, y)
"""

from minitf.lazily import offer

__all__, __getattr__, __dir__ = offer(
    __name__,
    {
        "answers": ["answer"],
        "checking": ["check"],
        "places": ["CourseError"],
        "plugging": ["unuse", "use"],
    },
)
