// One build's running system, which cost_bench.mjs forks with CONSE_BIN and asks for one thing at a time by messages: to renew its
// processes, to begin a kind of requests, to count, for a turn of them, for what they cost, to stop.
import { call } from '../../tests/e2e/parts/people.mjs';
import { openingsFile, prepare, readable, startBenchSystem } from './evening.mjs';
import { inTurns } from './measure.mjs';
import { JUDGED, startSpending, untilIdle } from './spent.mjs';
import { unchangedInTurns } from './unchanged.mjs';

const GODS = 128; // each opens at most six events in a round
const system = await startBenchSystem(JSON.parse(process.env.BENCH_SETTINGS));
const scene = await prepare(system);
const load = await loads();

async function loads() {
    const token = scene.reader.token;
    const { headers } = await call(system, 'GET', scene.readPath, { token, headers: { 'Accept-Encoding': 'identity' } });
    const url = system.url + scene.readPath;
    const get = { script: 'wrk.lua', env: { BENCH_TOKEN: token }, expect: 200 };
    const ballot = { script: 'ballots.lua', env: { BENCH_BALLOTS: scene.ballotFile, BENCH_SECONDS: '1e6' }, expect: 204 };
    const create = { script: 'posts.lua', env: { BENCH_POSTS: await openingsFile(system, GODS), BENCH_SECONDS: '1e6' }, expect: 201 };
    return {
        get: (requests) => inTurns(url, requests, get),
        unchanged: (requests) => unchangedInTurns(url, requests, { token, tag: headers.get('etag') }),
        ballot: (requests) => inTurns(system.url, requests, ballot),
        create: (requests) => inTurns(system.url, requests, create),
    };
}

let turns, costs; // of the kind under way

const asked = {
    // Where a process lies in memory makes it a little faster or slower for as long as it lives.
    async renew() {
        for (const name of JUDGED) await system.term(name);
        for (const name of [...JUDGED].reverse()) await system.start(name);
        await readable(system, scene);
    },
    async begin({ kind, requests }) {
        turns = await load[kind](requests);
    },
    async count(counter) {
        for (const name of JUDGED) await untilIdle(system.children[name].pid);
        costs = await Promise.all(JUDGED.map((name) => startSpending(system.children[name].pid, counter)));
    },
    turn: () => turns.turn(),
    // {gateway: {us, instructions}, events: {...}}, of one request
    async end() {
        for (const name of JUDGED) await untilIdle(system.children[name].pid);
        const sums = await Promise.all(costs.map((cost) => cost.end()));
        const count = await turns.end();
        return Object.fromEntries(JUDGED.map((name, i) => [name, { us: sums[i].us / count, instructions: sums[i].instructions / count }]));
    },
    stop: () => system.stop(),
};

process.on('message', async (message) => {
    try {
        process.send({ value: await asked[message.ask](message) });
    } catch (error) {
        process.send({ fault: error.stack });
    }
});
process.on('disconnect', () => process.exit());
process.send({});
