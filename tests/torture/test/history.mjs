// Small histories for the tests of the checks: a table of two seats, a poll, and what its people were told.
let ids = 0;

export const EVENT = 'e1',
    GOD = 'g',
    ANNA = 'a',
    BEN = 'b',
    CLEO = 'c';

export const entry = (seq, kind, actor_id, fields = {}) => ({
    seq,
    kind,
    actor_id,
    fields: { ...fields },
    payload: `${seq}`,
    time_ms: 1000 + seq,
});

// A call that lasted from start to end, and was answered so.
export function call(
    kind,
    actor,
    [start, end],
    { status = 200, code, args = {}, body, event = EVENT, key = `k${ids}`, gateway = 0, digest = 'x' } = {},
) {
    const attempt = { gateway, start, end, status, code, digest: status < 300 && status > 0 ? digest : undefined };
    const outcome = status === 0 || status === 504 ? 'unknown' : status === 503 ? 'absent' : status < 300 ? 'done' : 'refused';
    return {
        id: ids++,
        actor,
        kind,
        event,
        args,
        key,
        start,
        end,
        acked: outcome === 'done' ? end : undefined,
        outcome,
        status,
        code,
        body,
        attempts: [attempt],
    };
}

export const log = (entries, more = {}) => ({
    id: EVENT,
    title: 'evening',
    max_players: 2,
    waitlist: false,
    store: 'shared',
    entries,
    differs: false,
    chain: { code: 0, says: '' },
    ...more,
});
export const opened = entry(1, 'OPENED', GOD);
export const create = () => call('create', GOD, [0, 1], { status: 201, args: { title: 'evening' } });
export const reserved = (seq, who, by = who) => entry(seq, 'RESERVED', by, { user_id: who });
export const freed = (seq, who, by = who) => entry(seq, 'SEAT_FREED', by, { user_id: who });
export const seated = { status: 201, body: { reservation: { state: 'CONFIRMED' } } };
