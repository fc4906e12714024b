/**
 * Whose kernel is shown: that of the server, unless a newer one was painted here and is on its way there.
 *
 * Every report carries a number that grows, and every message the number of the last report that the server had seen
 * when it wrote it. A message that answers an older report would undo what was painted since: it is passed over, for
 * the one that answers the last report is still to come.
 *
 * @typedef {{feature: number, revision: number, answered: number}} Stamp of a message
 * @typedef {{sent: number, seen: Stamp | null}} Sync
 */

/** @type {Sync} */
export const START = { sent: 0, seen: null };

/**
 * @param {Sync} sync
 * @param {Stamp} stamp of a message that has come
 * @param {boolean} busy whether a stroke lasts
 * @returns {{sync: Sync, take: boolean}} whether its kernel and its map shall be shown
 */
export function received({ sent, seen }, stamp, busy) {
  // Another feature was chosen, or a session has begun anew: what was painted before belongs elsewhere.
  const fresh = !seen || stamp.feature !== seen.feature || stamp.answered < seen.answered;
  if (!fresh && (busy || stamp.answered < sent)) return { sync: { sent, seen }, take: false };
  return { sync: { sent: fresh ? stamp.answered : Math.max(sent, stamp.answered), seen: stamp }, take: true };
}

/**
 * The number of the next report, and the revision that it is based on.
 *
 * @param {Sync} sync
 * @returns {{sync: Sync, number: number, base: number}}
 */
export function sending({ sent, seen }) {
  return { sync: { sent: sent + 1, seen }, number: sent + 1, base: seen?.revision ?? 0 };
}
