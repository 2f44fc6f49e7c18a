// node run.mjs --seconds N --seed n --store shared|sqlite [--calm]: a run and its checks (README.md). Begins in namespaces of its own, as
// rules.mk starts it. --calm is a run without faults. Ends with 1 when an anomaly was found; what the run left is in build/torture.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { pause } from '../e2e/parts/processes.mjs';
import { check } from './checks/all.mjs';
import { report } from './checks/report.mjs';
import { makeClient, now } from './parts/client.mjs';
import { finish } from './parts/ending.mjs';
import { makeFaults } from './parts/faults.mjs';
import { makeHistory, readHistory } from './parts/history.mjs';
import { randomOf } from './parts/random.mjs';
import { makeSchedule } from './parts/schedule.mjs';
import { startWorld } from './parts/world.mjs';
import { WORKLOADS } from './workloads/all.mjs';
import { follow, look } from './workloads/readers.mjs';
import { makeCast, makeStage } from './workloads/stage.mjs';

const { values } = parseArgs({
    options: { seconds: { type: 'string' }, seed: { type: 'string' }, store: { type: 'string' }, calm: { type: 'boolean' } },
});
const seed = Number(values.seed ?? 1);
const seconds = Number(values.seconds ?? 60);
const store = values.store ?? 'shared';
const counts = store === 'shared' ? { auth: 3, events: 3, gateway: 2 } : { auth: 1, events: 1, gateway: 1 };
const BUILD = process.env.CONSE_TORTURE_BUILD ?? path.resolve('build');
const folder = path.join(BUILD, 'torture', `${store}-${seed}`);

const began = now();
const say = (text) => console.log(`${((now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);

async function play(world, history) {
    const random = randomOf(seed);
    const schedule = values.calm ? [] : makeSchedule({ seed, seconds, store, counts });
    const run = { seed, seconds, store, counts, schedule, events: [] };
    const casts = [];
    for (const workload of WORKLOADS) casts.push(await makeCast(world, workload.name, workload.people));
    await everywhereKnown(world, casts);
    let on = true;
    const going = () => on;
    const readers = [];
    const reader = makeClient(world.urls, history, random.fork('readers'));
    const opened = (event) => {
        run.events.push(event);
        readers.push(follow(reader, event, going), look(reader, event, going, random.fork(event.id)));
    };
    say(`seed ${seed}, ${schedule.length} faults in ${seconds} s on ${store}`);
    const start = now();
    const works = WORKLOADS.map((workload, i) => {
        const numbers = random.fork(workload.name);
        const stage = makeStage({
            client: makeClient(world.urls, history, numbers.fork('client')),
            cast: casts[i],
            random: numbers,
            going,
            gateways: world.urls.length,
            opened,
        });
        return workload.run(stage);
    });
    const faults = makeFaults(world, ({ at_ms, ...fault }) => say(`${fault.fault} ${JSON.stringify(fault)}`));
    await Promise.all([faults.run(schedule), pause(seconds * 1000)]);
    await faults.heal();
    say('healed');
    await pause(1000); // some work with nothing in its way
    on = false;
    await Promise.all(works);
    await Promise.all(readers);
    Object.assign(run, { start, end: now(), faults: [...faults.done, ...world.processes.flatMap(({ missed }) => missed)] });
    return run;
}

// Names reach events by a topic.
async function everywhereKnown(world, casts) {
    for (const { god, people } of casts)
        for (const person of [god, ...people])
            for (const url of world.urls)
                while (!(await fetch(`${url}/users/${person.id}`, { headers: { Authorization: `Bearer ${person.token}` } })).ok)
                    await pause(20);
}

fs.rmSync(folder, { recursive: true, force: true });
const history = makeHistory(folder);
const world = await startWorld({ dir: folder, store, counts });
const run = await play(world, history);
say(`${history.records.length} calls were made`);
const logs = await finish(world, history, run);
run.ends = await world.stop();
await history.close();
history.write('logs.json', logs);
history.write('run.json', { ...run, events: run.events.map(({ god, players, ...event }) => ({ ...event, god: god.id })) });
const found = check(readHistory(folder));
report(found, folder, say);
process.exit(found.anomalies.length ? 1 : 0);
