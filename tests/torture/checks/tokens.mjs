// A token of a session that was ended is accepted for at most a second at a gateway that hears any process of auth, and a god's at no
// gateway for more than three: there they are refused when revocations are unknown for two. A token of a session that goes on is never
// refused.
const HEARD_MS = 1000;
const REFUSED_ANYWAY_MS = 3000;
const RECOVERS_MS = { database_away: 1500, database_mute: 1500 }; // behind the fault's end
const RECONNECTS_MS = 3000; // after any other

const touches = (fault, host) => fault.host === host || fault.from === host;
const ofBoth = (fault, a, b) => (fault.host === a && fault.from === b) || (fault.host === b && fault.from === a);
const ofAll = new Set(['kill', 'stop', 'isolate']);
const isOfDatabase = ({ fault, rule }) => ['database_away', 'database_mute'].includes(fault) || (fault === 'spoil' && !rule.command); // reads, too
const isHarmless = ({ fault, rule }) => fault === 'clock' || (fault === 'spoil' && Boolean(rule.command));

// Whether `gateway` could hear somebody of auth who could read the store, from one time to the other.
export function hears({ faults, counts }, gateway, from, to) {
    const during = faults.filter(
        (each) => !isHarmless(each) && each.start < to && (each.end ?? Infinity) + (RECOVERS_MS[each.fault] ?? RECONNECTS_MS) > from,
    );
    if (during.some((fault) => isOfDatabase(fault) || (ofAll.has(fault.fault) && touches(fault, gateway)))) return false;
    const auths = Array.from({ length: counts.auth }, (_, i) => `auth-${i + 1}`);
    const isCut = (auth) =>
        during.some(
            (fault) =>
                (ofAll.has(fault.fault) && touches(fault, auth)) ||
                ofBoth(fault, auth, gateway) ||
                ofBoth(fault, auth, 'database') ||
                (fault.fault === 'slow_disk' && touches(fault, auth)),
        );
    return auths.some((auth) => !isCut(auth));
}

const wasStopped = ({ faults }, gateway, from, to) =>
    faults.some(({ fault, host, start, end }) => ofAll.has(fault) && host === gateway && start < to && (end ?? Infinity) + 500 > from);

export function checkTokens(records, run) {
    const ends = new Map(records.filter(({ kind }) => kind === 'logout').map((record) => [record.args.session, record]));
    return records
        .filter(({ kind }) => kind === 'probe')
        .flatMap((probe) => {
            const { session, gateway, isGod } = probe.args,
                end = ends.get(session),
                name = `gateway-${gateway + 1}`;
            const told = {
                check: 'tokens',
                probe: probe.id,
                session,
                gateway: name,
                isGod,
                status: probe.status,
                code: probe.code,
                logout: end?.id,
            };
            if (probe.outcome === 'done' && end?.acked !== undefined) {
                const late_ms = Math.round(probe.start - end.acked);
                if (late_ms > HEARD_MS && hears(run, name, end.acked, probe.end))
                    return [{ ...told, what: 'the token of a session that was ended is accepted', late_ms }];
                if (isGod && late_ms > REFUSED_ANYWAY_MS && !wasStopped(run, name, end.acked, probe.end))
                    return [{ ...told, what: "a god's token is accepted where revocations are not heard", late_ms }];
            }
            if (probe.outcome === 'refused' && !(probe.code === 'TOKEN_INVALID' && end && end.start < probe.end))
                return [{ ...told, what: 'the token of a session that goes on is refused' }];
            return [];
        });
}
