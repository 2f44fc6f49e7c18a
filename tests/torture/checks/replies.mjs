// Replies of all calls: equal for equal keys, and none that speaks of a fault of ours.
import { isDone } from '../parts/client.mjs';

const NEVER = new Set([
    'CONFLICT',
    'IDEMPOTENCY_MISMATCH',
    'INTERNAL_ERROR',
    'STORE_CORRUPT',
    'WRONG_PEER',
    'CALLER_REFUSED',
    'NO_METHOD',
    'CALL_TOO_LARGE',
]);

export function checkEqual(records) {
    // What wrote nothing is not remembered, and decided anew.
    const keyed = records.filter(
        ({ key, kind, attempts }) => key && kind !== 'status' && !(kind === 'reserve' && attempts.some(({ status }) => status === 200)),
    );
    return keyed.flatMap((record) => {
        const told = record.attempts.filter(isDone).map(({ status, digest }) => `${status} ${digest}`);
        return new Set(told).size > 1
            ? [{ check: 'equal', what: 'one key got different replies', event: record.event, call: record.id, kind: record.kind, told }]
            : [];
    });
}

export function checkCodes(records) {
    return records.flatMap((record) =>
        record.attempts
            .filter(({ code, status }) => NEVER.has(code) || status === 500)
            .map(({ status, code, gateway }) => ({
                check: 'codes',
                what: 'nobody should hear this',
                event: record.event,
                call: record.id,
                kind: record.kind,
                args: record.args,
                gateway,
                status,
                code,
            })),
    );
}

// An event that was acknowledged is there once, one of which nothing was heard at most once.
export function checkTitles(records, titles) {
    const counts = new Map();
    for (const { title } of titles) counts.set(title, (counts.get(title) ?? 0) + 1);
    return records
        .filter(({ kind }) => kind === 'create')
        .filter(({ outcome, args }) => {
            const count = counts.get(args.title) ?? 0;
            return outcome === 'done' ? count !== 1 : count > (outcome === 'unknown' ? 1 : 0);
        })
        .map((record) => ({
            check: 'titles',
            what: 'an event was made twice, or is lost, or was made though it was refused',
            call: record.id,
            args: record.args,
            outcome: record.outcome,
            there: counts.get(record.args.title) ?? 0,
        }));
}
