// Readers of what the other workloads do. One follows each event's log to its end by `wait`, as a screen does, now at this gateway and
// now at that; the other reads the newest entries.
import { pause } from '../../e2e/parts/processes.mjs';

const bare = (entries) => entries.map(({ index, seq, kind, actor_id, payload }) => ({ index: Number(index), seq: Number(seq), kind, actor_id, payload }));

// Entries are kept without what nobody compares.
function kept(record) {
    if (record.outcome === 'done') record.body = { ...record.body, entries: bare(record.body.entries) };
    return record;
}

async function readLog(client, event, kind, from, wait) {
    const route = `/events/${event.id}/log?from=${from}&limit=500${wait ? `&wait=${wait}` : ''}`;
    return client.ask({
        actor: event.god.id,
        kind,
        event: event.id,
        args: { from },
        method: 'GET',
        route,
        token: event.god.token,
        patience_ms: 0,
        trim: kept,
    });
}

export async function follow(client, event, going) {
    for (let from = 1; going();) {
        const record = await readLog(client, event, 'follow', from, '2s');
        if (record.outcome === 'done') from = Number(record.body.next);
        else await pause(100);
    }
}

// Looks, at some moment, at what is new since it looked last.
export async function look(client, event, going, random) {
    for (let from = 1; going(); await pause(20 + random.below(200))) {
        const record = await readLog(client, event, 'look', from);
        if (record.outcome === 'done') from = Math.max(1, Number(record.body.next) - 2);
    }
}
