// Every check over what a run left (parts/history.mjs): {anomalies, counts}.
import { checkAccounts } from './accounts.mjs';
import { checkChain, checkExplained, checkOrder, checkTold, checkUndone } from './commands.mjs';
import { assembleEvent } from './events.mjs';
import { checkFollowed, checkPhantoms, checkSeen, checkStale } from './reads.mjs';
import { checkRefusals, checkSilent } from './refusals.mjs';
import { checkCodes, checkEqual, checkTitles } from './replies.mjs';
import { checkCounts, checkLastBallots, checkSeats } from './states.mjs';
import { checkTokens } from './tokens.mjs';

const OF_AN_EVENT = [
    checkExplained,
    checkOrder,
    checkTold,
    checkUndone,
    checkChain,
    checkSeats,
    checkCounts,
    checkLastBallots,
    checkPhantoms,
    checkStale,
    checkSeen,
    checkFollowed,
    checkRefusals,
    checkSilent,
];

function checkEvent(log, records) {
    const own = records.filter(({ event, kind, args }) => event === log.id || (kind === 'create' && args.title === log.title));
    const event = assembleEvent(log, own);
    return OF_AN_EVENT.flatMap((check) => check(event));
}

const checkEnds = ({ ends }) => ends.map((what) => ({ check: 'ends', what }));

function countAll({ records, logs, run }) {
    const counts = {
        calls: records.length,
        entries: logs.events.reduce((sum, { entries }) => sum + entries.length, 0),
        events: logs.events.length,
        faults: run.faults.length,
    };
    const outcomes = {};
    for (const { kind, outcome } of records) {
        outcomes[kind] ??= {};
        outcomes[kind][outcome] = (outcomes[kind][outcome] ?? 0) + 1;
    }
    return { ...counts, outcomes };
}

export function check(history) {
    const { records, logs, run } = history;
    const anomalies = [
        ...logs.events.flatMap((log) => checkEvent({ ...log, store: run.store }, records)),
        ...checkEqual(records),
        ...checkCodes(records),
        ...checkTitles(records, logs.titles),
        ...checkTokens(records, run),
        ...checkAccounts(records),
        ...checkEnds(run),
    ];
    return { anomalies, counts: countAll(history) };
}
