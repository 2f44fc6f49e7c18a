// The faults of a run, from its seed alone: [{at_ms, for_ms, fault, ...}] by time. One fault of a kind at a time on a host, and some time
// without any between, so that all of it has to work again.
import { randomOf } from './random.mjs';

const SETTLES_MS = 1500;

const hostsOf = (counts, services) =>
    services.flatMap((service) => Array.from({ length: counts[service] ?? 0 }, (_, i) => `${service}-${i + 1}`));

// What a fault of each kind is, and how long it lasts. `weight` says how often.
const KINDS = {
    kill: { weight: 3, lasts: [100, 2500], of: ({ pick, programs }) => ({ host: pick(programs) }) },
    stop: { weight: 3, lasts: [300, 4000], of: ({ pick, programs }) => ({ host: pick(programs) }) },
    part: { weight: 3, lasts: [500, 5000], of: ({ pair }) => pair() },
    part_one_way: { weight: 3, lasts: [500, 5000], of: ({ pair }) => pair() },
    isolate: { weight: 1, lasts: [500, 4000], of: ({ pick, programs }) => ({ host: pick(programs) }) },
    clock: { weight: 2, lasts: [1000, 6000], of: ({ pick, programs, between }) => clockOf(pick(programs), between) },
    spoil: { weight: 8, lasts: [300, 2000], shared: true, of: ({ spoiling }) => spoiling() },
    database_away: { weight: 1, lasts: [200, 2500], shared: true, of: () => ({}) },
    database_mute: { weight: 1, lasts: [200, 2500], shared: true, of: () => ({}) },
    slow_disk: {
        weight: 3,
        lasts: [500, 4000],
        sqlite: true,
        of: ({ pick, stored, between }) => ({ host: pick(stored), sync_ms: between(20, 400) }),
    },
};

// A refresh token may be used twice within ten seconds of auth's clocks.
const clockOf = (host, between) => ({ host, off_ms: host.startsWith('auth') ? between(-3000, 3000) : between(-12000, 12000) });

const SPOILINGS = [
    { do: 'lose' },
    { do: 'lose_reply' },
    { do: 'twice' },
    { do: 'twice', answer: 'second' },
    { do: 'fail', code: 64, concern: true },
    { do: 'fail', code: 91 },
    { do: 'fail', code: 91, executed: true },
    { do: 'fail', code: 10107 },
    { do: 'fail', code: 10107, executed: true },
    { do: 'roll_back' },
    { do: 'roll_back', lose_reply: true },
    { do: 'pass', delay_ms: 400 },
];

// Who speaks with whom: what does not, need not be parted.
const TALK = {
    gateway: ['auth', 'events', 'redis'],
    events: ['gateway', 'auth', 'events', 'database'],
    auth: ['gateway', 'events', 'database'],
};

function chooser(random, counts, store) {
    const programs = hostsOf(counts, ['auth', 'events', 'gateway']);
    const stored = hostsOf(counts, ['auth', 'events']);
    const stores = store === 'shared' ? ['database', 'redis'] : [];
    const kind = (host) => host.split('-')[0];
    const talk = (a, b) => TALK[kind(a)].includes(kind(b));
    // Half of them lead one gateway to another process of events than the other: then two write the same event.
    const pair = () => {
        const leads = counts.gateway > 1 && random.below(2) === 0;
        const host = random.pick(leads ? hostsOf(counts, ['gateway']) : programs);
        const others = leads ? hostsOf(counts, ['events']) : [...programs, ...stores];
        return { host, from: random.pick(others.filter((other) => other !== host && talk(host, other))) };
    };
    const spoiling = () => ({
        rule: {
            command: random.pick(['insert', 'findAndModify', undefined]),
            times: random.between(1, 20),
            skip: random.between(0, 8),
            ...random.pick(SPOILINGS),
        },
    });
    return { programs, stored, pair, spoiling, pick: random.pick, between: random.between };
}

function weighed(random, kinds) {
    let left = random.below(kinds.reduce((sum, [, { weight }]) => sum + weight, 0));
    return kinds.find(([, { weight }]) => (left -= weight) < 0);
}

export function makeSchedule({ seed, seconds, store, counts }) {
    const random = randomOf(seed).fork('schedule');
    const choices = chooser(random, counts, store);
    const kinds = Object.entries(KINDS).filter(([, kind]) => (store === 'shared' ? !kind.sqlite : !kind.shared));
    const busy = new Map(); // host: until when
    const schedule = [];
    for (let at_ms = SETTLES_MS; at_ms < seconds * 1000 - SETTLES_MS; at_ms += random.between(100, 1400)) {
        const [fault, kind] = weighed(random, kinds);
        const wanted = kind.of(choices);
        // Reads that are spoilt for rolling back make no sense, so only writes are.
        if (wanted.rule?.do === 'roll_back' && wanted.rule.command === undefined) wanted.rule.command = 'insert';
        const for_ms = random.between(...kind.lasts);
        const place = wanted.host ?? fault;
        if ((busy.get(place) ?? 0) > at_ms) continue;
        busy.set(place, at_ms + for_ms + SETTLES_MS);
        schedule.push({ at_ms, for_ms, fault, ...wanted });
    }
    return schedule;
}
