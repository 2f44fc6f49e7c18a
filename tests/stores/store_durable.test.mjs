// What a store acknowledged is there after its server was killed, and after its own process was.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startDriver } from './parts/driver.mjs';
import { startServer } from './parts/servers.mjs';

const STREAMS = 3;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-durable-'));
let server;

before(async () => (server = await startServer('ferretdb')));
after(async () => {
    await server?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
});

// Appends to streams of its own until told to stop, or the driver dies: {acknowledged: [count for each stream], stop()}.
function writing(driver, run) {
    const acknowledged = Array(STREAMS).fill(0);
    let stopped = false;
    const chains = acknowledged.map(async (_, s) => {
        for (let outcome; !stopped && outcome !== 'died'; ) {
            outcome = await driver.append(`r${run}s${s}`, acknowledged[s] + 1, [`${acknowledged[s] + 1}`]);
            if (outcome === 'durable') acknowledged[s]++;
            else assert.ok(['STORE_AWAY', 'died'].includes(outcome), outcome);
        }
    });
    const stop = () => {
        stopped = true;
        return Promise.all(chains);
    };
    return { acknowledged, stop, until: async (count) => { while (acknowledged.some((n) => n < count)) await driver.accepts(); } };
}

async function assertThere(driver, run, acknowledged, { more }) {
    for (const [s, count] of acknowledged.entries()) {
        const texts = await driver.texts(`r${run}s${s}`);
        assert.ok(texts.length >= count && texts.length <= count + more, `${count} were acknowledged, ${texts.length} are there`);
        assert.deepEqual(texts, texts.map((_, i) => `${i + 1}`));
    }
}

test('the server is killed again and again: what was in flight is settled when it is back', async () => {
    const driver = await startDriver(`${server.url}/test`);
    const writes = writing(driver, 0);
    for (let kill = 1; kill <= 4; kill++) {
        await writes.until(kill * 8);
        await server.kill();
        while ((await driver.accepts()) !== 'STORE_AWAY');
        await server.start();
    }
    await writes.until(40);
    await writes.stop();
    await assertThere(driver, 0, writes.acknowledged, { more: 0 });
    assert.equal(await driver.close(), 0);
});

const URLS = { sqlite: () => `sqlite:${folder}/store.db`, ferretdb: () => `${server.url}/test` };
for (const [kind, urlOf] of Object.entries(URLS)) {
    test(`the process is killed: another finds all that was acknowledged, and goes on (${kind})`, async () => {
        for (let run = 1; run <= 3; run++) {
            const driver = await startDriver(urlOf());
            const writes = writing(driver, run);
            await writes.until(8);
            await driver.kill();
            await writes.stop();
            const next = await startDriver(urlOf());
            await assertThere(next, run, writes.acknowledged, { more: 1 });
            assert.equal(await next.append(`r${run}s0`, (await next.head(`r${run}s0`)) + 1, ['more']), 'durable');
            assert.equal(await next.close(), 0);
        }
    });
}
