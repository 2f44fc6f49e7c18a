import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { doubt, monoNow, now, observe } from '../src/core/clock.js';
import { Problem } from '../src/core/problem.js';
import { parse } from '../src/core/router.js';
import { reader } from '../src/core/sse.js';
import { all, drop, find, keep } from '../src/core/store.js';
import { ask, uuid } from '../src/core/calls.js';

test('events come whole, however they are cut', () => {
    const text = ': hello\n\nevent: entry\r\nid: 7\r\ndata: {"a":1}\r\n\r\nevent: head\ndata: one\ndata: two\n\n: renew\n\n';
    for (let size = 1; size < text.length; size++) {
        const told = [];
        const take = reader((one) => told.push(one));
        for (let at = 0; at < text.length; at += size) take(text.slice(at, at + size));
        assert.deepEqual(told.filter(({ data }) => data).map(({ event, id, data }) => [event, id, data]), [['entry', '7', '{"a":1}'], ['head', '', 'one\ntwo']], String(size));
        assert.deepEqual(told.map(({ comment }) => comment).filter(Boolean), ['hello', 'renew'], String(size));
    }
});

test('addresses are places', () => {
    const at = (address) => Object.values(parse(address)).slice(0, 3);
    assert.deepEqual(at('/'), ['explore', '', '']);
    assert.deepEqual(at('/c/event/e1'), ['event', 'e1', '']);
    assert.deepEqual(at('/c/lead/e1/night'), ['lead', 'e1', 'night']);
    assert.deepEqual(at('/?event=e2'), ['event', 'e2', '']);
    assert.deepEqual(at('/elsewhere'), ['explore', '', '']);
});

test('the clock is the server’s, by the quickest answer', () => {
    const at = monoNow();
    observe(at - 1000, at, at + 5000); // half a second behind
    assert.ok(Math.abs(now() - monoNow() - 5500) < 1);
    observe(at - 20, at, at + 4990);
    assert.ok(Math.abs(now() - monoNow() - 5000) < 1);
    observe(at - 4000, at, at - 100_000); // slow ones are not believed
    assert.ok(Math.abs(now() - monoNow() - 5000) < 1);
    assert.equal(doubt(), 10);
});

test('what is kept is found, and dropped', async () => {
    await keep('queue', 'a', { n: 1 });
    assert.deepEqual(await find('queue', 'a'), { n: 1 });
    assert.equal((await all('queue')).length, 1);
    await drop('queue', 'a');
    assert.equal(await find('queue', 'a'), undefined);
});

test('a refusal says what is wrong with which field', () => {
    const problem = new Problem(400, { code: 'INVALID_FIELD', detail: 'no', errors: [{ field: 'username', detail: 'too short' }] });
    assert.equal(problem.fields.username, 'too short');
    assert.equal(problem.passes, false);
    assert.equal(new Problem(0).passes, true);
});

test('keys are UUIDs', () => {
    assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('who is asked for a proof of work does it, and asks once more', async (t) => {
    const wanted = { stamp: 'c3RhbXA', bits: 9 }, asked = [];
    t.mock.method(globalThis, 'fetch', async (path, { headers }) => {
        asked.push(headers['Conse-Proof']);
        return asked.length < 2 ? Response.json({ code: 'PROOF_WANTED', proof: wanted }, { status: 429 }) : Response.json({});
    });
    assert.equal((await ask('/auth/login', { method: 'POST', body: {} })).status, 200);
    assert.equal(asked[0], undefined);
    assert.match(asked[1], /^c3RhbXA\.\d+$/);
    const hash = createHash('sha256').update(asked[1]).digest();
    assert.ok(hash.readUInt16BE() < 1 << (16 - wanted.bits), hash.toString('hex'));
});
