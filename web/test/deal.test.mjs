import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import { numbers } from '../src/core/fair/chance.js';
import { bytesOf, climb, merkleRoot, same, sha256 } from '../src/core/fair/hash.js';
import { checkDeal } from '../src/core/fair/deal.js';

test('the numbers are the key stream of ChaCha20, over several blocks', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7);
    const stream = createCipheriv('chacha20', key, Buffer.alloc(16)).update(Buffer.alloc(64 * 5));
    const source = numbers(key);
    for (let at = 0; at < stream.length; at += 4) assert.equal(source.next().value, stream.readUInt32LE(at), String(at));
});

test('a leaf leads to its root', async () => {
    const leaves = await Promise.all(Array.from({ length: 4 }, (_, i) => sha256(String(i))));
    const [left, right] = [await merkleRoot(leaves.slice(0, 2)), await merkleRoot(leaves.slice(2))];
    assert.ok(same(await climb(leaves[2], 2, [leaves[3], left]), await merkleRoot(leaves)));
    assert.ok(same(await climb(leaves[1], 1, [leaves[0], right]), await merkleRoot(leaves)));
    assert.equal(Buffer.from(await sha256()).toString('hex').slice(0, 8), 'e3b0c442');
    assert.deepEqual([...bytesOf('AQI=')], [1, 2]);
});

test('what is no deal, or not open, is said so', async () => {
    for (const nothing of [undefined, null, {}, 7]) await assert.rejects(checkDeal(nothing), { code: 'NONE' });
    await assert.rejects(checkDeal({ event_id: 'e' }), { code: 'CLOSED' });
    await assert.rejects(checkDeal({ event_id: 'e', opened: { secret: '%' } }), { code: 'NONE' });
});
