/** Slots that end by themselves, one every `ms`; those for which the timer came late end together. Answers with what stops them. */
export function startSlots(cluster, ms) {
  let ended = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - ended) / ms);
    if (due === 0) return;
    ended += due * ms;
    cluster.advance(due);
  }, ms);
  return () => clearInterval(timer);
}
