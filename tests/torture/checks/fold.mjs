// The states of an event, one behind each entry of its log: as much of them as refusals and successes that wrote nothing rest on.
// States are never changed; a state shares with the one before what is the same.
//
//   {stage, taken, waiting, open_poll, closed_polls, ballots, statuses, phase, acts}
//
// taken, waiting: user ids in order; ballots: {voter: candidate} of the newest poll; acts: what could be undone, newest last: {seq,
// kind, user, time_ms, was}.
const FIRST = {
    stage: 'NONE',
    taken: [],
    waiting: [],
    open_poll: undefined,
    closed_polls: [],
    ballots: {},
    statuses: {},
    phase: undefined,
    acts: [],
};

const without = (list, user) => list.filter((other) => other !== user);
const act = (state, entry, was) => [
    ...state.acts,
    { seq: entry.seq, kind: entry.kind, user: entry.fields.user_id, time_ms: entry.time_ms, was },
];
const stage = (name) => () => ({ stage: name });

const FOLDS = {
    OPENED: stage('OPEN'),
    LOCKED: stage('LOCKED'),
    REVEALED: stage('REVEALED'),
    CANCELLED: stage('OVER'),
    RESERVED: (state, { fields }) => ({
        taken: [...without(state.taken, fields.user_id), fields.user_id],
        waiting: without(state.waiting, fields.user_id),
    }),
    WAITLISTED: (state, { fields }) => ({ waiting: [...without(state.waiting, fields.user_id), fields.user_id] }),
    SEAT_FREED: (state, { fields }) => ({ taken: without(state.taken, fields.user_id) }),
    WAITLIST_LEFT: (state, { fields }) => ({ waiting: without(state.waiting, fields.user_id) }),
    POLL_OPENED: (state, { fields }) => ({ open_poll: fields.poll_id, ballots: {}, acts: [] }),
    POLL_CLOSED: (state, { fields }) => ({ open_poll: undefined, closed_polls: [...state.closed_polls, fields.poll_id], acts: [] }),
    BALLOT_CAST: (state, { actor_id, fields }) => ({ ballots: { ...state.ballots, [actor_id]: fields.candidate_id } }),
    PHASE_OPENED: (state, { fields }) => ({ stage: 'RUNNING', phase: fields.kind, acts: [] }),
    PHASE_CLOSED: () => ({ acts: [] }),
    STATUS_ENDED: () => ({ acts: [] }),
    NOTED: (state, entry) => ({ acts: act(state, entry) }),
    FOULED: (state, entry) => ({ acts: act(state, entry) }),
    STATUS_SET: (state, entry) => ({
        statuses: { ...state.statuses, [entry.fields.user_id]: entry.fields.status },
        acts: act(state, entry, state.statuses[entry.fields.user_id]),
    }),
    UNDONE: (state) => {
        const undone = state.acts.at(-1);
        const acts = state.acts.slice(0, -1);
        return undone?.kind === 'STATUS_SET' ? { acts, statuses: { ...state.statuses, [undone.user]: undone.was } } : { acts };
    },
};

// states[seq] is the one behind the entry of that number; states[0] is before the first.
export function foldLog(entries) {
    const states = [FIRST];
    for (const entry of entries) {
        const state = states.at(-1);
        states.push({ ...state, ...FOLDS[entry.kind]?.(state, entry) });
    }
    return states;
}
