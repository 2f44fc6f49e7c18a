// A store that takes its time: what ended is void at every gateway all the same, because the process that ends it says so before the
// stream of revocations has it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { call, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const SLOW_MS = 6000;
let system;

before(async () => (system = await startSystem({ replicas: 2, proxied: true, env: LIMITS })));
after(() => system?.stop());

const ask = (url, token) => call({ url }, 'GET', '/auth/me', { token });

async function untilVoidEverywhere(token) {
    const end = Date.now() + 2 * SLOW_MS;
    const heard = system.urls.map(async (url) => {
        while ((await ask(url, token)).status !== 401) assert.ok(Date.now() < end, `${url} still takes the token`);
    });
    await Promise.all(heard);
}

test('a log-out is heard while its entry is on its way to the store', async () => {
    const person = await signUpAs(system, 'leaver', 'player');
    for (const url of system.urls) assert.equal((await ask(url, person.token)).status, 200);
    const slow = system.stores.proxy.add({ command: 'insert', collection: 'entries_*', do: 'pass', delay_ms: SLOW_MS });
    let answered = false;
    const out = call({ url: system.urls[0] }, 'POST', '/auth/logout', { token: person.token, body: {} }).finally(() => (answered = true));
    await untilVoidEverywhere(person.token);
    assert.equal(answered, false);
    assert.equal(slow.met, 0);
    assert.equal((await out).status, 204);
    assert.equal(slow.met, 1);
});
