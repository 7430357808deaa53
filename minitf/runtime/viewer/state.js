// What is known of a run after some of its steps have fired, worked out from the plan alone.

// A step is ready when as many steps have finished as it waits for. A value is freed when
// everyone who reads it has fired; what is fetched is kept. The same rules as in
// minitf/runtime/executor.py; a test compares the two.
function stateAfter(run, fired) {
    const waits = run.steps.map((step) => step.waits);
    const uses = run.uses.slice();
    const done = new Set();
    const made = new Set([...run.feeds, ...run.constants]);
    const kept = new Set(run.fetches);
    const freed = new Set();
    let ready = run.steps.flatMap((step, i) => (step.waits === 0 ? [i] : []));
    let woken = ready;
    let lately = [];
    let most = 0;
    const alive = () => [...made].filter((t) => !freed.has(t) && !run.constants.includes(t));
    for (const i of fired) {
        const step = run.steps[i];
        done.add(i);
        step.makes.forEach((t) => made.add(t));
        most = Math.max(most, alive().length);
        for (const t of step.reads) uses[t] -= 1;
        lately = [...new Set([...step.reads, ...step.makes])].filter(
            (t) => uses[t] === 0 && !kept.has(t),
        );
        lately.forEach((t) => freed.add(t));
        woken = step.followers.filter((f) => (waits[f] -= 1) === 0);
        ready = ready.filter((other) => other !== i).concat(woken);
    }
    lately.sort((a, b) => a - b);
    return { waits, done, ready, woken, made, freed, lately, alive: alive(), most };
}
