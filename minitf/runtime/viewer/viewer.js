// The graph viewer: shows what minitf.runtime.viewer has written as JSON, and lets it run by hand.
// No libraries. Python puts state.js and drawing.js before this file, and all three into one
// function, so that nothing is left in the page but what stands in the element .minitf-viewer.

const PACE = 900; // milliseconds from one operation to the next, when it plays
const LANES = { forward: "forward", gradient: "gradients", update: "updates" };

class Viewer {
    constructor(root) {
        this.root = root;
        this.data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
        this.run = this.data.run || null;
        this.stepOf = new Map((this.run ? this.run.steps : []).map((step, i) => [step.node, i]));
        this.fired = [];
        this.playing = null;
        this.chosen = null;
        this.build();
        this.select(null);
        this.update("");
        this.fit();
        new ResizeObserver(() => this.fits && this.fit()).observe(this.scroll);
    }

    // -- building

    build() {
        const name = this.data.name || "graph";
        const text = this.root.querySelector(".mv-text");
        const parts = [...this.root.children].filter(
            (c) => c.tagName === "STYLE" || c.tagName === "SCRIPT",
        );
        this.status = element("p", { class: "mv-status", "aria-live": "polite" });
        this.details = element("div", { class: "mv-details" });
        this.machine = element("div", { class: "mv-machine" });
        this.scroll = element("div", {
            class: "mv-scroll",
            tabindex: "0",
            role: "group",
            "aria-label": `Drawing of the graph ${name}`,
        });
        this.drawing = new Drawing(this.data, this);
        this.svg = this.drawing.svg;
        this.svg.addEventListener("keydown", (event) => this.key(event));
        this.scroll.append(this.svg);
        this.dragging();
        const words = element(
            "details",
            { class: "mv-words" },
            element("summary", {}, "The same as text"),
            text,
        );
        const side = element("div", { class: "mv-side" }, this.machine, this.details);
        this.root.replaceChildren(
            ...parts,
            this.toolbar(),
            this.status,
            element("div", { class: "mv-body" }, this.scroll, side),
            this.legend(),
            words,
        );
    }

    toolbar() {
        const bar = element("div", {
            class: "mv-bar",
            role: "toolbar",
            "aria-label": "Graph viewer",
        });
        if (this.run) {
            this.play = button(
                "Play",
                "Fire one operation after the other",
                () => this.toggle(),
                "play",
            );
            bar.append(
                button("Reset", "Back to the state before the run", () => this.reset(), "reset"),
                button("Back", "Take the last step back", () => this.back(), "back"),
                button(
                    "Step",
                    "Fire the operation at the front of the ready queue",
                    () => this.step(),
                    "step",
                ),
                this.play,
            );
        }
        bar.append(
            element("span", { class: "mv-space" }),
            button("\u2212", "Smaller", () => this.zoom(this.factor / 1.25), "smaller"),
            button("+", "Larger", () => this.zoom(this.factor * 1.25), "larger"),
            button("Fit", "Show the whole width", () => this.fit(), "fit"),
        );
        return bar;
    }

    legend() {
        const list = element("ul", { class: "mv-legend" });
        const item = (kind, words) =>
            list.append(element("li", {}, element("i", { class: `mv-key ${kind}` }), words));
        const lanes = new Set(this.data.nodes.map((n) => n.lane));
        for (const [lane, words] of Object.entries(LANES))
            if (lanes.has(lane)) item(`mv-${lane}`, words);
        if (this.data.arrows.some((a) => !a.tensors.length))
            item("mv-waiting", "waits for, without a value");
        const devices = this.drawing.devices();
        if (devices.length > 1) devices.forEach((name, i) => item(`mv-device-${i % 6}`, name));
        if (this.run) {
            item("mv-missing", "how many it waits for");
            item("mv-isready", "ready to fire");
            item("mv-token", "a value on its way");
        }
        return list;
    }

    // -- moving about

    zoom(factor) {
        this.fits = false;
        this.factor = this.drawing.zoom(factor);
    }

    fit() {
        const room = this.scroll.clientWidth || this.drawing.width;
        this.zoom(Math.max(0.5, Math.min(1, room / this.drawing.width)));
        this.fits = true;
    }

    dragging() {
        let from = null;
        this.scroll.addEventListener("pointerdown", (event) => {
            if (event.pointerType !== "mouse" || event.button !== 0) return; // fingers scroll by themselves
            from = {
                x: event.clientX + this.scroll.scrollLeft,
                y: event.clientY + this.scroll.scrollTop,
            };
        });
        this.scroll.addEventListener("pointermove", (event) => {
            if (!from) return;
            this.scroll.scrollLeft = from.x - event.clientX;
            this.scroll.scrollTop = from.y - event.clientY;
        });
        for (const end of ["pointerup", "pointerleave"])
            this.scroll.addEventListener(end, () => {
                from = null;
            });
        this.scroll.addEventListener(
            "wheel",
            (event) => {
                if (!event.ctrlKey && !event.metaKey) return; // the plain wheel scrolls the page
                event.preventDefault();
                this.zoom(this.factor * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
            },
            { passive: false },
        );
    }

    key(event) {
        const order = [...this.drawing.boxes.keys()];
        const here = order.indexOf(Number(event.target.closest("[data-node]")?.dataset.node));
        const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
        if (event.key in moves) {
            const next = this.drawing.boxes.get(
                order[Math.max(0, Math.min(order.length - 1, here + moves[event.key]))],
            );
            next.group.focus();
        } else if (event.key === "Enter" || event.key === " ") {
            this.click(order[here]);
        } else {
            return;
        }
        event.preventDefault();
    }

    // -- running

    click(i) {
        this.select(i);
        const step = this.stepOf.get(i);
        if (step !== undefined && stateAfter(this.run, this.fired).ready.includes(step)) {
            this.pause();
            this.fire(step);
        }
    }

    fire(step) {
        this.fired.push(step);
        const { woken, lately } = stateAfter(this.run, this.fired);
        const names = (steps) =>
            steps.map((s) => this.data.nodes[this.run.steps[s].node].name).join(", ");
        const values = lately.map((t) => this.data.tensors[t].name).join(", ");
        const parts = [`${names([step])} fired.`];
        if (woken.length) parts.push(`Now ready: ${names(woken)}.`);
        if (values) parts.push(`Freed: ${values}.`);
        if (this.fired.length === this.run.steps.length) parts.push("The run is over.");
        this.update(parts.join(" "));
        this.show(this.run.steps[step].node);
    }

    step() {
        this.pause();
        this.fireNext();
    }

    fireNext() {
        const { ready } = stateAfter(this.run, this.fired);
        if (ready.length) this.fire(ready[0]);
        else this.pause();
    }

    back() {
        this.pause();
        this.fired.pop();
        this.update("One step back.");
    }

    reset() {
        this.pause();
        this.fired = [];
        this.update("");
    }

    toggle() {
        if (this.playing) {
            this.pause();
            return;
        }
        if (this.fired.length === this.run.steps.length) this.fired = [];
        this.playing = window.setInterval(() => this.fireNext(), PACE);
        this.play.textContent = "Pause";
        this.fireNext();
    }

    pause() {
        window.clearInterval(this.playing);
        this.playing = null;
        if (this.play) this.play.textContent = "Play";
    }

    // -- showing

    update(news) {
        if (!this.run) {
            this.status.textContent = "Point at an operation, or move with the arrow keys.";
            return;
        }
        const total = this.run.steps.length;
        const state = stateAfter(this.run, this.fired);
        const hint = "Press Step, or click an operation that is ready.";
        this.status.textContent = `Step ${this.fired.length} of ${total}. ${news || hint}`;
        this.drawing.boxes.forEach(({ group, waits }, i) => this.mark(group, waits, i, state));
        this.drawing.arrows.forEach((one) => this.flow(one, state));
        this.machine.replaceChildren(...this.queue(state), ...this.memory(state));
        for (const [name, off] of [
            ["back", !this.fired.length],
            ["reset", !this.fired.length],
            ["step", !state.ready.length],
        ]) {
            this.root.querySelector(`[data-do=${name}]`).disabled = off;
        }
    }

    mark(group, waits, i, state) {
        const step = this.stepOf.get(i);
        const node = this.data.nodes[i];
        let word = "a value from outside";
        group.classList.remove("mv-ready", "mv-done", "mv-idle");
        if (step !== undefined) {
            const count = state.waits[step];
            word = state.done.has(step)
                ? "done"
                : state.ready.includes(step)
                  ? "ready"
                  : `waits for ${count}`;
            group.classList.add(
                state.done.has(step)
                    ? "mv-done"
                    : state.ready.includes(step)
                      ? "mv-ready"
                      : "mv-idle",
            );
            waits.querySelector("text").textContent = count;
        }
        const shapes = node.outputs.map(
            (t) => `${this.data.tensors[t].dtype} ${this.data.tensors[t].shape_text}`,
        );
        group.setAttribute("aria-label", [node.title, ...shapes, word].join(", "));
    }

    flow({ arrow, group, token }, state) {
        const from = this.stepOf.get(arrow.from);
        const to = this.stepOf.get(arrow.to);
        const made = from === undefined || state.done.has(from);
        const used = to !== undefined && state.done.has(to);
        group.classList.toggle("mv-empty", !made);
        group.classList.toggle("mv-used", made && used);
        token.classList.toggle("mv-there", made && !used && arrow.tensors.length > 0);
    }

    queue(state) {
        const nodes = state.ready.map((s) => this.run.steps[s].node);
        const list = element("ol", { class: "mv-chips mv-queue" });
        nodes.forEach((i, place) => {
            const chip = button(this.data.nodes[i].title, "Fire it", () => this.click(i));
            list.append(element("li", {}, chip));
            chip.classList.add("mv-chip", `mv-${this.data.nodes[i].lane || "forward"}`);
            if (place === 0) chip.classList.add("mv-first");
        });
        return [
            element("p", { class: "mv-head" }, "Ready queue"),
            nodes.length ? list : element("p", { class: "mv-none" }, "empty"),
        ];
    }

    memory(state) {
        const size = (t) => (this.run.values[t] || this.data.tensors[t]).bytes;
        const sizes = state.alive.map(size);
        const known = sizes.every((n) => n !== null)
            ? `, ${bytes(sizes.reduce((a, b) => a + b, 0))}`
            : "";
        const list = element("ul", { class: "mv-chips mv-values" });
        state.alive.forEach((t) => list.append(element("li", {}, this.data.tensors[t].name)));
        state.lately.forEach((t) =>
            list.append(element("li", { class: "mv-freed" }, this.data.tensors[t].name)),
        );
        const head = element(
            "p",
            { class: "mv-head" },
            `Values held: ${state.alive.length}${known}`,
        );
        const most = element(
            "p",
            { class: "mv-none" },
            `at most so far: ${Math.max(state.most, state.alive.length)}`,
        );
        return [head, list, most];
    }

    select(i) {
        this.chosen = i;
        this.drawing.boxes.forEach(({ group }, n) => {
            group.classList.toggle("mv-chosen", n === i);
            if (i !== null) group.setAttribute("tabindex", n === i ? "0" : "-1");
        });
        this.show(i);
    }

    // Tell about an operation; without one, about that which was chosen.
    show(i) {
        if (i === null) i = this.chosen;
        const node = i === null ? null : this.data.nodes[i];
        this.details.replaceChildren(...(node ? this.facts(node) : []));
        this.drawing.arrows.forEach(({ arrow, group }) => {
            group.classList.toggle("mv-near", i !== null && (arrow.from === i || arrow.to === i));
        });
    }

    facts(node) {
        const list = element("dl", {});
        const row = (name, ...found) =>
            list.append(element("dt", {}, name), element("dd", {}, ...found));
        const code = (words) => element("code", {}, words);
        row("op", code(node.type));
        node.inputs.forEach((t, n) =>
            row(n ? "" : "inputs", code(this.data.tensors[t].name), ...this.tensor(t)),
        );
        node.outputs.forEach((t, n) =>
            row(n ? "" : "outputs", code(this.data.tensors[t].name), ...this.tensor(t)),
        );
        if (node.after.length)
            row("waits for", code(node.after.map((n) => this.data.nodes[n].name).join(", ")));
        if (node.derivative_of) row("derivative of", code(node.derivative_of));
        row("device", code(node.device));
        if (node.source) {
            row("written in", `${node.source.file}, line ${node.source.line}`);
            if (node.source.code)
                list.append(element("dd", { class: "mv-code" }, code(node.source.code)));
        }
        return [
            element("p", { class: "mv-head" }, node.name),
            node.about ? element("p", { class: "mv-about" }, node.about) : null,
            list,
        ].filter(Boolean);
    }

    tensor(t) {
        const { dtype, shape_text: shape } = this.data.tensors[t];
        const spec = ` ${dtype} ${shape}`;
        const value = this.run && this.run.values[t];
        const maker = this.stepOf.get(this.data.tensors[t].node);
        const known = value && (maker === undefined || this.fired.includes(maker));
        return known ? [spec, element("pre", { class: "mv-value" }, value.text)] : [spec];
    }
}

function start() {
    for (const root of document.querySelectorAll(".minitf-viewer:not([data-ready])")) {
        root.setAttribute("data-ready", "");
        root.minitfViewer = new Viewer(root);
    }
}

start();
