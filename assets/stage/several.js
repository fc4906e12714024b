/** Two or three stages side by side, one timeline for all, and the difference of two of their maps. */

import { after, makeClock, seek, speedAt, tick, withParts, withSpeed } from "./clock.js";
import { LIGHT } from "./colour.js";
import { actionOf, HELP } from "./keys.js";
import { cellAt } from "./model.js";
import { formatNumber } from "./numbers.js";
import { buildBar, element, helpSheet, setText, showClock, showPace } from "./parts.js";
import { formulaLines, shapeText } from "./readout.js";
import { PARTS } from "./scene.js";
import { DifferencePanel } from "./several_panel.js";
import { filledBy, gridOf, leaderOf, middle, nearest, standsOf, stepsOf, travelling } from "./several_places.js";
import { CompactStage } from "./several_stage.js";

/** @import { Clock } from "./clock.js" */
/** @import { Palette } from "./colour.js" */
/** @import { Action } from "./keys.js" */
/** @import { Model } from "./model.js" */
/** @import { Payload } from "./payload.js" */
/** @import { Focus } from "./scene.js" */
/** @import { Cell, Grid, Stand, Together } from "./several_places.js" */

/**
 * @typedef {{title: string, payload: Payload} | {title: string, problem: string}} Setting what a column shows: a
 *   stage, or why there is none
 *
 * @typedef {object} Column
 * @property {HTMLElement} box
 * @property {Record<"title" | "shape" | "formula" | "where" | "problem" | "root", HTMLElement>} parts
 * @property {CompactStage | null} stage
 * @property {string} title
 */

// The keys that do here what they do on a stage.
const KEYS = [
  "Space", "← →", "Shift ← →", "↑ ↓", "Page up, page down", "Home, End", "+ −", "P", "I, O, 0", "W A S D", "L", "Escape", "?",
];
const FORWARDED = [
  "Zoom in", "Zoom out", "Whole picture", "Look left", "Look right", "Look up", "Look down", "Loupe", "Let go",
];
// Faster than this, in parts a second, nothing travels: it would only flicker.
const FASTEST_TRAVEL = 12;
// Longer than this the page stood still: playing goes on from there, and does not catch up.
const LONGEST_FRAME_SECONDS = 0.25;
const FIRST_SPEEDS = { cells: 8, parts: 1.5 };

/** @type {[Together, string, string][]} */
const TOGETHER = [
  ["place", "Same place", "Each window is centred on the same place in the photo, or as near to it as there is one."],
  ["step", "Same step", "Each map has as many cells as the others, until it is done."],
];

export class Several {
  /** @param {HTMLElement} root an empty element */
  constructor(root) {
    this.root = root;
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Clock} of the leader */
    this.clock = makeClock(1);
    /** @type {Together} */
    this.together = "place";
    this.speeds = { ...FIRST_SPEEDS };
    /** @type {{source: number, cell: Cell} | null} a cell that a click has asked for, where it is not the leader's */
    this.asked = null;
    /** @type {{source: number, cell: Cell} | null} */
    this.pointed = null;
    /** @type {string} */
    this.imposed = "";
    /** @type {Palette} */
    this.palette = LIGHT;
    this.frame = 0;
    this.lastTime = 0;
    this.bar = buildBar("stages-timeline");
    this.switches = TOGETHER.map(([together, words]) => {
      const button = element("button", { type: "button", class: "button wordy", "aria-pressed": "false" }, words);
      button.onclick = () => this.gather(together);
      return /** @type {HTMLButtonElement} */ (button);
    });
    this.sheet = helpSheet("Keys of the stages", HELP.filter(([keys]) => KEYS.includes(keys)));
    this.row = element("div", { class: "columns" });
    this.readout = element("p", { "data-testid": "stages-readout", "aria-live": "polite", class: "readout" });
    this.difference = new DifferencePanel({
      attend: (source, cell) => this.attend(source, cell, null),
      visit: (source, cell) => this.visit(source, cell),
      chosen: () => this.say(),
    });
    this.meaning = element("span", { class: "meaning" });
    this.choice = element("div", { class: "gather" },
      element("div", { class: "buttons together", role: "group", "aria-label": "What all stages have in common" }, ...this.switches),
      this.meaning);
    this.box = element("div", { class: "stage stages", "data-testid": "stages", role: "group", "aria-label": "Convolution stages side by side" },
      this.choice, this.bar.bar, this.readout, this.row, this.difference.box, this.sheet);
    root.append(this.box);
    this.listen();
    this.showSwitches();
  }

  /** The columns that have a stage, by their models. */
  live() {
    return this.columns.flatMap(({ stage, title }) => (stage?.model ? [{ stage, title, model: stage.model }] : []));
  }

  /** @returns {Grid[]} */
  grids() {
    return this.live().map(({ model }) => gridOf(model));
  }

  /**
   * Show other settings, or the same again. The place is kept, unless the message asks for another.
   *
   * @param {Setting[]} settings
   */
  receive(settings) {
    const before = this.grids();
    const kept = before.length ? this.source() : null;
    const place = kept ? middles(before[kept.source], kept.cell) : null;
    while (this.columns.length > settings.length) this.drop(/** @type {Column} */ (this.columns.pop()));
    settings.forEach((setting, i) => {
      this.columns[i] ??= this.column();
      this.fill(this.columns[i], setting);
    });
    this.row.style.setProperty("--columns", String(settings.length));
    const grids = this.grids();
    for (const part of [this.choice, this.bar.bar, this.readout, this.difference.box]) part.hidden = grids.length === 0;
    this.asked = null;
    this.pointed = null;
    if (grids.length === 0) return;
    const leader = leaderOf(grids);
    const { row, col, cellToken } = this.live()[0].model.payload.header.place;
    const imposed = `${row} ${col} ${cellToken}`;
    const goes = imposed !== this.imposed || !place;
    this.imposed = imposed;
    const [down, right] = goes ? middles(grids[0], { row, col }) : place;
    const cell = { row: nearest(grids[leader][0], down), col: nearest(grids[leader][1], right) };
    const { parts, speed, playing } = this.clock;
    const clock = makeClock(stepsOf(grids[leader]), cell.row * grids[leader][1].out + cell.col, speed, parts);
    this.clock = withSpeed({ ...clock, playing: playing && !goes }, speed);
    this.bar.timeline.max = String(this.clock.steps - 1);
    this.lastTime = 0;
    showPace(this.bar, this.clock);
    this.difference.receive(this.live(), this.together, this.palette);
    this.arrange(false);
    this.schedule();
  }

  /** The theme's colours and font may have changed: read them again. */
  restyle() {
    for (const { stage } of this.columns) stage?.restyle();
    const [first] = this.live();
    if (!first) return;
    this.palette = first.stage.palette;
    const high = first.stage.parts.contrast.checked;
    this.box.classList.toggle("dark", this.palette.dark);
    this.box.classList.toggle("high", high);
    this.box.style.setProperty("--stage-accent", this.palette.accent);
    this.box.style.setProperty("--stage-halo", this.palette.halo);
    this.difference.restyle(this.palette);
  }

  /** Take all down: nothing runs on. */
  destroy() {
    cancelAnimationFrame(this.frame);
    this.difference.destroy();
    for (const column of this.columns) column.stage?.destroy();
    this.box.remove();
  }

  listen() {
    const { buttons, timeline, speed, substeps, help } = this.bar;
    for (const [name, button] of Object.entries(buttons)) button.onclick = () => this.act(/** @type {Action} */ (name));
    substeps.onclick = () => this.act("Sub-steps");
    help.onclick = () => this.act("Help");
    timeline.oninput = () => this.go(seek(this.clock, Number(timeline.value)));
    speed.oninput = () => this.setSpeed(speedAt(Number(speed.value), this.clock.steps * this.clock.parts));
    this.box.onkeydown = (event) => this.key(event);
  }

  /** @returns {Column} */
  column() {
    const parts = {
      title: element("h3", { class: "column-title" }),
      shape: element("p", { class: "column-shape", "data-testid": "stages-shape" }),
      formula: element("p", { class: "column-formula" }),
      where: element("p", { class: "column-where", "data-testid": "stages-where" }),
      problem: element("p", { class: "column-problem" }),
      root: element("div", { class: "stage-root" }),
    };
    const box = element("section", { class: "column", "data-testid": "stages-column" },
      parts.title, parts.shape, parts.formula, parts.where, parts.problem, parts.root);
    this.row.append(box);
    return { box, parts, stage: null, title: "" };
  }

  /** @param {Column} column */
  drop({ box, stage }) {
    stage?.destroy();
    box.remove();
  }

  /**
   * @param {Column} column
   * @param {Setting} setting
   */
  fill(column, setting) {
    const { parts } = column;
    column.title = setting.title;
    setText(parts.title, setting.title);
    const fails = "problem" in setting;
    parts.problem.hidden = !fails;
    for (const part of [parts.shape, parts.formula, parts.where, parts.root]) part.hidden = fails;
    if (fails) {
      column.stage?.destroy();
      column.stage = null;
      setText(parts.problem, setting.problem);
      return;
    }
    if (!column.stage) {
      const index = () => this.live().findIndex(({ stage }) => stage === column.stage);
      column.stage = new CompactStage(parts.root, {
        attend: (cell, focus) => this.attend(index(), cell, focus),
        visit: (row, col) => this.visit(index(), { row, col }),
        pin: (focus) => this.pin(index(), focus),
      });
      column.stage.restyle();
    }
    column.stage.name(setting.title);
    column.stage.receive(setting.payload);
    const model = /** @type {Model} */ (column.stage.model);
    setText(parts.shape, shapeText(model));
    const kind = setting.payload.header.flip ? "convolution: the kernel is flipped" : "cross-correlation: not flipped";
    const lines = [...formulaLines(model), kind];
    parts.formula.replaceChildren(...lines.map((line) => element("span", {}, line)));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { sheet } = this;
    if (sheet.open && event.key === "?") return sheet.close();
    if (sheet.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    const action = actionOf(event.key, event.shiftKey, target.localName);
    if (!action || !this.act(action)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * Do what a button or a key asks for.
   *
   * @param {Action} action
   * @returns {boolean} whether that is done here
   */
  act(action) {
    const { clock } = this;
    const grids = this.grids();
    if (grids.length === 0) return false;
    const moved = after(action, clock, grids[leaderOf(grids)][1].out);
    if (moved) this.go(moved, action === "Step forward" && clock.parts > 1);
    else if (action === "Faster") this.setSpeed(clock.speed * 1.5);
    else if (action === "Slower") this.setSpeed(clock.speed / 1.5);
    else if (action === "Sub-steps") this.toggleParts();
    else if (action === "Help") this.sheet.showModal();
    else if (typeof action === "string" && FORWARDED.includes(action)) for (const { stage } of this.live()) stage.act(action);
    else return false;
    return true;
  }

  toggleParts() {
    const whole = this.clock.parts === 1;
    this.speeds[whole ? "cells" : "parts"] = this.clock.speed;
    const speed = this.speeds[whole ? "parts" : "cells"];
    this.bar.substeps.setAttribute("aria-pressed", String(whole));
    this.go(withParts(this.clock, whole ? PARTS.length : 1, speed));
    this.setSpeed(speed);
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.clock = withSpeed(this.clock, speed);
    showPace(this.bar, this.clock);
  }

  /** @param {Together} together */
  gather(together) {
    if (together === this.together) return;
    // The one that was asked for stays where it is.
    this.together = together;
    this.showSwitches();
    if (this.live().length === 0) return;
    this.difference.receive(this.live(), together, this.palette);
    this.arrange(false);
  }

  showSwitches() {
    TOGETHER.forEach(([together, , meaning], i) => {
      this.switches[i].setAttribute("aria-pressed", String(together === this.together));
      if (together === this.together) setText(this.meaning, meaning);
    });
  }

  /**
   * @param {Clock} clock
   * @param {boolean} [gliding]
   */
  go(clock, gliding = false) {
    this.clock = clock;
    this.asked = null;
    this.lastTime = 0;
    this.unpoint();
    this.arrange(gliding);
    this.schedule();
  }

  /**
   * Bring all to a cell of one of them.
   *
   * @param {number} source
   * @param {Cell} cell
   */
  visit(source, cell) {
    const grids = this.grids();
    const leader = leaderOf(grids);
    const at = standsOf(grids, this.together, source, cell)[leader];
    this.go(seek(this.clock, at.step));
    if (source !== leader) this.asked = { source, cell };
    this.arrange(false);
  }

  /**
   * Point at a cell in all of them, or at a pixel of the photo.
   *
   * @param {number} source
   * @param {Cell | null} cell
   * @param {Focus | null} focus
   */
  attend(source, cell, focus) {
    this.pointed = cell && { source, cell };
    const stands = cell && standsOf(this.grids(), this.together, source, cell);
    this.live().forEach(({ stage, model }, i) => {
      if (i === source && !stands) return;
      stage.join(stands ? { row: stands[i].row, col: stands[i].col } : null, common(focus, model));
    });
    this.say();
  }

  unpoint() {
    this.pointed = null;
    for (const { stage } of this.live()) stage.join(null, null);
  }

  /**
   * Hold a pixel of the photo in all of them, or let go of it.
   *
   * @param {number} source
   * @param {Focus | null} focus
   */
  pin(source, focus) {
    this.live().forEach(({ stage, model }, i) => {
      if (i !== source) stage.pin(common(focus, model));
    });
  }

  /** @returns {{source: number, cell: Cell}} what leads: a cell that was asked for, or the leader's */
  source() {
    if (this.asked) return this.asked;
    const grids = this.grids();
    const leader = leaderOf(grids);
    const across = grids[leader][1].out;
    return { source: leader, cell: { row: Math.floor(this.clock.step / across), col: this.clock.step % across } };
  }

  /**
   * Bring all stages to where the clock is.
   *
   * @param {boolean} gliding
   */
  arrange(gliding) {
    const grids = this.grids();
    if (grids.length === 0) return;
    const { clock, together } = this;
    const leader = leaderOf(grids);
    const { source, cell } = this.source();
    const stands = standsOf(grids, together, source, cell);
    const filled = filledBy(grids, together, leader, clock.step);
    const travels = clock.fraction > 0 && clock.speed <= FASTEST_TRAVEL
      ? travelling(grids, together, leader, clock.step) : grids.map(() => false);
    this.live().forEach(({ stage }, i) => {
      const { step, done } = stands[i];
      const part = done ? clock.parts - 1 : clock.part;
      // From one part of a step to the next all go on; to the next cell only who has another one there.
      const moving = !done && (part < clock.parts - 1 || travels[i]);
      const { parts, speed } = clock;
      stage.stand(
        { steps: stepsOf(grids[i]), step, part, parts, speed, playing: false, fraction: moving ? clock.fraction : 0 },
        filled[i], gliding && !done,
      );
    });
    showClock(this.bar, clock);
    this.say();
  }

  /** Say where all are, in words and numbers, and show it at the difference. */
  say() {
    const live = this.live();
    if (live.length === 0) return;
    const { source, cell } = this.pointed ?? this.source();
    const stands = standsOf(this.grids(), this.together, source, cell);
    const comes = !this.pointed && this.clock.part !== this.clock.parts - 1;
    const texts = live.map(({ title, model }, i) => whereText(title, model, stands[i], comes));
    let i = 0;
    for (const { stage, box, parts } of this.columns) {
      if (!stage?.model) continue;
      const { rowsOff, colsOff, done } = stands[i];
      setText(parts.where, capital(texts[i].short));
      box.classList.toggle("elsewhere", rowsOff !== 0 || colsOff !== 0 || done);
      i++;
    }
    const differs = this.difference.point(stands);
    const { step, steps, part, parts, playing } = this.clock;
    const at = parts > 1 ? `, part ${part + 1} of ${parts}, ${PARTS[part]}` : "";
    const start = this.pointed ? "Pointing." : `Step ${step + 1} of ${steps}${at}.`;
    const text = [start, ...texts.map(({ long }) => long), differs].filter(Boolean).join(" ");
    // A listener could not follow every step of a play: it is read out where it stops.
    const live_ = playing ? "off" : "polite";
    if (this.readout.getAttribute("aria-live") !== live_) {
      this.readout.setAttribute("aria-live", live_);
      setText(this.readout, "");
    }
    setText(this.readout, text);
  }

  schedule() {
    if (this.clock.playing && !this.frame) this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  /** @param {number} now */
  tick(now) {
    this.frame = 0;
    if (!this.clock.playing) return;
    const seconds = this.lastTime ? Math.min((now - this.lastTime) / 1000, LONGEST_FRAME_SECONDS) : 0;
    this.lastTime = now;
    this.clock = tick(this.clock, seconds);
    this.arrange(false);
    this.schedule();
  }
}

/**
 * @param {Grid} grid
 * @param {Cell} cell
 * @returns {[number, number]}
 */
function middles([rows, cols], { row, col }) {
  return [middle(rows, row), middle(cols, col)];
}

/**
 * What one stage points at, as another can show it: a pixel of the photo, or a weight; not what is one stage's own.
 *
 * @param {Focus | null} focus
 * @param {Model} model
 */
function common(focus, { rows, cols }) {
  if (focus?.part === "input") return focus.row >= 0 && focus.row < rows && focus.col >= 0 && focus.col < cols ? focus : null;
  return focus?.part === "weight" ? focus : null;
}

/**
 * Where a stage is: for its column, and for the readout.
 *
 * @param {string} title
 * @param {Model} model
 * @param {Stand} stand
 * @param {boolean} comes whether the cell is not written yet
 */
function whereText(title, model, { row, col, rowsOff, colsOff, done }, comes) {
  const cell = `row ${row}, column ${col}`;
  const value = comes && !done ? "comes next" : `is ${formatNumber(cellAt(model, row, col, 0).value)}`;
  const size = shapeText(model);
  if (done) {
    const short = `done: ${cell}, its last, ${value}`;
    return { short, long: `${capital(title)}, ${size}, is done: ${cell}, its last, ${value}.` };
  }
  if (rowsOff || colsOff) {
    const nearby = `no window centred here; the nearest, ${cell}, ${value}`;
    return { short: nearby, long: `${capital(title)}, ${size}, has ${nearby}.` };
  }
  return { short: `${cell} ${value}`, long: `${capital(title)}, ${size}: ${cell} ${value}.` };
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
