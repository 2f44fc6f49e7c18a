// Every block goes to another node, which can check it; who was away, or has something else, is brought to what there is.
import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { bytes, keyOf } from './parts/ledger.mjs';
import { startMirror } from './parts/mirror.mjs';
import { call, eventually, ok, signUpAs } from './parts/people.mjs';
import { freePort } from './parts/processes.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 30000;
let system, mirror, dev, port;

before(async () => {
    port = await freePort();
    mirror = await startMirror({ port });
    system = await startSystem({ env: { ...LIMITS, CONSE_COINIXERR_ADDR: `127.0.0.1:${port}` } });
    dev = await signUpAs(system, 'dora', 'dev');
    await grant();
});
after(async () => {
    await system?.stop();
    await mirror?.stop();
});

const grant = () =>
    eventually(async () => (await call(system, 'POST', '/ledger/grants', { token: dev.token, body: { to_user_id: dev.id, amount: 1, memo: 'x' } })).status === 201, PATIENCE_MS);
// The other node has what this one has, now that something more was sealed.
async function grow() {
    const { height } = await ok(system, 'GET', '/ledger');
    await grant();
    await eventually(async () => {
        const ledger = await ok(system, 'GET', '/ledger');
        return BigInt(ledger.height) > BigInt(height ?? 0) && BigInt(mirror.blocks.length) === BigInt(ledger.height) && mirror.blocks.at(-1).hash.equals(bytes(ledger.head));
    }, PATIENCE_MS);
}
async function startAgain(more) {
    await mirror.stop();
    mirror = await startMirror({ port, blocks: mirror.blocks, ...more });
}

test('every block is sent, and can be checked', async () => {
    for (let i = 0; i < 3; i++) await grow();
    const { chain, authority } = await ok(system, 'GET', '/ledger');
    assert.ok(mirror.chain.equals(bytes(chain)) && mirror.authority.equals(bytes(authority)));
    for (const { hash, signature } of mirror.blocks) assert.ok(verify(null, Buffer.concat([Buffer.from('conse/ledger/seal/1'), hash]), keyOf(mirror.authority), signature));
    assert.deepEqual(mirror.taken, mirror.blocks.map(({ index }) => index));
});

test('who was away gets what is missing, and no more', async () => {
    const had = mirror.blocks.length;
    await mirror.stop();
    for (let i = 0; i < 2; i++) await grant();
    mirror = await startMirror({ port, blocks: mirror.blocks });
    await grow();
    assert.deepEqual(mirror.greetings, [had]);
    assert.equal(mirror.taken[0], had);
    await startAgain({ blocks: mirror.blocks.slice(0, 1) });
    await grow();
    assert.equal(mirror.taken[0], 1);
});

test('what does not follow from this ledger is replaced', async () => {
    const foreign = mirror.blocks.map((block, i) => (i < 2 ? block : { ...block, hash: Buffer.alloc(32, i) }));
    await startAgain({ blocks: foreign });
    await grow();
    await startAgain({ blocks: [...mirror.blocks, ...foreign] }); // as of before a restore
    await grow();
});

test('a hostile node keeps nobody from the ledger', async () => {
    const answers = [() => Buffer.alloc(4, 0xff), () => Buffer.from([8, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]), () => undefined, () => Buffer.alloc(100000)];
    for (const answer of answers) {
        await startAgain({ answer });
        await grant();
        await eventually(() => mirror.greetings.length > 0, PATIENCE_MS);
        assert.equal((await call(system, 'GET', '/wallet', { token: dev.token })).status, 200);
        await startAgain({});
        await grow();
    }
    await system.killAll('chain');
    await system.startAll('chain');
    await grow();
});
