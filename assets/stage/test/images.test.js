import assert from "node:assert/strict";
import { test } from "node:test";
import { Images, imagesOfPage } from "../images.js";
import { forAll } from "./helpers.js";

const [A, B, C] = [1, 2, 3].map((value) => Uint8Array.of(value));

/** A stage that writes down which images it is handed. */
function makeStage() {
  /** @type {unknown[]} */
  const seen = [];
  return { seen, take: (/** @type {unknown} */ image) => void seen.push(image) };
}

test("an image that is there is handed over at once", () => {
  const images = new Images();
  const stage = makeStage();
  images.put("a", A);
  images.fetch(stage, "a", stage.take);
  assert.deepEqual(stage.seen, [A]);
});

test("an image that comes later is handed over when it comes, once", () => {
  const images = new Images();
  const stage = makeStage();
  images.fetch(stage, "a", stage.take);
  images.put("b", B);
  assert.deepEqual(stage.seen, []);
  images.put("a", A);
  images.put("a", A);
  assert.deepEqual(stage.seen, [A]);
});

test("a stage waits for the last image that it asked for and for no other", () => {
  const images = new Images();
  const stage = makeStage();
  images.fetch(stage, "a", stage.take);
  images.fetch(stage, "b", stage.take);
  images.put("a", A);
  assert.deepEqual(stage.seen, []);
  images.put("b", B);
  assert.deepEqual(stage.seen, [B]);
});

test("an image that is there ends the waiting for one that is not", () => {
  const images = new Images();
  const stage = makeStage();
  images.put("b", B);
  images.fetch(stage, "a", stage.take);
  images.fetch(stage, "b", stage.take);
  images.put("a", A);
  assert.deepEqual(stage.seen, [B]);
});

test("several stages may wait for one image, and those that are gone are not told", () => {
  const images = new Images();
  const stages = [makeStage(), makeStage(), makeStage()];
  for (const stage of stages) images.fetch(stage, "a", stage.take);
  images.forget(stages[1]);
  images.put("a", A);
  assert.deepEqual(stages.map(({ seen }) => seen), [[A], [], [A]]);
});

test("the last two images are kept, and one that comes again is among the last", () => {
  const images = new Images();
  images.put("a", A);
  images.put("b", B);
  images.put("a", A);
  images.put("c", C);
  assert.deepEqual([...images.kept.keys()], ["a", "c"]);
});

test("whatever the order of messages, a stage shows the image of its last message in the end", () => {
  forAll(
    61,
    300,
    (random) => Array.from({ length: 12 }, () => ({ kind: random.pick(["put", "fetch"]), token: random.pick(["a", "b", "c"]) })),
    (events) => {
      const images = new Images();
      let shown = "";
      let wanted = "";
      const stage = {};
      for (const { kind, token } of events) {
        if (kind === "put") images.put(token, A);
        else {
          wanted = token;
          images.fetch(stage, token, () => void (shown = token));
        }
      }
      images.put(wanted, A); // the instance with the image is always given the one of now
      assert.equal(shown, wanted);
    },
  );
});

test("all who ask for the images of the page get the same", () => {
  assert.equal(imagesOfPage(), imagesOfPage());
  assert.ok(imagesOfPage() instanceof Images);
});
