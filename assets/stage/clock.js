/**
 * Time on the stage, as a value: which step, which part of it, whether it plays, how fast. Every function returns a
 * new clock.
 *
 * A step is a cell of the map. It has one part, or several where its sub-steps are shown; a clock that was sent to a
 * step stands on the step's last part, where the cell is written.
 *
 * @typedef {object} Clock
 * @property {number} steps how many there are, at least 1
 * @property {number} step from 0
 * @property {number} parts of each step, at least 1
 * @property {number} part from 0
 * @property {number} fraction of the way to the next part, 0 ≤ fraction < 1
 * @property {boolean} playing
 * @property {number} speed parts a second
 */

export const SLOWEST = 0.5;

/**
 * @param {number} steps
 * @param {number} [step]
 * @param {number} [speed]
 * @param {number} [parts]
 * @returns {Clock}
 */
export function makeClock(steps, step = 0, speed = 8, parts = 1) {
  return { steps, step: bounded(step, steps), parts, part: parts - 1, fraction: 0, playing: false, speed };
}

/**
 * The clock after `seconds` more. It stops by itself on the last part of the last step.
 *
 * @param {Clock} clock
 * @param {number} seconds
 * @returns {Clock}
 */
export function tick(clock, seconds) {
  if (!clock.playing) return clock;
  const moved = position(clock) + clock.fraction + Math.max(0, seconds) * clock.speed;
  const last = clock.steps * clock.parts - 1;
  if (moved >= last) return { ...at(clock, last), playing: false };
  const whole = Math.floor(moved);
  return { ...at(clock, whole), fraction: moved - whole };
}

/**
 * From the last step it begins again.
 *
 * @param {Clock} clock
 * @returns {Clock}
 */
export function play(clock) {
  const last = clock.steps * clock.parts - 1;
  const from = position(clock) >= last ? 0 : position(clock);
  return { ...at(clock, from), playing: last > 0 };
}

/**
 * @param {Clock} clock
 * @returns {Clock}
 */
export function pause(clock) {
  return { ...clock, playing: false, fraction: 0 };
}

/**
 * Go to a step and stay there, at its last part.
 *
 * @param {Clock} clock
 * @param {number} step
 * @returns {Clock}
 */
export function seek(clock, step) {
  return { ...clock, step: bounded(step, clock.steps), part: clock.parts - 1, fraction: 0, playing: false };
}

/**
 * Go so many parts on, or back, and stay there.
 *
 * @param {Clock} clock
 * @param {number} parts
 * @returns {Clock}
 */
export function move(clock, parts) {
  return { ...at(clock, bounded(position(clock) + parts, clock.steps * clock.parts)), playing: false };
}

/**
 * Show the sub-steps of each step, or not; the step is kept.
 *
 * @param {Clock} clock
 * @param {number} parts
 * @param {number} speed parts a second
 * @returns {Clock}
 */
export function withParts(clock, parts, speed) {
  const playing = clock.playing && clock.step < clock.steps - 1;
  return { ...clock, parts, part: parts - 1, fraction: 0, speed, playing };
}

/**
 * What a button or a key of the timeline makes of a clock; null for what is not about time.
 *
 * @param {unknown} action
 * @param {Clock} clock
 * @param {number} across how many steps make a row
 * @returns {Clock | null}
 */
export function after(action, clock, across) {
  const { step, steps } = clock;
  switch (action) {
    case "Play":
      return clock.playing ? pause(clock) : play(clock);
    case "Step forward":
      return move(clock, 1);
    case "Step back":
      return move(clock, -1);
    case "Cell forward":
      return seek(clock, step + 1);
    case "Cell back":
      return seek(clock, step - 1);
    case "Next row":
      return seek(clock, step + across);
    case "Previous row":
      return seek(clock, step - across);
    case "Far forward":
      return seek(clock, step + Math.ceil(steps / 10));
    case "Far back":
      return seek(clock, step - Math.ceil(steps / 10));
    case "To start":
      return move(clock, -position(clock));
    case "To end":
      return seek(clock, steps - 1);
    default:
      return null;
  }
}

/** The parts that came before this one, in all.
 * @param {Clock} clock
 */
export function position({ step, parts, part }) {
  return step * parts + part;
}

/**
 * @param {Clock} clock
 * @param {number} where a position
 * @returns {Clock}
 */
function at(clock, where) {
  return { ...clock, step: Math.floor(where / clock.parts), part: where % clock.parts, fraction: 0 };
}

/**
 * As fast as asked for, or as the slider goes.
 *
 * @param {Clock} clock
 * @param {number} speed
 * @returns {Clock}
 */
export function withSpeed(clock, speed) {
  return { ...clock, speed: Math.min(Math.max(speed, SLOWEST), fastest(clock.steps * clock.parts)) };
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
