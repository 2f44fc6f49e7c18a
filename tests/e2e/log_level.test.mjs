// How much a process logs is changed while it runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilAnswers } from './parts/processes.mjs';
import { signUp } from './parts/people.mjs';
import { startSystem, stopAfter } from './parts/system.mjs';

test('SIGUSR1 has one level more logged, SIGUSR2 as much as the setting says, and the process goes on', () =>
    startSystem({ services: ['auth', 'gateway'], replicas: 0, env: { CONSE_LOG_LEVEL: 'warn' } }).then((started) =>
        stopAfter(started, async (system) => {
            const child = system.children.auth;
            const found = (pattern) => [...system.log('auth').matchAll(pattern)].map(([, word]) => word);
            const until = (holds) => untilAnswers(child, async () => holds(), { name: 'auth', story: () => system.log('auth') });
            const reloads = () => found(/level=info .*(token keys read again)/g).length;
            const told = [];
            const send = async (signal, level) => {
                told.push(level);
                child.kill(signal);
                await until(() => found(/event="log level" .* to=(\w+)$/gm).length === told.length);
                assert.deepEqual(found(/event="log level" .* to=(\w+)$/gm), told);
            };
            child.kill('SIGHUP');
            await send('SIGUSR1', 'info');
            assert.equal(reloads(), 0, 'the setting is warn');
            child.kill('SIGHUP');
            await until(() => reloads() === 1);
            await send('SIGUSR1', 'debug');
            await send('SIGUSR1', 'debug');
            await send('SIGUSR2', 'warn');
            child.kill('SIGHUP');
            await send('SIGUSR1', 'info');
            assert.equal(reloads(), 1, 'the setting was in force again');
            await signUp(system, 'mira');
        }),
    ));
