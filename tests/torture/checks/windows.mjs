// The moments of an event's log that a call may have met, from what was acknowledged before it began and what began only after it ended.
const byTime = (pairs) => pairs.sort((a, b) => a.at - b.at);

// made: [{record, seq}] of acknowledged or executed commands; reads: [{end, head}] of what was seen. Gives {before(time), after(time)}:
// the newest number that was surely there at the time, and the newest that may have been.
export function makeWindows(made, reads, last) {
    const floors = byTime([
        ...made.filter(({ record }) => record.outcome === 'done').map(({ record, seq }) => ({ at: record.acked, seq })),
        ...reads.map(({ end, head }) => ({ at: end, seq: head })),
    ]);
    const starts = byTime(made.map(({ record, seq }) => ({ at: record.start, seq })));
    for (let i = 1; i < floors.length; i++) floors[i].seq = Math.max(floors[i].seq, floors[i - 1].seq);
    for (let i = starts.length - 2; i >= 0; i--) starts[i].seq = Math.min(starts[i].seq, starts[i + 1].seq);
    const firstAt = (list, time) => {
        let low = 0,
            high = list.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (list[middle].at >= time) high = middle;
            else low = middle + 1;
        }
        return low;
    };
    const before = (time) => floors[firstAt(floors, time) - 1]?.seq ?? 0;
    const after = (time) => (starts[firstAt(starts, time)]?.seq ?? last + 1) - 1;
    return { before, after };
}
