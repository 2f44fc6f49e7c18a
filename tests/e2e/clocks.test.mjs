// A process whose wall clock is off by more than half a second is not ready until it is right again.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from './parts/people.mjs';
import { BIN, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 40000;
let system;
const fileOf = (name) => path.join(system.dir, `${name}.clock`);

// Of the running process, or before it starts.
function setClock(name, ahead_ms) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(ahead_ms));
    const file = fs.openSync(fileOf(name), fs.existsSync(fileOf(name)) ? 'r+' : 'w');
    fs.writeSync(file, bytes, 0, 8, 0);
    fs.closeSync(file);
}

const get = (name, route) => fetch(`http://127.0.0.1:${system.admin[name]}${route}`);
const statusOf = async (name) => (await get(name, '/readyz')).status;
const untilStatus = (name, status) => eventually(async () => (await statusOf(name)) === status, PATIENCE_MS);
const offsetOf = async (name) => Number(/^conse_clock_offset_seconds\S* (\S+)$/m.exec(await (await get(name, '/metrics')).text())[1]);

before(async () => {
    system = await startSystem({ replicas: 0 });
    for (const name of ['gateway']) {
        await system.term(name);
        setClock(name, 0);
        system.own[name] = { LD_PRELOAD: path.resolve(BIN, '../tests/clock.so'), TEST_CLOCK: fileOf(name) };
        await system.start(name);
    }
});
after(() => system?.stop());

test('one whose clock is behind is not ready, and says why; the others are', async () => {
    setClock('gateway', -2000);
    await untilStatus('gateway', 503);
    assert.equal(await (await get('gateway', '/readyz')).text(), 'not ready\nthe clock is off by more than half a second\n');
    assert.equal((await get('gateway', '/livez')).status, 200);
    assert.ok(Math.abs((await offsetOf('gateway')) + 2) < 0.4, String(await offsetOf('gateway')));
    for (const name of ['auth', 'events', 'chain']) assert.equal(await statusOf(name), 200, name);
    assert.match(system.log('gateway'), /the clock is off: this process is not ready.*ahead_ms=-\d{4}/);
});

test('it is ready again when the clock is right', async () => {
    setClock('gateway', 0);
    await untilStatus('gateway', 200);
    assert.ok(Math.abs(await offsetOf('gateway')) < 0.5);
    assert.match(system.log('gateway'), /the clock agrees with the others again/);
});
