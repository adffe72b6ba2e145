// A grid of any number of items of which only the rows in view exist. One cell is in the tab order; arrows move it.
import { node } from "./dom.js";

// Sizes of a cell: of its picture, and of it with its words and the gap; the style sheet has the same.
export const SIZES = ["small", "medium", "large"];
const CELLS = { small: { width: 176, height: 246, left: 8 }, medium: { width: 256, height: 326, left: 8 }, large: { width: 336, height: 406, left: 8 } };
let CELL = CELLS.small;
const AHEAD = 2, SETTLED = 70;

export class Grid {
  // `fill(cell, index, position)` draws an item; `moved(position)` hears of every move of the focus.
  constructor(root, fill, moved) {
    Object.assign(this, { root, fill, moved, order: [], starts: null, columns: 1, current: 0, rows: new Map(), timer: 0, frame: 0 });
    this.tall = node("div", { className: "tall", role: "presentation" });
    root.append(this.tall);
    root.addEventListener("scroll", () => this.later(), { passive: true });
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("focusin", (event) => { const cell = event.target.closest(".cell"); if (cell) this.current = Number(cell.dataset.position); });
    root.addEventListener("click", (event) => { const cell = event.target.closest(".cell"); if (cell) this.focus(Number(cell.dataset.position)); });
    new ResizeObserver(() => this.resized()).observe(root);
  }

  // `order`: item numbers; or `groups`: lists of them, each of which begins a row.
  set(order, groups = null) {
    this.groups = groups;
    this.order = groups ? groups.flat() : order;
    this.current = 0;
    this.root.classList.toggle("empty", !this.order.length);
    this.root.scrollTop = 0;
    this.measure();
    this.render();
  }

  // Show pictures in another of the SIZES, and the focused one still.
  scale(size) {
    CELL = CELLS[size];
    this.root.dataset.size = size;
    const focused = this.root.contains(document.activeElement);
    this.measure();
    this.show(this.current);
    this.render();
    if (focused) this.cell(this.current)?.focus({ preventScroll: true });
  }

  fitting() { return Math.max(1, Math.floor((this.root.clientWidth - CELL.left) / CELL.width)); }

  resized() {
    if (this.fitting() === this.columns) return this.later();
    const focused = this.root.contains(document.activeElement);
    this.measure();
    this.show(this.current);
    if (focused) this.cell(this.current)?.focus({ preventScroll: true });
  }

  measure() {
    this.columns = this.fitting();
    if (this.groups) {
      this.starts = [];
      this.first = new Set();
      let at = 0;
      for (const group of this.groups) {
        this.first.add(this.starts.length);
        for (let i = 0; i < group.length; i += this.columns) this.starts.push(at + i);
        at += group.length;
      }
      this.count = this.starts.length;
    } else {
      this.starts = this.first = null;
      this.count = Math.ceil(this.order.length / this.columns);
    }
    this.tall.style.height = `${this.count * CELL.height + 8}px`;
    this.root.setAttribute("aria-rowcount", this.count);
    this.root.setAttribute("aria-colcount", this.columns);
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
  }

  start(row) { return row >= this.count ? this.order.length : this.starts ? this.starts[row] : row * this.columns; }

  row(position) {
    if (!this.starts) return Math.floor(position / this.columns);
    let low = 0, high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= position) low = middle; else high = middle - 1;
    }
    return low;
  }

  later() {
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.render(); });
  }

  // Rows that left the view go, and their pictures are asked for no more; the row that has the focus stays.
  render() {
    const top = this.root.scrollTop, height = this.root.clientHeight;
    const from = Math.max(0, Math.floor(top / CELL.height) - AHEAD), to = Math.min(this.count, Math.ceil((top + height) / CELL.height) + AHEAD);
    const kept = this.order.length ? this.row(Math.min(this.current, this.order.length - 1)) : -1;
    for (const [row, element] of this.rows) {
      if ((row < from || row >= to) && row !== kept) {
        for (const image of element.querySelectorAll("img")) image.removeAttribute("src");
        element.remove();
        this.rows.delete(row);
      }
    }
    for (let row = from; row < to; row++) if (!this.rows.has(row)) this.make(row);
    if (kept >= 0 && !this.rows.has(kept)) this.make(kept);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pictures(), SETTLED);
  }

  make(row) {
    const element = node("div", { className: this.first?.has(row) ? "row group" : "row", role: "row", "aria-rowindex": row + 1 });
    element.style.transform = `translateY(${row * CELL.height}px)`;
    for (let position = this.start(row); position < this.start(row + 1); position++) {
      const cell = node("div", { role: "gridcell", tabIndex: position === this.current ? 0 : -1, "aria-colindex": position - this.start(row) + 1 });
      cell.dataset.position = position;
      this.fill(cell, this.order[position], position);
      element.append(cell);
    }
    this.rows.set(row, element);
    // Rows stand in order, so that a screen reader's own cursor goes through them as the eye does.
    const next = [...this.rows.keys()].filter((other) => other > row).sort((a, b) => a - b)[0];
    this.root.insertBefore(element, next === undefined ? null : this.rows.get(next));
  }

  // Pictures are asked for once the scrolling rests, so that flying past ten thousand does not ask for them.
  pictures() {
    for (const image of this.root.querySelectorAll("img[data-src]")) {
      image.src = image.dataset.src;
      image.removeAttribute("data-src");
    }
  }

  cell(position) { return this.rows.get(this.row(position))?.querySelector(`[data-position="${position}"]`); }

  redraw(wanted = () => true) {
    for (const element of this.rows.values())
      for (const cell of element.children) {
        const position = Number(cell.dataset.position);
        if (wanted(this.order[position])) this.fill(cell, this.order[position], position);
      }
    this.pictures();
  }

  // Bring a position into view without taking the focus.
  show(position) {
    if (!this.order.length) return;
    const before = this.cell(this.current);
    if (before) before.tabIndex = -1;
    this.current = Math.max(0, Math.min(position, this.order.length - 1));
    const y = this.row(this.current) * CELL.height, { scrollTop, clientHeight } = this.root;
    if (y < scrollTop) this.root.scrollTop = y;
    else if (y + CELL.height + 8 > scrollTop + clientHeight) this.root.scrollTop = y + CELL.height + 8 - clientHeight;
    this.render();
    const cell = this.cell(this.current);
    if (cell) cell.tabIndex = 0;
  }

  focus(position) {
    this.show(position);
    this.cell(this.current)?.focus({ preventScroll: true });
    this.moved(this.current);
  }

  key(event) {
    if (event.ctrlKey && !["Home", "End"].includes(event.key) || event.altKey || event.metaKey || !this.order.length) return;
    const row = this.row(this.current), column = this.current - this.start(row), page = Math.max(1, Math.floor(this.root.clientHeight / CELL.height));
    const to = (other) => { const at = Math.max(0, Math.min(other, this.count - 1)); return Math.min(this.start(at) + column, this.start(at + 1) - 1); };
    const target = {
      ArrowRight: () => this.current + 1, ArrowLeft: () => this.current - 1, ArrowDown: () => to(row + 1), ArrowUp: () => to(row - 1),
      PageDown: () => to(row + page), PageUp: () => to(row - page),
      Home: () => (event.ctrlKey ? 0 : this.start(row)), End: () => (event.ctrlKey ? this.order.length - 1 : this.start(row + 1) - 1),
    }[event.key];
    if (!target) return;
    event.preventDefault();
    this.focus(target());
  }
}
