"""One measurement in one process: ``python worker.py FRAMEWORK WORKLOAD [--form F]``.

Prints one line of JSON with the figures, by group and name, the versions, the losses of the first
training steps, and the time of every block. The framework is imported before anything else, so
that the import time is that of a program that begins with ``import tensorflow as tf``.
"""

import importlib
import sys
import time

MODULES = {"minitf": "minitf", "numpy": "numpy", "tensorflow": "tensorflow", "pytorch": "torch"}


def timed_import(framework):
    """Return the framework's module, and the seconds its import took."""
    start = time.perf_counter()
    module = importlib.import_module(MODULES[framework])
    return module, time.perf_counter() - start


def first_losses(step, batches, count):
    """Losses of the first steps, and the seconds since the start after each of them."""
    losses, clock, start = [], [], time.perf_counter()
    for i in range(count):
        losses.append(float(step(*batches[i % len(batches)])))
        clock.append(time.perf_counter() - start)
    return losses, clock


def prepare(framework, module, workload, form):
    """Return the step and batches of a workload in this framework."""
    from recipes import recipe

    if framework == "pytorch":
        import steps_torch

        return steps_torch.prepare(workload, recipe(workload), form)
    import steps_tf

    return steps_tf.prepare(module, workload, recipe(workload), form)


def train(framework, module, arguments, budget):
    """Figures and losses of a training workload; with --cold only of its first steps."""
    from recipes import EARLY_STEPS, SANITY_STEPS
    from timing import median, peak_mib, stepping, time_blocks

    step, batches = prepare(framework, module, arguments.workload, arguments.form)
    losses, clock = first_losses(step, batches, EARLY_STEPS[arguments.workload])
    losses, first, early = losses[:SANITY_STEPS], clock[0], clock[-1]
    if arguments.cold:
        return {"figures": {"cold": {arguments.workload: early}}, "losses": losses}
    blocks = time_blocks(stepping(step, batches), budget)
    groups = {"step": median(blocks, 1e3), "first": first, "early": early, "memory": peak_mib()}
    if framework != "minitf":  # the others keep nothing between processes: always cold
        groups["cold"] = early
    figures = {group: {arguments.workload: value} for group, value in groups.items()}
    return {"figures": figures, "losses": losses, "blocks": blocks}


def course_eager(arguments, budget):
    """Figures of a course model in PyTorch, which has no `fit`."""
    from course import COURSE, generating
    from course_torch import prepare
    from recipes import SANITY_STEPS
    from timing import median, peak_mib, stepping, time_blocks

    name = arguments.workload
    model, step, batch = prepare(name)
    losses, clock = first_losses(step, [batch], 1 + SANITY_STEPS)
    blocks = time_blocks(stepping(step, [batch]), budget)
    groups = {"course": median(blocks, 1e3), "course_first": clock[0]}
    groups["course_memory"] = peak_mib()
    if name == "course-gpt":
        groups["token"] = median(time_blocks(generating(model), budget), 1e3 / 100)
    figures = {group: {name: value} for group, value in groups.items()}
    kept = losses[1:] if COURSE[name].deterministic else []  # the first step is that of `fit`
    return {"figures": figures, "losses": kept, "blocks": blocks}


def outside_of(inside, fit, count):
    """Return the seconds that an epoch of so many steps takes besides them."""
    from timing import seconds_of

    return inside.outside(lambda: seconds_of(fit, count))


def course(framework, module, arguments, budget):
    """Figures of a course model: its step as a traced function, and in `fit`."""
    from course import COURSE, Inside, fitting, generating, prepare, traced_step
    from recipes import SANITY_STEPS
    from timing import median, peak_mib, stepping, time_blocks

    name = arguments.workload
    model, data, batch = prepare(framework, module, name)
    step, fit = traced_step(module, model), fitting(model, data)
    start = time.perf_counter()
    fit(1)
    first = time.perf_counter() - start
    losses, _ = first_losses(step, [(batch,)], SANITY_STEPS)
    blocks = time_blocks(stepping(step, [(batch,)]), budget)
    fits = time_blocks(fit, budget)
    groups = {"course": median(blocks, 1e3), "fit": median(fits, 1e3), "course_first": first}
    groups["course_memory"] = peak_mib()
    inside = Inside()
    inside.watch(framework, model)
    epoch = max(25, round(1e3 / groups["fit"]))  # of a second, where steps are short
    few = epoch // 5  # steps of a shorter epoch: what each epoch costs is not to be counted
    costs = [outside_of(inside, fit, epoch) - outside_of(inside, fit, few) for _ in range(5)]
    groups["fit_cost"] = median(costs, 1e6 / (epoch - few))
    if name == "course-gpt":
        groups["token"] = median(time_blocks(generating(model), budget), 1e3 / 100)
    figures = {group: {name: value} for group, value in groups.items()}
    kept = losses if COURSE[name].deterministic else []
    return {"figures": figures, "losses": kept, "blocks": blocks}


def overheads(framework, module, workload, budget):
    """Figures of the eager, graph and overlap workloads."""
    import overhead
    import overlap

    if workload == "overlap":
        return {"figures": overlap.measure(module, budget)}
    if workload == "graph":
        return {"figures": overhead.graph_tf(module, budget)}
    eager = overhead.eager_torch if framework == "pytorch" else overhead.eager_tf
    return {"figures": eager(module, budget)}


def measure(framework, module, arguments):
    """Figures of whatever workload was asked for, beyond the import."""
    from targets import COURSE_NAMES
    from timing import FULL, QUICK

    budget = QUICK if arguments.quick else FULL
    if arguments.framework == "minitf" and not arguments.cold:
        # Steps are timed when they are as fast as they get, however short the warm-up.
        importlib.import_module("minitf.runtime.compile").ALL_AT_ONCE = True
    if arguments.workload == "import":
        return {"figures": {}}
    if arguments.workload in ("eager", "graph", "overlap"):
        return overheads(framework, module, arguments.workload, budget)
    if arguments.workload in COURSE_NAMES and arguments.framework == "pytorch":
        return course_eager(arguments, budget)
    if arguments.workload in COURSE_NAMES:
        return course(framework, module, arguments, budget)
    return train(framework, module, arguments, budget)


def parse(argv):
    """Read the command line."""
    import argparse

    from targets import COURSE_NAMES, TRAINING

    others = ("import", "eager", "graph", "overlap")
    parser = argparse.ArgumentParser(description="One measurement in one process.")
    parser.add_argument("framework", choices=MODULES)
    parser.add_argument("workload", choices=(*TRAINING, *COURSE_NAMES, *others))
    parser.add_argument("--form", default="optimizer")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--cold", action="store_true", help="the first training steps only")
    return parser.parse_args(argv)


def main():
    """Import, measure, print one line."""
    if len(sys.argv) < 2 or sys.argv[1] not in MODULES:
        parse(sys.argv[1:])
    module, import_seconds = timed_import(sys.argv[1])
    arguments = parse(sys.argv[1:])

    import json

    from machine import versions

    result = measure(arguments.framework, module, arguments)
    if arguments.workload == "import":
        result["figures"]["import"] = {"import": import_seconds}
    result["versions"] = versions(module)
    print(json.dumps({**vars(arguments), "import_seconds": import_seconds, **result}))


if __name__ == "__main__":
    main()
