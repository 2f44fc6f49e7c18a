// What operators ask of the installation as a whole.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { assertProblem, call, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

let system, dev, god, player;
const PATIENCE_MS = 30000;

before(async () => {
    system = await startSystem({ services: EVERY_SERVICE, env: { ...LIMITS, CONSE_BUS_KEY: 'c0ffee'.padEnd(64, '5'), CONSE_DRAIN: '7s' } });
    dev = await signUpAs(system, 'dora', 'dev');
    god = await signUpAs(system, 'hera', 'god');
    player = await signUp(system, 'ann');
});
after(() => system?.stop());

const services = async () => (await ok(system, 'GET', '/ops/services', { token: dev.token })).services;
const namesOf = (all) => [...new Set(all.map(({ name }) => name))];

test('only operators see it', async () => {
    assertProblem(await call(system, 'GET', '/ops/services'), 401, 'TOKEN_INVALID');
    for (const { token } of [player, god]) assertProblem(await call(system, 'GET', '/ops/services', { token }), 403, 'LEVEL_TOO_LOW');
});

test('each process of all five services is listed, with its version and how it does', async () => {
    let all;
    await eventually(async () => (all = await services()).length === system.services.length && all.every(({ ready }) => ready), PATIENCE_MS);
    assert.deepEqual(namesOf(all), ['ai', 'auth', 'chain', 'events', 'gateway']);
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    for (const { name, version, commit, since, age_ms: age, health } of all) {
        assert.match(version, /^\d+\.\d+\.\d+$/, name);
        assert.ok(commit, name);
        assert.ok(Math.abs(Date.now() - Date.parse(since)) < 600000, name);
        assert.ok(Number(age ?? 0) < 10000, name);
        assert.ok(health.ready, name);
        const lag = health.readings.find((each) => each.name === 'conse_consumer_lag_seconds');
        assert.equal(Boolean(lag), name !== 'gateway');
        for (const reading of ['conse_clock_offset_seconds', 'process_open_fds']) assert.ok(health.readings.some((each) => each.name === reading), `${name} says ${reading}`);
    }
});

test('how far a service is behind another is told, and grows while that one is away', async () => {
    const lagOf = async (name) => Number((await services()).find((each) => each.name === name)?.health.readings.find((each) => each.name === 'conse_consumer_lag_seconds')?.value ?? 0);
    await eventually(async () => (await lagOf('ai')) < 5, PATIENCE_MS);
    await system.kill('chain');
    await eventually(async () => (await lagOf('events')) > 5, PATIENCE_MS);
    await system.start('chain');
    await eventually(async () => (await lagOf('events')) < 5, PATIENCE_MS);
});

test('how long calls take is told by class of method', async () => {
    const timeOf = async (service, kind) => (await services()).filter(({ name }) => name === service).flatMap(({ health }) => health?.times ?? []).find((time) => time.class === kind);
    await eventually(async () => (await timeOf('auth', 'READ')) && (await timeOf('auth', 'SLOW')) && (await timeOf('gateway', 'HTTP')), PATIENCE_MS);
    const http = await timeOf('gateway', 'HTTP');
    assert.ok(Number(http.calls) > 0 && http.p99_us >= 100 && http.p99_us <= 10000000, JSON.stringify(http));
    assert.ok((await services()).some(({ name, health }) => name === 'auth' && health.commit_p99_us > 0));
});

test('the settings of each process are told, and no secret is', async () => {
    const secret = system.env.CONSE_BUS_KEY;
    for (const { token } of [player, god]) assertProblem(await call(system, 'GET', '/ops/config', { token }), 403, 'LEVEL_TOO_LOW');
    assertProblem(await call(system, 'GET', '/ops/config'), 401, 'TOKEN_INVALID');
    let all;
    const told = async () => (all = (await ok(system, 'GET', '/ops/config', { token: dev.token })).services).length === system.services.length && all.every(({ settings }) => settings?.length);
    await eventually(told, PATIENCE_MS);
    assert.deepEqual(namesOf(all), ['ai', 'auth', 'chain', 'events', 'gateway']);
    for (const { name, settings } of all) {
        const of = Object.fromEntries(settings.map((setting) => [setting.name, setting]));
        assert.deepEqual([of.CONSE_BUS_KEY.value, of.CONSE_BUS_KEY.source], ['***', 'environment'], name);
        assert.deepEqual([of.CONSE_HUNG.value, of.CONSE_HUNG.source], ['30s', 'default'], name);
        assert.equal(of.CONSE_DRAIN.value, '7s', name);
    }
    assert.ok(!JSON.stringify(all).includes(secret));
    assert.ok(all.find(({ name }) => name === 'auth').settings.some((setting) => setting.name === 'CONSE_HASH_MEMORY' && setting.value === '8M'));
});

test('who is gone is not listed for long', async () => {
    await system.killAll('ai');
    await eventually(async () => !namesOf(await services()).includes('ai'), PATIENCE_MS);
    await system.startAll('ai');
    await eventually(async () => (await services()).some(({ name, ready }) => name === 'ai' && ready), PATIENCE_MS);
});
