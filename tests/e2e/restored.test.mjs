// The stores of chain and of events are restored from a backup, while the cluster, and the other one, went on: nothing that was paid is lost, and
// nothing is paid twice. Of the embedded store's files, so the same in every mode.
import fs from 'node:fs';
import path from 'node:path';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPayable, startLamports } from './parts/lamports.mjs';
import { consectl, signUpAs } from './parts/people.mjs';
import { ROWS } from './parts/restored/rows.mjs';

const SLOT_MS = 100;
const RESTORED = { chain: ['chain'], events: ['events'], both: ['events', 'chain'] };

let place, dev;
before(async () => {
    place = await startLamports({ slotMs: SLOT_MS });
    dev = await signUpAs(place.system, 'restored_dev', 'dev');
});
after(() => place?.stop());

const each = (all, work) => Promise.all(Object.entries(all).map(async ([name, value]) => [name, await work(name, value)])).then(Object.fromEntries);
const rowsDo = (step, at, had) => each(ROWS, async (name, row) => {
    try {
        return await row[step](at, had?.[name], at.restored);
    } catch (error) {
        throw new Error(`${name}, ${step}: ${error.message}`, { cause: error });
    }
});

async function backUp({ system }, service, file) {
    const { code, stderr } = await consectl(system, 'backup', service, file);
    assert.equal(code, 0, stderr);
}

// As an operator would: it is stopped, its files go, the copy takes their place.
async function restore({ system }, service, file) {
    const data = system.env.CONSE_DATA;
    for (const name of fs.readdirSync(data).filter((each) => each.startsWith(`${service}.db`))) fs.rmSync(path.join(data, name));
    fs.copyFileSync(file, path.join(data, `${service}.db`));
    fs.chmodSync(path.join(data, `${service}.db`), 0o600);
}

for (const [round, restored] of Object.entries(RESTORED))
    test(`${restored.join(' and ')} as of before`, async () => {
        const at = { ...place, dev, round, restored, event: await openPayable(place) }, { system } = place;
        const fileOf = (service) => path.join(system.dir, `${round}-${service}.copy`);
        const had = await rowsDo('before', at);
        for (const service of restored) await backUp(place, service, fileOf(service));
        const since = await rowsDo('since', at, had);
        for (const service of restored) await system.term(service);
        for (const service of restored) await restore(place, service, fileOf(service));
        for (const service of restored) await system.start(service);
        await rowsDo('after', at, since);
    });
