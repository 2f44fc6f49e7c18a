// An evening's arrival: many people log in at once behind one address, while others guess.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPhones } from './parts/auth_people.mjs';
import { call, PASSWORD } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const PEOPLE = 50, GUESSERS = 8, WITHIN_MS = 5000, SMS_MS = 100;
const names = Array.from({ length: PEOPLE }, (_, i) => `guest-${i}`);
const devices = {}; // name: device token of the sign-up
let system, phones, hashMs = 0;

const from = (address) => ({ 'X-Forwarded-For': address });
const logIn = (username, password, address, device_token) =>
    call(system, 'POST', '/auth/login', { body: { username, password, device_token }, headers: from(address) });

// The limit is of a machine that does nothing else; a busy one gets what it takes for one log-in after the other.
const limitMs = () => Math.max(WITHIN_MS, PEOPLE * hashMs);

before(async () => {
    phones = await openPhones(() => 204, SMS_MS);
    system = await startSystem({
        services: ['auth', 'gateway'],
        env: { ...phones.env, CONSE_TRUSTED_PROXIES: '127.0.0.1', CONSE_HASH_MEMORY: '', CONSE_HASH_OPS: '' }, // the default cost
    });
    for (const username of names) {
        const reply = await call(system, 'POST', '/auth/signup', { body: { username, password: PASSWORD }, headers: from('192.0.2.1') });
        assert.equal(reply.status, 201);
        devices[username] = reply.body.device_token;
    }
});

after(async () => {
    await system?.stop();
    phones?.close();
});

async function arrive(address, devices = {}) {
    let began = performance.now();
    assert.equal((await logIn(names[0], PASSWORD, '192.0.2.2', devices[names[0]])).status, 200);
    hashMs = Math.max(hashMs, performance.now() - began);
    began = performance.now();
    const replies = await Promise.all(names.map((name) => logIn(name, PASSWORD, address, devices[name])));
    const refused = replies.filter((reply) => reply.status !== 200).map((reply) => `${reply.status} ${reply.body.code}`);
    assert.deepEqual(refused, []);
    const ms = performance.now() - began;
    assert.ok(ms < limitMs(), `${ms} ms, and ${hashMs} ms for one`);
}

test('fifty people log in at once behind one address', () => arrive('198.51.100.1'));

// Guesses from eight addresses until the work is done: pick gives the name.
async function whileGuessing(pick, network, work) {
    let guessing = true, guesses = 0;
    const guess = async (address, line) => {
        for (let i = 0; guessing; i++) {
            const { status } = await logIn(pick(`${line}-${i}`, i), 'a wrong password', address);
            if (status === 401) guesses++;
            if (status === 429) return; // locked, or out of tokens
        }
    };
    const lines = Array.from({ length: GUESSERS }, (_, g) => Array.from({ length: 15 }, (_, line) => guess(`${network}.${g}`, `${g}-${line}`))).flat();
    while (guesses < 2 * GUESSERS) await new Promise((resolve) => setImmediate(resolve));
    await work().finally(() => (guessing = false));
    await Promise.all(lines);
}

test('fifty people log in at once while eight addresses guess', () => whileGuessing((line) => `nobody-${line}`, '203.0.113', () => arrive('198.51.100.2')));

test('and while they guess at their accounts, on devices that are known', () =>
    whileGuessing((_, i) => names[i % PEOPLE], '203.0.114', () => arrive('198.51.100.4', devices)));

test('fifty people ask for a code at once behind one address', async () => {
    const replies = await Promise.all(names.map((_, i) =>
        call(system, 'POST', '/auth/otp', { body: { phone: `+9891200${String(i).padStart(5, '0')}` }, headers: from('198.51.100.3') })));
    const refused = replies.filter((reply) => reply.status !== 202).map((reply) => `${reply.status} ${reply.body.code}`);
    assert.deepEqual(refused, []);
});
