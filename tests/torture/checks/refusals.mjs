// A refusal was true at some moment of its call, and so was a success that wrote nothing. Codes that no client should hear are anomalies by
// themselves.
const TRUE_WHEN = {
    'reserve EVENT_FULL': (state, _, log) => state.taken.length >= log.max_players && !log.waitlist,
    'reserve EVENT_NOT_OPEN': (state) => state.stage !== 'OPEN',
    'cancel NOT_FOUND': (state, { actor }) => !state.taken.includes(actor) && !state.waiting.includes(actor),
    'lock EVENT_NOT_OPEN': (state) => state.stage !== 'OPEN',
    'reveal EVENT_NOT_LOCKED': (state) => state.stage !== 'LOCKED',
    'poll POLL_OPEN': (state) => state.open_poll !== undefined,
    'close POLL_CLOSED': (state, { args }) => state.open_poll !== args.poll,
    'ballot POLL_CLOSED': (state, { args }) => state.open_poll !== args.poll,
    'phase PHASE_REPEATED': (state, { args }) => state.phase === args.kind,
    'undo NOT_UNDOABLE': (state, { args }) => state.acts.at(-1)?.seq !== Number(args.seq),
    'end EVENT_OVER': (state) => state.stage === 'OVER',
};

const SILENT_WHEN = {
    ballot: (state, { actor, args }) => state.open_poll === args.poll && state.ballots[actor] === args.candidate,
    status: (state, { args }) => (state.statuses[args.user] ?? 'DEFAULT') === args.status,
    reserve: (state, { actor }) => state.taken.includes(actor) || state.waiting.includes(actor),
    assistant: () => true,
};

const ever = ({ windows, states }, { start, end }, holds) => states.slice(windows.before(start), windows.after(end) + 1).some(holds);

export function checkRefusals(event) {
    const answered = event.records.flatMap((record) =>
        record.attempts
            .filter(({ status, code }) => status >= 400 && status < 500 && status !== 429 && code !== 'IDEMPOTENCY_RUNNING')
            .map((attempt) => ({ record, attempt })),
    );
    return answered.flatMap(({ record, attempt }) => {
        const rule = TRUE_WHEN[`${record.kind} ${attempt.code}`];
        const told = {
            check: 'refusals',
            event: event.log.id,
            call: record.id,
            kind: record.kind,
            args: record.args,
            status: attempt.status,
            code: attempt.code,
        };
        if (!rule) return [{ ...told, what: 'nobody should be refused like this' }];
        if (ever(event, attempt, (state) => rule(state, record, event.log))) return [];
        return [
            {
                ...told,
                what: 'the refusal was false at every moment of the call',
                from: event.windows.before(attempt.start),
                to: event.windows.after(attempt.end),
            },
        ];
    });
}

export function checkSilent(event) {
    const wrong = event.silent.filter((record) => !ever(event, record, (state) => SILENT_WHEN[record.kind](state, record)));
    return wrong.map((record) => ({
        check: 'silent',
        event: event.log.id,
        what: 'a success wrote nothing, though there was something to change at every moment of the call',
        call: record.id,
        kind: record.kind,
        args: record.args,
        from: event.windows.before(record.start),
        to: event.windows.after(record.end),
    }));
}
