import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../stage/test/helpers.js";
import { START, received, sending } from "../sync.js";

/** @import { Stamp, Sync } from "../sync.js" */

/**
 * @param {number} revision
 * @param {number} answered
 * @returns {Stamp}
 */
function stamp(revision, answered, feature = 0) {
  return { feature, revision, answered };
}

test("the first message is shown, and so is every other while nothing was painted", () => {
  let sync = START;
  for (const revision of [4, 5, 5, 9, 2]) {
    const course = received(sync, stamp(revision, 0), false);
    assert.equal(course.take, true);
    sync = course.sync;
  }
});

test("the echo of an older stroke does not undo a newer one; the answer to the last is shown, whatever it says", () => {
  let { sync } = received(START, stamp(1, 0), false);
  const first = sending(sync);
  const second = sending(first.sync);
  assert.deepEqual([first.number, second.number], [1, 2]);
  assert.deepEqual([first.base, second.base], [1, 1]);
  const echo = received(second.sync, stamp(2, 1), false);
  assert.equal(echo.take, false);
  const repeated = received(echo.sync, stamp(1, 0), false);
  assert.equal(repeated.take, false);
  const answer = received(repeated.sync, stamp(3, 2), false);
  assert.equal(answer.take, true);
  assert.equal(sending(answer.sync).base, 3);
  assert.equal(sending(answer.sync).number, 3);
});

test("an undo of the session is shown after the last answer", () => {
  const { sync } = sending(received(START, stamp(1, 0), false).sync);
  const answered = received(sync, stamp(2, 1), false).sync;
  assert.equal(received(answered, stamp(3, 1), false).take, true);
});

test("while a stroke lasts nothing is shown but another feature", () => {
  const { sync } = received(START, stamp(1, 0), false);
  assert.equal(received(sync, stamp(2, 0), true).take, false);
  assert.equal(received(sync, stamp(2, 0, 1), true).take, true);
});

test("after a mount anew numbers go on from what the server has seen, and a new session begins from 0", () => {
  const { sync } = received(START, stamp(7, 5), false);
  const next = sending(sync);
  assert.equal(next.number, 6);
  const anew = received(next.sync, stamp(1, 0), false);
  assert.equal(anew.take, true);
  assert.equal(sending(anew.sync).number, 1);
});

test("whatever the delays, in the end both sides show the same", () => {
  const random = new Random(31);
  for (let run = 0; run < 300; run++) {
    // A server that takes each report in order, and may change the kernel by itself; both ways are delayed.
    const server = { revision: 1, answered: 0, value: 0 };
    /** @type {{number: number, value: number}[]} */
    const up = [];
    /** @type {(Stamp & {value: number})[]} */
    const down = [{ ...stamp(1, 0), value: 0 }];
    /** @type {Sync} */
    let sync = START;
    let shown = NaN;
    const answer = () => down.push({ ...stamp(server.revision, server.answered), value: server.value });
    const tick = (/** @type {number} */ what) => {
      if (what === 0 && sync.seen) {
        const sent = sending(sync);
        sync = sent.sync;
        shown = 1000 + random.integer(0, 999);
        up.push({ number: sent.number, value: shown });
      } else if (what === 1 && up.length > 0) {
        const { number, value } = /** @type {{number: number, value: number}} */ (up.shift());
        Object.assign(server, { revision: server.revision + 1, answered: number, value });
        answer();
      } else if (what === 2 && down.length > 0) {
        const message = /** @type {Stamp & {value: number}} */ (down.shift());
        const last = shown;
        const course = received(sync, message, false);
        const newer = sync.sent > message.answered && sync.seen;
        sync = course.sync;
        if (course.take) shown = message.value;
        if (newer) assert.equal(shown, last, "what was painted last is not undone");
      } else if (what === 3) {
        Object.assign(server, { revision: server.revision + 1, value: random.integer(0, 999) });
        answer();
      }
    };
    for (let i = 0; i < 60; i++) tick(random.integer(0, 3));
    while (up.length > 0) tick(1);
    while (down.length > 0) tick(2);
    assert.equal(shown, server.value);
  }
});
