/**
 * Time on the stage, as a value: which step, whether it plays, how fast. Every function returns a new clock.
 *
 * @typedef {object} Clock
 * @property {number} steps how many there are, at least 1
 * @property {number} step from 0
 * @property {number} fraction of the way to the next step, 0 ≤ fraction < 1
 * @property {boolean} playing
 * @property {number} speed steps a second
 */

export const SLOWEST = 0.5;

/**
 * @param {number} steps
 * @param {number} [step]
 * @param {number} [speed]
 * @returns {Clock}
 */
export function makeClock(steps, step = 0, speed = 8) {
  return { steps, step: bounded(step, steps), fraction: 0, playing: false, speed };
}

/**
 * The clock after `seconds` more. It stops by itself on the last step.
 *
 * @param {Clock} clock
 * @param {number} seconds
 * @returns {Clock}
 */
export function tick(clock, seconds) {
  if (!clock.playing) return clock;
  const moved = clock.step + clock.fraction + Math.max(0, seconds) * clock.speed;
  const last = clock.steps - 1;
  if (moved >= last) return { ...clock, step: last, fraction: 0, playing: false };
  const step = Math.floor(moved);
  return { ...clock, step, fraction: moved - step };
}

/**
 * From the last step it begins again.
 *
 * @param {Clock} clock
 * @returns {Clock}
 */
export function play(clock) {
  const step = clock.step >= clock.steps - 1 ? 0 : clock.step;
  return { ...clock, step, fraction: 0, playing: clock.steps > 1 };
}

/**
 * @param {Clock} clock
 * @returns {Clock}
 */
export function pause(clock) {
  return { ...clock, playing: false, fraction: 0 };
}

/**
 * Go to a step and stay there.
 *
 * @param {Clock} clock
 * @param {number} step
 * @returns {Clock}
 */
export function seek(clock, step) {
  return { ...clock, step: bounded(step, clock.steps), fraction: 0, playing: false };
}

/**
 * @param {Clock} clock
 * @param {number} speed
 * @returns {Clock}
 */
export function withSpeed(clock, speed) {
  return { ...clock, speed };
}

/**
 * The speeds of the slider, from 0 to 1: equal ways are equal ratios.
 *
 * @param {number} position
 * @param {number} steps
 */
export function speedAt(position, steps) {
  return SLOWEST * (fastest(steps) / SLOWEST) ** position;
}

/**
 * @param {number} speed
 * @param {number} steps
 */
export function positionOfSpeed(speed, steps) {
  const position = Math.log(speed / SLOWEST) / Math.log(fastest(steps) / SLOWEST);
  return Math.min(1, Math.max(0, position));
}

/** A whole map in four seconds, or 1000 steps a second, whichever is more.
 * @param {number} steps
 */
function fastest(steps) {
  return Math.max(1000, steps / 4);
}

/**
 * @param {number} step
 * @param {number} steps
 */
function bounded(step, steps) {
  return Math.min(Math.max(Math.trunc(step) || 0, 0), steps - 1);
}
