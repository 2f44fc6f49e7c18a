// What one person does with their account, one call after the other: who has a session keeps it, and a name that was given is there.
import { mayHaveDone } from '../parts/client.mjs';

const told = (check, what, record, more) => ({
    check,
    what,
    call: record.id,
    kind: record.kind,
    actor: record.actor,
    args: record.args,
    status: record.status,
    code: record.code,
    ...more,
});

// Refusals that an unknown outcome before explains; all others of these calls are false.
function isExplained(record, before) {
    const open = (kind) => before.some((other) => other.kind === kind && other.attempts.some(mayHaveDone));
    if (record.kind === 'login') return record.code === 'BAD_CREDENTIALS' && open('rename');
    if (record.kind === 'rename') return record.code === 'PROOF_NEEDED' && open('rename');
    if (record.kind === 'logout') return record.code === 'TOKEN_INVALID' && record.attempts.some(mayHaveDone);
    return false;
}

function checkPerson(calls) {
    const anomalies = [];
    const names = new Set(); // that may be theirs now
    calls.forEach((record, i) => {
        if (record.outcome === 'refused' && !isExplained(record, calls.slice(Math.max(0, i - 40), i)))
            anomalies.push(told('accounts', "a call about one's own account was refused without a reason", record));
        if (record.kind === 'rename' && record.outcome === 'done') names.clear();
        if (record.kind === 'rename' && ['done', 'unknown'].includes(record.outcome)) names.add(record.args.name);
        const shown = record.kind === 'me' && record.outcome === 'done' ? record.body.user.username : undefined;
        if (shown && names.size === 0) names.add(shown);
        if (shown && !names.has(shown))
            anomalies.push(told('accounts', 'a name was given, and another one is shown', record, { shown, names: [...names] }));
    });
    return anomalies;
}

export function checkAccounts(records) {
    const kinds = new Set(['login', 'refresh', 'prove', 'rename', 'logout', 'me']);
    const calls = records.filter(({ kind }) => kinds.has(kind));
    const actors = new Set(calls.map(({ actor }) => actor));
    return [...actors].flatMap((actor) => checkPerson(calls.filter((record) => record.actor === actor)));
}
