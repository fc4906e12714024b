import assert from "node:assert/strict";
import { test } from "node:test";
import {
  SLOWEST, makeClock, move, pause, play, position as partsBefore, positionOfSpeed, seek, speedAt, tick, withParts,
  withSpeed,
} from "../clock.js";
import { forAll } from "./helpers.js";

/** @import { Clock } from "../clock.js" */
/** @import { Random } from "./helpers.js" */

/** @param {Clock} clock */
const position = (clock) => partsBefore(clock) + clock.fraction;

/** @param {Random} random */
function anyClock(random) {
  const steps = random.integer(1, 400);
  return makeClock(steps, random.integer(0, steps - 1), random.real(0.5, 60), random.pick([1, 6]));
}

/**
 * Whatever a person may do with the stage.
 *
 * @param {Random} random
 * @param {Clock} clock
 */
function anyMove(random, clock) {
  return random.pick([
    () => seek(clock, random.integer(-5, clock.steps + 5)),
    () => play(clock),
    () => pause(clock),
    () => tick(clock, random.real(0, 3)),
    () => withSpeed(clock, random.real(0.5, 1000)),
    () => move(clock, random.integer(-20, 20)),
    () => withParts(clock, random.pick([1, 6]), random.real(0.5, 60)),
  ])();
}

test("a new clock stands still at its step, all of it done", () => {
  const still = { steps: 10, step: 3, fraction: 0, playing: false, speed: 5 };
  assert.deepEqual(makeClock(10, 3, 5), { ...still, parts: 1, part: 0 });
  assert.deepEqual(makeClock(10, 3, 5, 6), { ...still, parts: 6, part: 5 });
});

test("whatever was done before, seeking a step gives one and the same place", () => {
  forAll(
    1,
    300,
    (random) => {
      let clock = anyClock(random);
      for (let i = 0; i < 12; i++) clock = anyMove(random, clock);
      return { clock, step: random.integer(0, clock.steps - 1) };
    },
    ({ clock, step }) => {
      assert.deepEqual(seek(clock, step), makeClock(clock.steps, step, clock.speed, clock.parts));
    },
  );
});

test("every clock stands on one of its steps, less than a step on the way to the next", () => {
  forAll(
    2,
    300,
    (random) => {
      const clocks = [anyClock(random)];
      for (let i = 0; i < 20; i++) clocks.push(anyMove(random, clocks[i]));
      return clocks;
    },
    (clocks) => {
      for (const { step, steps, parts, part, fraction, playing } of clocks) {
        assert.ok(Number.isInteger(step) && step >= 0 && step < steps);
        assert.ok(Number.isInteger(part) && part >= 0 && part < parts);
        assert.ok(fraction >= 0 && fraction < 1);
        assert.ok(!(playing && step === steps - 1 && part === parts - 1), "on the last part nothing plays on");
      }
    },
  );
});

test("no function changes the clock it is given", () => {
  forAll(
    3,
    100,
    (random) => ({ random, clock: Object.freeze(anyClock(random)) }),
    ({ random, clock }) => {
      const before = { ...clock };
      for (let i = 0; i < 10; i++) anyMove(random, clock);
      assert.deepEqual(clock, before);
    },
  );
});

test("many short ticks come as far as one long one", () => {
  forAll(
    4,
    500,
    (random) => ({
      clock: play(anyClock(random)),
      parts: Array.from({ length: random.integer(1, 60) }, () => random.real(0, 0.2)),
    }),
    ({ clock, parts }) => {
      const whole = parts.reduce((sum, part) => sum + part, 0);
      const [once, often] = [tick(clock, whole), parts.reduce(tick, clock)];
      assert.ok(
        Math.abs(position(once) - position(often)) < 1e-9 * clock.steps,
        `${position(once)} and ${position(often)}`,
      );
      assert.equal(once.playing, often.playing);
    },
  );
});

test("a second takes the clock on by its speed", () => {
  const clock = tick(play(makeClock(100, 10, 8)), 1.75);
  assert.deepEqual([clock.step, clock.fraction, clock.playing], [24, 0, true]);
  assert.deepEqual(tick(clock, 0.0625), { ...clock, fraction: 0.5 });
});

test("time neither moves a paused clock nor runs backwards", () => {
  const paused = makeClock(10, 4);
  assert.deepEqual(tick(paused, 5), paused);
  const playing = tick(play(paused), 0.05);
  assert.deepEqual(tick(playing, -3), playing);
});

test("a playing clock stops by itself on the last step", () => {
  forAll(
    5,
    200,
    (random) => play(anyClock(random)),
    (clock) => {
      const ended = tick(clock, (clock.steps * clock.parts) / clock.speed);
      assert.deepEqual([ended.step, ended.fraction, ended.playing], [clock.steps - 1, 0, false]);
      assert.deepEqual(tick(ended, 100), ended);
    },
  );
});

test("playing at the end starts again from the beginning, elsewhere goes on", () => {
  assert.deepEqual([play(makeClock(10, 9)).step, play(makeClock(10, 9)).playing], [0, true]);
  assert.deepEqual([play(makeClock(10, 8)).step, play(makeClock(10, 8)).playing], [8, true]);
});

test("a single step has nothing to play", () => {
  assert.equal(play(makeClock(1)).playing, false);
});

test("pausing stays on the step that was shown", () => {
  const clock = pause(tick(play(makeClock(50, 7, 4)), 0.6));
  assert.deepEqual([clock.step, clock.fraction, clock.playing], [9, 0, false]);
});

test("seeking stops, and stays within the steps whatever is asked for", () => {
  const clock = play(makeClock(10, 5));
  const found = [-3, -Infinity, -0.5, NaN, 4.9, 9, 10, 1e300, Infinity].map((step) => seek(clock, step));
  assert.deepEqual(
    found.map(({ step }) => step),
    [0, 0, 0, 0, 4, 9, 9, 9, 9],
  );
  for (const { playing, fraction } of found) assert.deepEqual([playing, fraction], [false, 0]);
  assert.equal(makeClock(10, NaN).step, 0);
});

test("another speed goes on from the same place", () => {
  const clock = tick(play(makeClock(10, 5, 2)), 0.3);
  assert.deepEqual(withSpeed(clock, 9), { ...clock, speed: 9 });
});

test("the speed slider and its speeds are inverse, and faster is further right", () => {
  forAll(
    6,
    500,
    (random) => ({ at: random.next(), next: random.next(), steps: random.integer(1, 10 ** random.integer(1, 7)) }),
    ({ at, next, steps }) => {
      assert.ok(Math.abs(positionOfSpeed(speedAt(at, steps), steps) - at) < 1e-9);
      assert.equal(Math.sign(speedAt(next, steps) - speedAt(at, steps)), Math.sign(next - at));
    },
  );
});

test("equal ways of the slider are equal ratios of speed", () => {
  const ratio = (/** @type {number} */ from) => speedAt(from + 0.1, 3844) / speedAt(from, 3844);
  for (const from of [0, 0.33, 0.7, 0.9]) assert.ok(Math.abs(ratio(from) / ratio(0.5) - 1) < 1e-9);
});

test("a speed that the slider does not reach sits at its nearest end", () => {
  assert.deepEqual([positionOfSpeed(1e9, 100), positionOfSpeed(1e-9, 100)], [1, 0]);
});

test("the slider begins at a cell every two seconds", () => {
  for (const steps of [1, 3844, 1e6]) assert.equal(speedAt(0, steps), SLOWEST);
  assert.equal(SLOWEST, 0.5);
});

test("at full speed a whole map is over in four seconds, be it 62 × 62 or a photo", () => {
  for (const steps of [2, 62 * 62, 510 * 510, 4094 * 4094]) {
    const ended = tick(play(makeClock(steps, 0, speedAt(1, steps))), 4);
    assert.deepEqual([ended.step, ended.playing], [steps - 1, false], `${steps} steps`);
  }
});

test("moving on and back by as much comes back to the same part, unless an end was met", () => {
  forAll(31, 300, (random) => ({ clock: anyClock(random), by: random.integer(-30, 30) }), ({ clock, by }) => {
    const there = move(clock, by);
    const wanted = partsBefore(clock) + by;
    if (wanted >= 0 && wanted < clock.steps * clock.parts) {
      assert.equal(partsBefore(there), wanted);
      assert.deepEqual(move(there, -by), pause(clock));
    } else {
      assert.equal(partsBefore(there), wanted < 0 ? 0 : clock.steps * clock.parts - 1);
    }
  });
});

test("six moves with sub-steps are one step without", () => {
  forAll(32, 100, (random) => random.integer(2, 300), (steps) => {
    const whole = move(makeClock(steps, 0, 5), 1);
    let parts = makeClock(steps, 0, 5, 6);
    for (let i = 0; i < 6; i++) parts = move(parts, 1);
    assert.deepEqual([parts.step, parts.part], [whole.step, 5]);
  });
});

test("showing the sub-steps, or not, keeps the step", () => {
  forAll(33, 200, anyClock, (clock) => {
    const shown = withParts(clock, 6, 2);
    assert.deepEqual([shown.step, shown.part, shown.speed], [clock.step, 5, 2]);
    assert.equal(withParts(shown, 1, 8).step, clock.step);
  });
});

test("the slowest pace is a sub-step in two seconds", () => {
  const clock = play({ ...makeClock(10, 0, SLOWEST, 6), part: 0 });
  assert.deepEqual([tick(clock, 1.99).part, tick(clock, 2).part], [0, 1]);
});
