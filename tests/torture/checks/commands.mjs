// Every acknowledged command is in the log exactly once, none is there twice, and what nobody asked for is not; replies and entries
// tell the same; who came after an acknowledgement stands after it.
const brief = ({ id, actor, kind, args, outcome, status, code }) => ({ id, actor, kind, args, outcome, status, code });

export function checkExplained({ log, stuck }) {
    return stuck.map(({ actor, entry, command, ranOut }) => ({
        check: 'explained',
        event: log.id,
        what: ranOut
            ? 'no explanation was found in time'
            : 'the log and the replies of this person do not fit: a command is missing, or an entry is there twice or unasked',
        actor,
        entry,
        command: command && brief(command),
    }));
}

// Acknowledged before another began: first in the log.
export function checkOrder({ log, made: all }) {
    const anomalies = [];
    const made = all.filter(({ sure }) => sure);
    const byEnd = made.filter(({ record }) => record.acked !== undefined).sort((a, b) => a.record.acked - b.record.acked);
    const byStart = [...made].sort((a, b) => a.record.start - b.record.start);
    let newest,
        next = 0;
    for (const later of byStart) {
        for (; next < byEnd.length && byEnd[next].record.acked < later.record.start; next++)
            if (!newest || byEnd[next].seq > newest.seq) newest = byEnd[next];
        if (newest && later.seq < newest.seq)
            anomalies.push({
                check: 'order',
                event: log.id,
                what: 'a command stands before one that was acknowledged before it began',
                first: { seq: newest.seq, ...brief(newest.record) },
                second: { seq: later.seq, ...brief(later.record) },
            });
    }
    return anomalies;
}

// What a reply said of its entry.
const SAYS = {
    foul: ({ body }, { fields }) => body.fouls === fields.fouls,
    reserve: ({ body, status }, { kind }) => status === 201 && (body.reservation.state === 'CONFIRMED') === (kind === 'RESERVED'),
    poll: ({ body }, { fields }) => body.poll.id === fields.poll_id,
    phase: ({ body }, { fields }) => body.phase.number === fields.number && body.phase.kind === fields.kind,
};

export function checkTold({ log, made }) {
    const entry = (seq) => log.entries[seq - 1];
    const wrong = made.filter(
        ({ record, seq, sure }) => sure && record.outcome === 'done' && SAYS[record.kind] && !SAYS[record.kind](record, entry(seq)),
    );
    return wrong.map(({ record, seq }) => ({
        check: 'told',
        event: log.id,
        what: 'the reply tells something else than its entry',
        command: brief(record),
        body: record.body,
        entry: entry(seq),
    }));
}

// An undo takes back the act that it names.
export function checkUndone({ log, made }) {
    const names = ({ record, seq }) => {
        const undone = log.entries[Number(record.args.seq) - 1],
            { fields } = log.entries[seq - 1];
        return (
            undone?.kind === fields.kind && undone.time_ms === Number(fields.time_ms) && (undone.fields.user_id ?? '') === fields.user_id
        );
    };
    const wrong = made.filter(({ record, sure }) => sure && record.kind === 'undo').filter((each) => !names(each));
    return wrong.map(({ record, seq }) => ({
        check: 'undone',
        event: log.id,
        what: 'another act was undone than the one that was named',
        command: brief(record),
        entry: log.entries[seq - 1],
    }));
}

export function checkChain({ log }) {
    const anomalies = [];
    const add = (what, more) => anomalies.push({ check: 'chain', event: log.id, what, ...more });
    let newest_ms = 0;
    log.entries.forEach((entry, i) => {
        if (entry.seq !== i + 1) add('the numbers of the log have a gap', { entry });
        if (entry.kind === 'SEALED') return; // has no time
        // A store for one process alone has its clock's times as they are.
        if (log.store === 'shared' && entry.time_ms < newest_ms) add('time goes backwards in the log', { entry });
        newest_ms = entry.time_ms;
    });
    if (log.chain.code !== 0) add('consectl does not verify the chain', { says: log.chain.says });
    if (log.differs) add('gateways show different logs in the end');
    return anomalies;
}
