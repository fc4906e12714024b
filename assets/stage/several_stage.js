/** A stage among others: it has no timeline of its own, and goes where the group goes. */

import { position } from "./clock.js";
import { Stage } from "./stage.js";

/** @import { Clock } from "./clock.js" */
/** @import { Focus, Scene } from "./scene.js" */

/**
 * @typedef {object} Group what a stage tells the others, about itself
 * @property {(cell: {row: number, col: number} | null, focus: Focus | null) => void} attend what is pointed at
 * @property {(row: number, col: number) => void} visit a cell that is asked for
 * @property {(focus: Focus | null) => void} pin what a click holds
 */

export class CompactStage extends Stage {
  /**
   * @param {HTMLElement} root an empty element
   * @param {Group} group
   */
  constructor(root, group) {
    super(root);
    this.group = group;
    /** How many cells of the map are filled in. */
    this.filled = 1;
    this.parts.box.classList.add("compact");
  }

  /** @param {string} title that tells it from the others */
  name(title) {
    this.parts.box.setAttribute("aria-label", `Convolution stage, ${title}`);
  }

  /**
   * Be at a part of a step, or on the way from it.
   *
   * @param {Clock} clock which does not play: the group's does
   * @param {number} filled
   * @param {boolean} gliding whether what leads there shall be seen
   */
  stand(clock, filled, gliding) {
    /** @type {Stage} */
    const stage = this;
    const moves = position(clock) !== position(stage.clock);
    stage.clock = clock;
    this.filled = filled;
    if (moves) {
      this.glide = gliding && !this.reducedMotion.matches ? 0 : 1;
      this.follow();
    }
    this.invalidate();
  }

  /**
   * Point at a cell, or a pixel, because another stage does.
   *
   * @param {{row: number, col: number} | null} pointed
   * @param {Focus | null} focus
   */
  join(pointed, focus) {
    super.attend(pointed, focus);
  }

  /**
   * @param {{row: number, col: number} | null} pointed
   * @param {Focus | null} focus
   */
  attend(pointed, focus) {
    super.attend(pointed, focus);
    this.group.attend(pointed, focus);
  }

  /**
   * @param {number} row
   * @param {number} col
   */
  visit(row, col) {
    this.group.visit(row, col);
  }

  /** @param {MouseEvent} event */
  click(event) {
    super.click(event);
    this.group.pin(this.pinned);
  }

  /**
   * @param {Clock} clock
   * @param {boolean} still
   * @returns {Scene}
   */
  sceneAt(clock, still) {
    const scene = super.sceneAt(clock, still);
    // It may have come farther before: a coarse stride goes back to the row's beginning with each row of a finer one.
    return this.filled > this.clock.step + 1 ? { ...scene, revealed: this.filled } : scene;
  }

  // The group reads out where all are, has the keys, and reports to nobody.

  key() {}

  readOut() {}

  settle() {}

  report() {}
}
