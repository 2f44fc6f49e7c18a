// Reads: nothing that is not in the log, nothing older than what was acknowledged before they began (but for 250 ms), and no gap for
// who follows.
import { headOf, isLogRead, isNumbered } from './events.mjs';

const STALE_MS = 250;

const isIn = (log) => (entry) => {
    const there = log.entries[entry.seq - 1];
    return there && there.kind === entry.kind && there.actor_id === entry.actor_id && there.payload === entry.payload;
};

export function checkPhantoms({ log, records }) {
    const told = (entry) => ({ seq: entry.seq, kind: entry.kind, actor_id: entry.actor_id });
    return records.filter(isLogRead).flatMap((read) => {
        const missing = read.body.entries.filter((entry) => !isIn(log)(entry));
        return missing.length
            ? [
                  {
                      check: 'phantoms',
                      event: log.id,
                      what: 'a read showed entries that are not in the log',
                      read: read.id,
                      entries: missing.map(told),
                  },
              ]
            : [];
    });
}

export function checkStale({ log, records, windows }) {
    return records.filter(isLogRead).flatMap((read) => {
        const acknowledged = windows.before(read.start - STALE_MS),
            shown = headOf(log, read);
        return shown < acknowledged
            ? [
                  {
                      check: 'stale',
                      event: log.id,
                      what: 'a read is older than what was acknowledged before it',
                      read: read.id,
                      gateway: read.attempts[0].gateway,
                      shown,
                      acknowledged,
                  },
              ]
            : [];
    });
}

// What people see of the seats was so at a moment of the read, or of the 250 ms before.
export function checkSeen({ log, records, windows, states }) {
    const seen = records.filter(({ kind, outcome }) => kind === 'see' && outcome === 'done');
    return seen.flatMap((read) => {
        const { seats_taken, players } = read.body.event;
        const shown = players
            .map(({ user_id }) => user_id)
            .sort()
            .join();
        const fits = (state) => state.taken.length === seats_taken && [...state.taken].sort().join() === shown;
        const [from, to] = [windows.before(read.start - STALE_MS), windows.after(read.end)];
        return states.slice(from, to + 1).some(fits)
            ? []
            : [
                  {
                      check: 'seen',
                      event: log.id,
                      what: 'the seats were never so while they were read',
                      read: read.id,
                      from,
                      to,
                      seats_taken,
                      shown,
                  },
              ];
    });
}

export function checkFollowed({ log, records }) {
    const anomalies = [];
    let next = 1;
    for (const read of records.filter((record) => isLogRead(record) && record.kind === 'follow')) {
        const numbers = read.body.entries.map(({ index }) => index);
        const gap = read.args.from !== next || read.body.entries.some((entry, i) => entry.index !== next + i || !isNumbered(log, entry));
        if (gap)
            anomalies.push({
                check: 'followed',
                event: log.id,
                what: 'who follows the log was told with a gap, or twice',
                read: read.id,
                expected: next,
                numbers,
            });
        next = Number(read.body.next);
    }
    return anomalies;
}
