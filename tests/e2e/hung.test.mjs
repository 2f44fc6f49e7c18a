// A process whose writes hang is told from one that only has much to do, and is started again by whoever looks after it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { untilAnswers } from './parts/processes.mjs';
import { logIn, signUp } from './parts/people.mjs';
import { BIN, startSystem, stopAfter } from './parts/system.mjs';

test('a disk that hangs fails /livez of its service alone, and a restart is enough', () =>
    startSystem({ services: ['auth', 'gateway'], replicas: 0, env: { CONSE_HUNG: '500ms' } }).then((started) =>
        stopAfter(started, async (system) => {
            const file = path.join(system.env.CONSE_DATA, 'hangs');
            const asked = (name, what) => fetch(`http://127.0.0.1:${system.admin[name]}/${what}`).then((r) => r.status);
            system.own = { auth: { LD_PRELOAD: path.resolve(BIN, '../tests/hangs.so'), TEST_HANGS: file } };
            await system.restart('auth');
            await signUp(system, 'before');
            assert.equal(await asked('auth', 'livez'), 200);
            fs.writeFileSync(file, '');
            const waiting = signUp(system, 'meanwhile').catch(() => {});
            await untilAnswers(system.children.auth, async () => (await asked('auth', 'livez')) === 503, { name: 'auth', story: () => 'it is said to live' });
            assert.deepEqual([await asked('auth', 'readyz'), await asked('gateway', 'livez')], [503, 200]);
            // What a kubelet does then; the disk is a new one.
            fs.rmSync(file);
            await system.restart('auth');
            await waiting;
            assert.equal(await asked('auth', 'livez'), 200);
            await signUp(system, 'after');
            await logIn(system, 'before');
        }),
    ));
