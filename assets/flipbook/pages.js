/** Where a flipbook is open, and what its buttons and keys make of that. Pages are counted from 0. */

/** @import { Action as StageAction } from "../stage/keys.js" */

/**
 * @typedef {{page: number, pages: number, playing: boolean}} Place
 * @typedef {"Play" | "Step forward" | "Step back" | "Far forward" | "Far back" | "To start" | "To end"} Action
 */

/** Milliseconds that a page is shown while playing: of short books, and of all pages of a long one together. */
const LONGEST = 650;
const WHOLE = 20_000;
const SHORTEST = 120;

/**
 * @param {number} pages
 * @returns {number} milliseconds for each page
 */
export function pace(pages) {
  return Math.max(SHORTEST, Math.min(LONGEST, Math.round(WHOLE / pages)));
}

/**
 * @param {Place} place
 * @param {number} page of any value; the nearest that there is counts
 * @returns {Place} at rest there
 */
export function at(place, page) {
  const last = place.pages - 1;
  return { ...place, playing: false, page: Math.max(0, Math.min(last, Number.isFinite(page) ? Math.round(page) : 0)) };
}

/**
 * @param {Place} place
 * @param {Action} action
 * @returns {Place}
 */
export function after(place, action) {
  const last = place.pages - 1;
  const tenth = Math.max(1, Math.round(place.pages / 10));
  switch (action) {
    case "Play":
      if (place.playing) return { ...place, playing: false };
      // From the end it begins again.
      return { ...place, playing: last > 0, page: place.page === last ? 0 : place.page };
    case "Step forward": return at(place, place.page + 1);
    case "Step back": return at(place, place.page - 1);
    case "Far forward": return at(place, place.page + tenth);
    case "Far back": return at(place, place.page - tenth);
    case "To start": return at(place, 0);
    case "To end": return at(place, last);
  }
}

/**
 * @param {Place} place that is playing
 * @returns {Place} a page on; at rest on the last one
 */
export function ticked(place) {
  const page = Math.min(place.page + 1, place.pages - 1);
  return { ...place, page, playing: place.playing && page < place.pages - 1 };
}

/**
 * The actions of the stage that a flipbook has, too.
 *
 * @param {StageAction | null} action
 * @returns {Action | null}
 */
export function ofBook(action) {
  switch (action) {
    case "Cell forward": return "Step forward";
    case "Cell back": return "Step back";
    case "Play": case "Step forward": case "Step back": case "Far forward": case "Far back": case "To start":
    case "To end":
      return action;
    default: return null;
  }
}
