/**
 * Sliders that report while they move, which Streamlit's own do only at the end.
 *
 * What is reported carries a number that grows, and comes back with the numbers to be shown: those that answer an
 * older report than the last one are passed over, so that nothing moves back under the finger.
 *
 * @typedef {{key: string, title: string, unit: string, least: number, most: number, step: number, value: number}} Slider
 * @typedef {{sliders: Slider[], answered: number}} SlidersData
 *
 * @typedef {object} ComponentArgs
 * @property {SlidersData} data
 * @property {HTMLElement | ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/** Milliseconds between two reports while a slider moves: about what a run of the page takes. */
const PAUSE = 100;

/** @type {WeakMap<HTMLElement | ShadowRoot, Panel>} */
const panels = new WeakMap();

/** @param {ComponentArgs} component */
export default function mount({ data, parentElement, setStateValue }) {
  let panel = panels.get(parentElement);
  if (!panel) {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".sliders"));
    panel = new Panel(root, (report) => setStateValue("report", report));
    panels.set(parentElement, panel);
  }
  panel.show(data);
  const mounted = panel;
  return () => {
    mounted.destroy();
    panels.delete(parentElement);
  };
}

export class Panel {
  /**
   * @param {HTMLElement} root
   * @param {(report: {values: Record<string, number>, number: number}) => void} report
   */
  constructor(root, report) {
    this.root = root;
    this.report = report;
    /** @type {Map<string, HTMLInputElement>} */
    this.inputs = new Map();
    this.shape = "";
    this.number = 0;
    this.changed = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @param {SlidersData} data */
  show({ sliders, answered }) {
    const shape = JSON.stringify(sliders.map(({ value: _, ...rest }) => rest));
    if (shape !== this.shape) {
      this.shape = shape;
      this.changed = false;
      this.build(sliders);
    }
    if (this.changed || answered < this.number) return;
    this.number = answered;
    for (const { key, value } of sliders) this.set(key, value);
  }

  /** @param {Slider[]} sliders */
  build(sliders) {
    this.inputs.clear();
    const document = this.root.ownerDocument;
    this.root.replaceChildren(...sliders.map(({ key, title, unit, least, most, step }) => {
      const label = document.createElement("label");
      const name = document.createElement("span");
      const value = document.createElement("output");
      const input = document.createElement("input");
      name.textContent = title;
      Object.assign(input, { type: "range", min: `${least}`, max: `${most}`, step: `${step}` });
      input.dataset.unit = unit;
      input.addEventListener("input", () => this.move(key));
      input.addEventListener("change", () => this.send());
      label.append(name, value, input);
      this.inputs.set(key, input);
      return label;
    }));
  }

  /**
   * @param {string} key
   * @param {number} value
   */
  set(key, value) {
    const input = this.inputs.get(key);
    if (!input) return;
    input.value = `${value}`;
    this.tell(input);
  }

  /** @param {HTMLInputElement} input */
  tell(input) {
    const unit = input.dataset.unit ?? "";
    const text = unit === "" ? input.value : unit === "°" ? `${input.value}°` : `${input.value} ${unit}`;
    /** @type {HTMLElement} */ (input.previousElementSibling).textContent = text;
    input.setAttribute("aria-valuetext", text);
  }

  /** @param {string} key */
  move(key) {
    this.tell(/** @type {HTMLInputElement} */ (this.inputs.get(key)));
    this.changed = true;
    if (this.timer === undefined) this.send();
  }

  send() {
    if (!this.changed) return;
    this.changed = false;
    this.number += 1;
    const values = Object.fromEntries([...this.inputs].map(([key, input]) => [key, input.valueAsNumber]));
    this.report({ values, number: this.number });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.send();
    }, PAUSE);
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
