// Drawing a graph as SVG: boxes, arrows, tokens. What happens when somebody clicks is not its business.

const SCALE = 78; // pixels per unit of the layout
const MARGIN = 34;
const SVG = "http://www.w3.org/2000/svg";

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
    const made = element(
        "button",
        { type: "button", title, class: "mv-button", "data-do": name },
        label,
    );
    made.addEventListener("click", action);
    return made;
}

function plural(count, word) {
    return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function bytes(count) {
    if (count < 1024) return `${count} B`;
    return count < 1048576
        ? `${(count / 1024).toFixed(1)} KiB`
        : `${(count / 1048576).toFixed(1)} MiB`;
}

// The listener is told click(i), select(i) (an operation has the focus) and show(i) (the mouse is
// over it; null when it leaves), with i the number of an operation.
class Drawing {
    constructor(data, listener) {
        this.data = data;
        this.listener = listener;
        this.boxes = new Map();
        this.labelled = new Set();
        const points = this.data.arrows.flatMap((a) => a.points);
        points.push(...this.data.nodes.flatMap((n) => (n.place ? [n.place] : [])));
        if (!points.length) points.push([0, 0]);
        const [w, h] = this.data.box;
        const xs = points.map((p) => p[0]);
        const ys = points.map((p) => p[1]);
        const left = Math.min(...xs) - w / 2;
        const top = Math.min(...ys) - h / 2;
        this.width = (Math.max(...xs) + w / 2 - left) * SCALE + 2 * MARGIN;
        this.height = (Math.max(...ys) + h / 2 - top) * SCALE + 2 * MARGIN;
        this.at = ([x, y]) => [(x - left) * SCALE + MARGIN, (y - top) * SCALE + MARGIN];
        this.svg = element("svg", {
            viewBox: `0 0 ${this.width} ${this.height}`,
            class: "mv-svg",
            role: "group",
            "aria-label": `${plural(this.data.nodes.length, "operation")}; use the arrow keys`,
        });
        this.arrows = this.data.arrows.map((arrow) => this.arrow(arrow));
        this.data.nodes.forEach((node, i) => node.place && this.box(node, i));
        const first = this.svg.querySelector(".mv-node");
        if (first) first.setAttribute("tabindex", "0");
    }

    arrow(arrow) {
        const points = arrow.points.map(this.at);
        const [[px, py], [x, y]] = points.slice(-2);
        const turn = arrow.sideways ? (x > px ? 0 : 180) : y > py ? 90 : -90;
        const tensors = arrow.tensors.map((t) => this.data.tensors[t]);
        const told = tensors.map((t) => `${t.name}: ${t.dtype} ${t.shape_text}`).join("\n");
        const tip = `translate(${x},${y}) rotate(${turn})`;
        const group = element(
            "g",
            { class: `mv-arrow mv-${tensors.length ? arrow.lane : "waiting"}` },
            element("path", { d: this.line(points, arrow.sideways), class: "mv-line" }),
            element("path", { d: "M0,0L-8,-3.5L-8,3.5Z", class: "mv-tip", transform: tip }),
            element("title", {}, told),
        );
        this.svg.append(group);
        if (tensors.length) this.label(arrow, points, tensors);
        const at = { cx: (x + px) / 2, cy: (y + py) / 2, r: 5 };
        const token = element("circle", { ...at, class: "mv-token", "aria-hidden": "true" });
        this.svg.append(token);
        return { arrow, group, token };
    }

    line(points, sideways) {
        let path = `M${points[0]}`;
        for (let i = 1; i < points.length; i += 1) {
            const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
            const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
            path += `C${sideways ? [x, y0, x, y1, x1, y1] : [x0, y, x1, y, x1, y1]}`;
        }
        return path;
    }

    // Write shapes where an arrow leaves its box; arrows that leave together share them.
    label(arrow, points, tensors) {
        const [[x, y], [nx, ny]] = points;
        const shapes = [...new Set(tensors.map((t) => t.shape_text))].join(", ");
        // Beside the line: left of one that leaves to the right, and right of all others.
        const left = arrow.sideways ? nx < x : nx > x;
        const at = arrow.sideways
            ? { x: x + (left ? -6 : 6), y: y - 5 }
            : { x: x + (left ? -5 : 5), y: y + (ny < y ? -6 : 12) };
        const twin = `${arrow.from} ${shapes} ${arrow.sideways}`;
        if (this.labelled.has(twin)) return;
        this.labelled.add(twin);
        const looks = { class: "mv-shape", "text-anchor": left ? "end" : "start" };
        this.svg.append(element("text", { ...at, ...looks, "aria-hidden": "true" }, shapes));
    }

    box(node, i) {
        const [x, y] = this.at(node.place);
        const [w, h] = this.data.box.map((n) => n * SCALE);
        const device = this.devices().indexOf(node.device) % 6;
        const lines = node.label;
        const size = Math.min(12, (w - 8) / (0.56 * Math.max(...lines.map((l) => l.length))));
        const title = element("text", { class: "mv-title", "font-size": size.toFixed(1) });
        lines.forEach((line, n) => {
            title.append(
                element(
                    "tspan",
                    { x, y: y + (n - (lines.length - 1) / 2) * (size + 1) + size * 0.35 },
                    line,
                ),
            );
        });
        const waits = element(
            "g",
            {
                class: "mv-count",
                "aria-hidden": "true",
                transform: `translate(${x - w / 2},${y - h / 2})`,
            },
            element("circle", { r: 9 }),
            element("text", { y: 4 }),
        );
        const group = element(
            "g",
            { class: `mv-node mv-${node.lane}`, role: "button", tabindex: "-1", "data-node": i },
            element("rect", {
                x: x - w / 2,
                y: y - h / 2,
                width: w,
                height: h,
                rx: 7,
                class: `mv-box mv-device-${device}`,
            }),
            title,
            waits,
        );
        group.addEventListener("click", () => this.listener.click(i));
        group.addEventListener("mouseenter", () => this.listener.show(i));
        group.addEventListener("mouseleave", () => this.listener.show(null));
        group.addEventListener("focus", () => this.listener.select(i));
        this.svg.append(group);
        this.boxes.set(i, { group, waits });
    }

    devices() {
        return [...new Set(this.data.nodes.map((n) => n.device))].sort();
    }

    // Give the picture its size; return the factor that it really got.
    zoom(factor) {
        const real = Math.min(3, Math.max(0.2, factor));
        this.svg.style.width = `${this.width * real}px`;
        this.svg.style.height = `${this.height * real}px`;
        return real;
    }
}
