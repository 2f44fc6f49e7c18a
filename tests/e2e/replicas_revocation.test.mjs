// Three processes of auth, one of which no gateway hears: what it revokes is known at every gateway within a second, because each
// of them announces how far the store has revocations, whoever wrote them.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { call, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const HEARD_MS = 1000;
let system;

const places = (dir, names, suffix = '') => names.map((name) => `ipc://${path.join(dir, 'run', name)}${suffix}.ipc`).join();
// All are called at the third, which is not heard.
const own = (name, dir) =>
    name.startsWith('gateway') ? { CONSE_AUTH_PEERS: places(dir, ['auth-3']), CONSE_AUTH_TOPICS: places(dir, ['auth', 'auth-2'], '-bus') } : {};

before(async () => (system = await startSystem({ replicas: 3, env: LIMITS, own })));
after(() => system?.stop());

const ask = (url, token) => call({ url }, 'GET', '/auth/me', { token });

test('a log-out at a process that nobody hears is known at every gateway within a second', async () => {
    for (let round = 0; round < 3; round++) {
        const person = await signUpAs(system, `leaver${round}`, 'player');
        for (const url of system.urls) assert.equal((await ask(url, person.token)).status, 200);
        const out = await call({ url: system.urls[0] }, 'POST', '/auth/logout', { token: person.token, body: {} });
        assert.ok(out.status < 300, JSON.stringify(out.body));
        const since = Date.now();
        const heard = system.urls.map(async (url) => {
            while ((await ask(url, person.token)).status !== 401) assert.ok(Date.now() - since < HEARD_MS, `${url} still takes the token`);
        });
        await Promise.all(heard);
    }
});

test('a process that is gone and still listed keeps no god from leading', async () => {
    const god = await signUpAs(system, 'leader', 'god');
    await system.kill('auth-2');
    const end = Date.now() + 4000; // longer than revocations may be unheard
    while (Date.now() < end) {
        const { status, body } = await call({ url: system.urls[1] }, 'POST', '/groups', { token: god.token, body: { name: 'still there' } });
        assert.ok(status === 201 || body.code === 'TOO_MANY_GROUPS', JSON.stringify(body));
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
});
