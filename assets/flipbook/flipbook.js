/** A flipbook: drawings that are shown one at a time, with their words, without asking the server. */

import { actionOf } from "../stage/keys.js";
import { disable, element, setButton } from "../stage/parts.js";
import { drawingOf, highest } from "./drawing.js";
import { after, at, ofBook, pace, ticked } from "./pages.js";

/** @import { Book } from "./message.js" */
/** @import { Action, Place } from "./pages.js" */

/** The width, in CSS pixels, from which on the wide drawings are shown; as in `ui/svg.py`. */
const WIDE = 640;
/** Milliseconds without another step after which a place is one of rest. */
const REST = 300;

const BUTTONS = /** @type {const} */ (["To start", "Step back", "Play", "Step forward", "To end"]);

/** @param {HTMLElement} root an empty one */
function buildParts(root) {
  const buttons = /** @type {Record<typeof BUTTONS[number], HTMLButtonElement>} */ ({});
  for (const name of BUTTONS) {
    buttons[name] = /** @type {HTMLButtonElement} */ (element("button", { type: "button", class: "button" }));
    setButton(buttons[name], name);
  }
  buttons.Play.classList.add("primary");
  const sheet = element("div", { class: "sheet", tabindex: "0", role: "img", "data-testid": "flipbook-page" });
  const slider = /** @type {HTMLInputElement} */ (
    element("input", { type: "range", min: "0", step: "1", class: "timeline", "aria-label": "Step", "data-testid": "flipbook-slider" })
  );
  const counter = element("span", { class: "counter", "aria-hidden": "true" });
  const words = element("p", { class: "words", "aria-live": "polite", "data-testid": "flipbook-words" });
  const box = element("div", { class: "flipbook", role: "group", "data-testid": "flipbook" },
    sheet,
    element("div", { class: "bar" },
      element("div", { class: "buttons" }, ...Object.values(buttons)),
      element("div", { class: "scrub" }, slider, counter)),
    words);
  root.append(box);
  return { box, sheet, buttons, slider, counter, words };
}

export class Flipbook {
  /**
   * @param {HTMLElement} root
   * @param {(page: number) => void} report is told where it comes to rest
   */
  constructor(root, report) {
    this.report = report;
    this.parts = buildParts(root);
    /** @type {Book | null} */
    this.book = null;
    /** @type {Place} */
    this.place = { page: 0, pages: 1, playing: false };
    this.wide = true;
    this.reported = -1;
    /** What is in the sheet, so that a page is not built twice. */
    this.shown = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.turning = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined;
    const { box, buttons, slider } = this.parts;
    for (const name of BUTTONS) buttons[name].onclick = () => this.act(name);
    slider.oninput = () => this.go(at(this.place, Number(slider.value)));
    box.onkeydown = (event) => this.key(event);
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(box);
  }

  /** @param {Book} book */
  receive(book) {
    const before = this.book;
    this.book = book;
    this.shown = "";
    const { box, sheet, slider } = this.parts;
    const pages = book.words.length;
    const turned = !before || before.turn !== book.turn;
    const { playing } = this.place;
    const place = at({ ...this.place, pages }, turned ? book.page : this.place.page);
    this.place = { ...place, playing: playing && !turned && place.page < pages - 1 };
    if (turned) this.reported = place.page;
    box.setAttribute("aria-label", book.label);
    sheet.setAttribute("aria-label", `${book.label}: drawing. Space plays, the arrow keys step, Home and End go to the ends`);
    slider.max = String(pages - 1);
    this.wide = this.isWide();
    this.go(this.place);
  }

  isWide() {
    return this.parts.box.clientWidth >= WIDE;
  }

  measure() {
    const wide = this.isWide();
    if (wide === this.wide || !this.book) return;
    this.wide = wide;
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    const action = ofBook(actionOf(event.key, event.shiftKey, target.localName));
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    this.act(action);
  }

  /** @param {Action} action */
  act(action) {
    this.go(after(this.place, action));
  }

  /** @param {Place} place */
  go(place) {
    this.place = place;
    clearTimeout(this.turning);
    clearTimeout(this.resting);
    if (place.playing) this.turning = setTimeout(() => this.go(ticked(this.place)), pace(place.pages));
    else this.resting = setTimeout(() => this.rest(), REST);
    this.draw();
  }

  rest() {
    if (this.place.page === this.reported) return;
    this.reported = this.place.page;
    this.report(this.place.page);
  }

  draw() {
    const { book, place: { page, pages, playing } } = this;
    if (!book) return;
    const { box, sheet, buttons, slider, counter, words } = this.parts;
    const drawings = this.wide ? book.wide : book.narrow;
    if (drawings[page] !== this.shown) {
      // All pages take the room of the highest: what stands below does not move.
      sheet.style.aspectRatio = `1 / ${highest(drawings)}`;
      sheet.classList.toggle("narrow", !this.wide);
      sheet.replaceChildren(drawingOf(drawings[page]));
      this.shown = drawings[page];
    }
    box.dataset.page = String(page);
    box.dataset.pages = String(pages);
    slider.value = String(page);
    slider.setAttribute("aria-valuetext", `${page + 1} of ${pages}`);
    counter.textContent = `${page + 1} of ${pages}`;
    setButton(buttons.Play, playing ? "Pause" : "Play");
    disable(buttons.Play, pages === 1);
    for (const name of /** @type {const} */ (["To start", "Step back"])) disable(buttons[name], page === 0);
    for (const name of /** @type {const} */ (["Step forward", "To end"])) disable(buttons[name], page === pages - 1);
    // A listener could not follow every page of a play: it is read out where it stops.
    const live = playing ? "off" : "polite";
    if (words.getAttribute("aria-live") !== live) {
      words.setAttribute("aria-live", live);
      words.textContent = "";
    }
    if (words.textContent !== book.words[page]) words.textContent = book.words[page];
  }

  destroy() {
    clearTimeout(this.turning);
    clearTimeout(this.resting);
    this.observer.disconnect();
    this.parts.box.remove();
  }
}
