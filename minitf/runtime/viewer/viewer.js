// The graph viewer: shows what minitf.runtime.viewer has written as JSON, and lets it run by hand.
// No libraries. Everything lives inside the element .minitf-viewer that holds the JSON.

(function () {
  "use strict";

  const SCALE = 78; // pixels per unit of the layout
  const MARGIN = 34;
  const PACE = 900; // milliseconds from one operation to the next, when it plays
  const SVG = "http://www.w3.org/2000/svg";
  const LANES = { forward: "forward", gradient: "gradients", update: "updates" };

  // ---- small tools for building the page

  function element(tag, attributes, ...children) {
    const svg = ["svg", "g", "path", "rect", "text", "tspan", "circle", "title"].includes(tag);
    const made = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  function button(label, title, action, name) {
    const made = element("button", { type: "button", title, class: "mv-button", "data-do": name }, label);
    made.addEventListener("click", action);
    return made;
  }

  function plural(count, word) {
    return `${count} ${word}${count === 1 ? "" : "s"}`;
  }

  function bytes(count) {
    if (count < 1024) return `${count} B`;
    return count < 1048576 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1048576).toFixed(1)} MiB`;
  }

  // ---- the run: what is known after some steps have fired, worked out from the plan alone

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
      lately = [...new Set([...step.reads, ...step.makes])].filter((t) => uses[t] === 0 && !kept.has(t));
      lately.forEach((t) => freed.add(t));
      woken = step.followers.filter((f) => (waits[f] -= 1) === 0);
      ready = ready.filter((other) => other !== i).concat(woken);
    }
    lately.sort((a, b) => a - b);
    return { waits, done, ready, woken, made, freed, lately, alive: alive(), most };
  }

  // ---- one viewer

  class Viewer {
    constructor(root) {
      this.root = root;
      this.data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
      this.run = this.data.run || null;
      this.stepOf = new Map((this.run ? this.run.steps : []).map((step, i) => [step.node, i]));
      this.fired = [];
      this.playing = null;
      this.chosen = null;
      this.boxes = new Map();
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
      const parts = [...this.root.children].filter((c) => c.tagName === "STYLE" || c.tagName === "SCRIPT");
      this.status = element("p", { class: "mv-status", "aria-live": "polite" });
      this.details = element("div", { class: "mv-details" });
      this.machine = element("div", { class: "mv-machine" });
      this.scroll = element("div", {
        class: "mv-scroll", tabindex: "0", role: "group", "aria-label": `Drawing of the graph ${name}`,
      });
      this.scroll.append(this.drawing());
      this.dragging();
      const words = element("details", { class: "mv-words" }, element("summary", {}, "The same as text"), text);
      const side = element("div", { class: "mv-side" }, this.machine, this.details);
      this.root.replaceChildren(
        ...parts, this.toolbar(), this.status,
        element("div", { class: "mv-body" }, this.scroll, side), this.legend(), words,
      );
    }

    toolbar() {
      const bar = element("div", { class: "mv-bar", role: "toolbar", "aria-label": "Graph viewer" });
      if (this.run) {
        this.play = button("Play", "Fire one operation after the other", () => this.toggle(), "play");
        bar.append(
          button("Reset", "Back to the state before the run", () => this.reset(), "reset"),
          button("Back", "Take the last step back", () => this.back(), "back"),
          button("Step", "Fire the operation at the front of the ready queue", () => this.step(), "step"),
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
      const item = (kind, words) => list.append(element("li", {}, element("i", { class: `mv-key ${kind}` }), words));
      const lanes = new Set(this.data.nodes.map((n) => n.lane));
      for (const [lane, words] of Object.entries(LANES)) if (lanes.has(lane)) item(`mv-${lane}`, words);
      if (this.data.arrows.some((a) => !a.tensors.length)) item("mv-waiting", "waits for, without a value");
      const devices = this.devices();
      if (devices.length > 1) devices.forEach((name, i) => item(`mv-device-${i % 6}`, name));
      if (this.run) {
        item("mv-missing", "how many it waits for");
        item("mv-isready", "ready to fire");
        item("mv-token", "a value on its way");
      }
      return list;
    }

    devices() {
      return [...new Set(this.data.nodes.map((n) => n.device))].sort();
    }

    drawing() {
      const points = this.data.arrows.flatMap((a) => a.points);
      points.push(...this.data.nodes.flatMap((n) => (n.place ? [n.place] : [])));
      const [w, h] = this.data.box;
      const xs = points.map((p) => p[0]);
      const ys = points.map((p) => p[1]);
      const left = Math.min(...xs) - w / 2;
      const top = Math.min(...ys) - h / 2;
      this.width = (Math.max(...xs) + w / 2 - left) * SCALE + 2 * MARGIN;
      this.height = (Math.max(...ys) + h / 2 - top) * SCALE + 2 * MARGIN;
      this.at = ([x, y]) => [(x - left) * SCALE + MARGIN, (y - top) * SCALE + MARGIN];
      this.svg = element("svg", {
        viewBox: `0 0 ${this.width} ${this.height}`, class: "mv-svg", role: "group",
        "aria-label": `${plural(this.data.nodes.length, "operation")}; use the arrow keys`,
      });
      this.arrows = this.data.arrows.map((arrow) => this.arrow(arrow));
      this.data.nodes.forEach((node, i) => node.place && this.box(node, i));
      this.svg.addEventListener("keydown", (event) => this.key(event));
      const first = this.svg.querySelector(".mv-node");
      if (first) first.setAttribute("tabindex", "0");
      return this.svg;
    }

    arrow(arrow) {
      const points = arrow.points.map(this.at);
      let line = `M${points[0]}`;
      for (let i = 1; i < points.length; i += 1) {
        const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
        const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
        line += arrow.sideways ? `C${[x, y0, x, y1, x1, y1]}` : `C${[x0, y, x1, y, x1, y1]}`;
      }
      const [x, y] = points[points.length - 1];
      const [px, py] = points[points.length - 2];
      const turn = arrow.sideways ? (x > px ? 0 : 180) : (y > py ? 90 : -90);
      const kind = arrow.tensors.length ? `mv-${arrow.lane}` : "mv-waiting";
      const group = element("g", { class: `mv-arrow ${kind}` },
        element("path", { d: line, class: "mv-line" }),
        element("path", { d: "M0,0L-8,-3.5L-8,3.5Z", class: "mv-head", transform: `translate(${x},${y}) rotate(${turn})` }),
      );
      const tensors = arrow.tensors.map((t) => this.data.tensors[t]);
      group.append(element("title", {}, tensors.map((t) => `${t.name}: ${t.dtype} ${t.shape_text}`).join("\n")));
      this.svg.append(group);
      if (arrow.tensors.length) {
        const [sx, sy] = points[0];
        const shapes = [...new Set(tensors.map((t) => t.shape_text))].join(", ");
        const down = Math.sign(points[1][1] - sy) || 1;
        const place = arrow.sideways ? [sx + 6 * Math.sign(points[1][0] - sx), sy - 5] : [sx + 5, sy + down * 9 + 3];
        const anchor = arrow.sideways && points[1][0] < sx ? "end" : "start";
        const twin = `${arrow.from}:${shapes}:${place.map(Math.round)}`;
        if (!this.labelled) this.labelled = new Set();
        if (!this.labelled.has(twin)) {
          this.labelled.add(twin);
          this.svg.append(element("text", { x: place[0], y: place[1], "text-anchor": anchor, class: "mv-shape", "aria-hidden": "true" }, shapes));
        }
      }
      const token = element("circle", { r: 5, cx: (x + px) / 2, cy: (y + py) / 2, class: "mv-token", "aria-hidden": "true" });
      this.svg.append(token);
      return { arrow, group, token };
    }

    box(node, i) {
      const [x, y] = this.at(node.place);
      const [w, h] = this.data.box.map((n) => n * SCALE);
      const device = this.devices().indexOf(node.device) % 6;
      const lines = node.label;
      const size = Math.min(12, (w - 8) / (0.56 * Math.max(...lines.map((l) => l.length))));
      const title = element("text", { class: "mv-title", "font-size": size.toFixed(1) });
      lines.forEach((line, n) => {
        title.append(element("tspan", { x, y: y + (n - (lines.length - 1) / 2) * (size + 1) + size * 0.35 }, line));
      });
      const waits = element("g", { class: "mv-count", "aria-hidden": "true", transform: `translate(${x - w / 2},${y - h / 2})` },
        element("circle", { r: 9 }), element("text", { y: 4 }));
      const group = element("g", { class: `mv-node mv-${node.lane}`, role: "button", tabindex: "-1", "data-node": i },
        element("rect", { x: x - w / 2, y: y - h / 2, width: w, height: h, rx: 7, class: `mv-box mv-device-${device}` }),
        title, waits);
      group.addEventListener("click", () => this.click(i));
      group.addEventListener("mouseenter", () => this.show(i));
      group.addEventListener("mouseleave", () => this.show(this.chosen));
      group.addEventListener("focus", () => this.select(i));
      this.svg.append(group);
      this.boxes.set(i, { group, waits });
    }

    // -- moving about

    zoom(factor) {
      this.fits = false;
      this.factor = Math.min(3, Math.max(0.2, factor));
      this.svg.style.width = `${this.width * this.factor}px`;
      this.svg.style.height = `${this.height * this.factor}px`;
    }

    fit() {
      const room = this.scroll.clientWidth || this.width;
      this.zoom(Math.max(0.5, Math.min(1, room / this.width)));
      this.fits = true;
    }

    dragging() {
      let from = null;
      this.scroll.addEventListener("pointerdown", (event) => {
        if (event.pointerType !== "mouse" || event.button !== 0) return; // fingers scroll by themselves
        from = { x: event.clientX + this.scroll.scrollLeft, y: event.clientY + this.scroll.scrollTop };
      });
      this.scroll.addEventListener("pointermove", (event) => {
        if (!from) return;
        this.scroll.scrollLeft = from.x - event.clientX;
        this.scroll.scrollTop = from.y - event.clientY;
      });
      for (const end of ["pointerup", "pointerleave"]) this.scroll.addEventListener(end, () => { from = null; });
      this.scroll.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !event.metaKey) return; // the plain wheel scrolls the page
        event.preventDefault();
        this.zoom(this.factor * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
      }, { passive: false });
    }

    key(event) {
      const order = [...this.boxes.keys()];
      const here = order.indexOf(Number(event.target.closest("[data-node]")?.dataset.node));
      const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      if (event.key in moves) {
        const next = this.boxes.get(order[Math.max(0, Math.min(order.length - 1, here + moves[event.key]))]);
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
      const names = (steps) => steps.map((s) => this.data.nodes[this.run.steps[s].node].name).join(", ");
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
      this.boxes.forEach(({ group, waits }, i) => this.mark(group, waits, i, state));
      this.arrows.forEach((one) => this.flow(one, state));
      this.machine.replaceChildren(...this.queue(state), ...this.memory(state));
      for (const [name, off] of [["back", !this.fired.length], ["reset", !this.fired.length], ["step", !state.ready.length]]) {
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
        word = state.done.has(step) ? "done" : state.ready.includes(step) ? "ready" : `waits for ${count}`;
        group.classList.add(state.done.has(step) ? "mv-done" : state.ready.includes(step) ? "mv-ready" : "mv-idle");
        waits.querySelector("text").textContent = count;
      }
      const shapes = node.outputs.map((t) => `${this.data.tensors[t].dtype} ${this.data.tensors[t].shape_text}`);
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
      return [element("h4", {}, "Ready queue"), nodes.length ? list : element("p", { class: "mv-none" }, "empty")];
    }

    memory(state) {
      const size = (t) => (this.run.values[t] || this.data.tensors[t]).bytes;
      const sizes = state.alive.map(size);
      const known = sizes.every((n) => n !== null) ? `, ${bytes(sizes.reduce((a, b) => a + b, 0))}` : "";
      const list = element("ul", { class: "mv-chips mv-values" });
      state.alive.forEach((t) => list.append(element("li", {}, this.data.tensors[t].name)));
      state.lately.forEach((t) => list.append(element("li", { class: "mv-freed" }, this.data.tensors[t].name)));
      const head = element("h4", {}, `Values held: ${state.alive.length}${known}`);
      const most = element("p", { class: "mv-none" }, `at most so far: ${Math.max(state.most, state.alive.length)}`);
      return [head, list, most];
    }

    select(i) {
      this.chosen = i;
      this.boxes.forEach(({ group }, n) => {
        group.classList.toggle("mv-chosen", n === i);
        if (i !== null) group.setAttribute("tabindex", n === i ? "0" : "-1");
      });
      this.show(i);
    }

    show(i) {
      const node = i === null ? null : this.data.nodes[i];
      this.details.replaceChildren(...(node ? this.facts(node) : []));
      this.arrows.forEach(({ arrow, group }) => {
        group.classList.toggle("mv-near", i !== null && (arrow.from === i || arrow.to === i));
      });
    }

    facts(node) {
      const list = element("dl", {});
      const row = (name, ...found) => list.append(element("dt", {}, name), element("dd", {}, ...found));
      const code = (words) => element("code", {}, words);
      row("op", code(node.type));
      node.inputs.forEach((t, n) => row(n ? "" : "inputs", code(this.data.tensors[t].name), ...this.tensor(t)));
      node.outputs.forEach((t, n) => row(n ? "" : "outputs", code(this.data.tensors[t].name), ...this.tensor(t)));
      if (node.after.length) row("waits for", code(node.after.map((n) => this.data.nodes[n].name).join(", ")));
      if (node.derivative_of) row("derivative of", code(node.derivative_of));
      row("device", code(node.device));
      if (node.source) {
        row("written in", `${node.source.file}, line ${node.source.line}`);
        if (node.source.code) list.append(element("dd", { class: "mv-code" }, code(node.source.code)));
      }
      return [element("h4", {}, node.name), node.about ? element("p", { class: "mv-about" }, node.about) : null, list].filter(Boolean);
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
})();
