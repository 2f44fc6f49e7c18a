// What the states of a log have to hold at each entry: seats, and the ballots that a close counts.
export function checkSeats({ log, states }) {
    return states
        .map((state, seq) => ({ state, seq }))
        .filter(
            ({ state }) =>
                state.taken.length > log.max_players ||
                new Set([...state.taken, ...state.waiting]).size !== state.taken.length + state.waiting.length,
        )
        .map(({ state, seq }) => ({
            check: 'seats',
            event: log.id,
            what: 'more seats are taken than there are, or somebody has two',
            seq,
            taken: state.taken,
            waiting: state.waiting,
        }));
}

const sorted = (ballots) => Object.entries(ballots).sort(([a], [b]) => (a < b ? -1 : 1));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function weightsOf(ballots) {
    const weights = {};
    for (const candidate of Object.values(ballots)) weights[candidate] = (weights[candidate] ?? 0) + 1;
    return weights;
}

// A close counts the last ballot of each voter that the log has before it.
export function checkCounts({ log, states }) {
    const anomalies = [];
    for (const { kind, seq, fields } of log.entries) {
        if (kind !== 'POLL_CLOSED') continue;
        const cast = states[seq - 1].ballots;
        const counted = Object.fromEntries(fields.ballots.map(({ voter_id, candidate_id }) => [voter_id, candidate_id]));
        const weights = Object.fromEntries(
            fields.counts.filter(({ weight }) => weight > 0).map(({ candidate_id, weight }) => [candidate_id, weight]),
        );
        if (!same(sorted(counted), sorted(cast)) || !same(sorted(weights), sorted(weightsOf(cast))))
            anomalies.push({
                check: 'counts',
                event: log.id,
                what: 'other ballots were counted than were cast last',
                seq,
                counted,
                weights,
                cast,
            });
    }
    return anomalies;
}

// The ballot that a voter was last told to have cast before the close was asked for is the one that counts, or one that was on its way
// beside it.
export function checkLastBallots({ log, records, made }) {
    const anomalies = [];
    const closes = made.filter(({ record, sure }) => sure && record.kind === 'close');
    for (const { record: close, seq } of closes) {
        const counted = new Map(log.entries[seq - 1].fields.ballots.map(({ voter_id, candidate_id }) => [voter_id, candidate_id]));
        const ballots = records.filter(
            ({ kind, args, outcome }) => kind === 'ballot' && args.poll === close.args.poll && outcome !== 'absent',
        );
        for (const voter of new Set(ballots.map(({ actor }) => actor))) {
            const own = ballots.filter(({ actor }) => actor === voter);
            const last = own.filter(({ acked }) => acked < close.start).at(-1);
            if (!last) continue;
            const allowed = own.filter(
                (ballot) => ballot === last || ballot.start > last.start || (ballot.outcome !== 'done' && ballot.start < last.start),
            );
            if (!allowed.some(({ args }) => args.candidate === counted.get(voter)))
                anomalies.push({
                    check: 'ballots',
                    event: log.id,
                    what: 'the last acknowledged ballot is not the one that was counted',
                    voter,
                    ballot: last.id,
                    wanted: last.args.candidate,
                    counted: counted.get(voter),
                });
        }
    }
    return anomalies;
}
