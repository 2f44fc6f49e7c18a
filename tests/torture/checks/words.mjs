// The words by which a command and the entry that it makes are matched, each a line. What follows from a command beside (who moves up,
// statuses that end) has none.
const own = (entry) => entry.actor_id === entry.fields.user_id;

const ENTRIES = {
    OPENED: () => 'create',
    RESERVED: (entry) => own(entry) && 'in',
    WAITLISTED: (entry) => own(entry) && 'in',
    SEAT_FREED: (entry) => own(entry) && 'out',
    WAITLIST_LEFT: (entry) => own(entry) && 'out',
    ASSISTANT_ADDED: ({ fields }) => `assistant ${fields.user_id}`,
    LOCKED: () => 'lock',
    REVEALED: () => 'reveal',
    CANCELLED: () => 'end',
    BALLOT_CAST: ({ fields }) => `ballot ${fields.poll_id} ${fields.candidate_id}`,
    POLL_OPENED: () => 'poll',
    POLL_CLOSED: ({ fields }) => `close ${fields.poll_id}`,
    NOTED: ({ fields }) => `note ${fields.text}`,
    FOULED: ({ fields }) => `foul ${fields.user_id}`,
    STATUS_SET: ({ fields }) => `status ${fields.user_id} ${fields.status}`,
    PHASE_OPENED: ({ fields }) => `phase ${fields.kind}`,
    UNDONE: () => 'undo',
};

const COMMANDS = {
    create: () => 'create',
    reserve: () => 'in',
    cancel: () => 'out',
    assistant: ({ user }) => `assistant ${user}`,
    lock: () => 'lock',
    reveal: () => 'reveal',
    end: () => 'end',
    ballot: ({ poll, candidate }) => `ballot ${poll} ${candidate}`,
    poll: () => 'poll',
    close: ({ poll }) => `close ${poll}`,
    note: ({ text }) => `note ${text}`,
    foul: ({ user }) => `foul ${user}`,
    status: ({ user, status }) => `status ${user} ${status}`,
    phase: ({ kind }) => `phase ${kind}`,
    undo: () => 'undo',
};

export const isCommand = (record) => Object.hasOwn(COMMANDS, record.kind);
export const wordOfCommand = (record) => COMMANDS[record.kind](record.args);
// undefined: nobody asked for it by itself.
export const wordOfEntry = (entry) => (entry.actor_id && ENTRIES[entry.kind]?.(entry)) || undefined;
