// CONSE is issued and given away; every balance, record and block is checked by a second implementation of docs/ledger.md.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { makeHolder } from './parts/holder.mjs';
import { bytes, follow, isCertified, isSealed, leafOf, opens, provenRoot, rootOf } from './parts/ledger.mjs';
import { assertProblem, call, consectl, eventually, ok, prove, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, dev, ann, bob;
const PATIENCE_MS = 10000;

before(async () => {
    system = await startSystem({ env: LIMITS });
    dev = await signUpAs(system, 'dora', 'dev');
    ann = await signUp(system, 'ann');
    bob = await signUp(system, 'bob');
    await eventually(async () => (await grant(ann, 1, 'known')).status === 201, PATIENCE_MS); // its news of them has come
});
after(() => system?.stop());

const grant = (to, amount, memo) => call(system, 'POST', '/ledger/grants', { token: dev.token, body: { to_user_id: to.id, amount, memo } });
const give = (from, to, amount, more = {}) => call(system, 'POST', '/ledger/transfers', { token: from.token, body: { to_user_id: to.id, amount, ...more } });
const wallet = async (of) => (await ok(system, 'GET', '/wallet', { token: of.token })).balances.find(({ kind }) => kind === 'CONSE').amount;
const history = (of, query = '') => ok(system, 'GET', `/ledger/accounts/${of.id}${query}`, { token: of.token });

test('what was granted can be given away, and no more', async () => {
    const before = BigInt(await wallet(ann));
    assert.equal((await grant(ann, 1000, 'welcome')).status, 201);
    const { status, body } = await give(ann, bob, 300, { memo: 'for the tea' });
    assert.equal(status, 201);
    assert.equal(BigInt(body.balance), before + 700n);
    assert.equal(await wallet(bob), '300');
    assertProblem(await give(ann, bob, 1000000), 422, 'FUNDS_SHORT');
    assertProblem(await give(ann, ann, 1), 400, 'INVALID_FIELD');
    assertProblem(await call(system, 'POST', '/ledger/grants', { token: ann.token, body: { to_user_id: ann.id, amount: 1, memo: 'x' } }), 403, 'LEVEL_TOO_LOW');
    assertProblem(await call(system, 'GET', `/ledger/accounts/${ann.id}`, { token: bob.token }), 403, 'NOT_OWNER');
    assertProblem(await give(ann, { id: '01890000-0000-7000-8000-00000000dead' }, 1), 404, 'NOT_FOUND');
});

test('a repetition with its key moves nothing twice', async () => {
    const before = BigInt(await wallet(ann));
    const once = () => call(system, 'POST', '/ledger/transfers', { token: ann.token, headers: { 'Idempotency-Key': 'tea-once' }, body: { to_user_id: bob.id, amount: 5 } });
    const [first, second] = [await once(), await once()];
    assert.equal(first.body.transaction.id, second.body.transaction.id);
    assert.equal(BigInt(await wallet(ann)), before - 5n);
});

test('every transaction opens, and is in a block of the chain', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await give(ann, bob, 1 + i)).status, 201);
    const { transactions } = await history(bob);
    assert.ok(transactions.length >= 6 && transactions.every(opens));
    const newest = transactions[0];
    const holds = ({ first_transaction, count }) => BigInt(newest.id) >= BigInt(first_transaction) && BigInt(newest.id) < BigInt(first_transaction) + BigInt(count);
    let chain;
    await eventually(async () => (chain = await ok(system, 'GET', '/ledger/blocks?page_size=100')).blocks.some(holds), PATIENCE_MS);
    const ledger = await ok(system, 'GET', '/ledger');
    assert.ok(follow(chain.blocks) && chain.blocks.every((block) => isSealed(block, ledger.authority)));
    assert.equal(chain.blocks.at(-1).previous, ledger.chain);
    const block = chain.blocks.find(holds);
    const { leaves } = await ok(system, 'GET', `/ledger/blocks/${block.index ?? 0}`);
    assert.ok(rootOf(leaves.map(bytes)).equals(bytes(block.root)));
    const proof = await ok(system, 'GET', `/ledger/blocks/${block.index ?? 0}/proofs/${newest.id}`);
    const leaf = leafOf(bytes(newest.record));
    assert.ok(leaf.equals(bytes(proof.leaf)));
    assert.ok(provenRoot(leaf, proof.place ?? 0, block.count, (proof.siblings ?? []).map(bytes)).equals(bytes(block.root)));
});

test('the history goes back page by page to the first grant', async () => {
    const seen = [];
    for (let token = ''; ; ) {
        const page = await history(ann, `?page_size=3${token && `&page_token=${token}`}`);
        seen.push(...page.transactions);
        token = page.next_page_token;
        if (!token) break;
    }
    assert.ok(seen.every(opens));
    assert.equal(seen.at(-1).kind, 'GRANT');
    assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length);
    const sum = seen.flatMap(({ movements }) => movements).filter(({ user_id }) => user_id === ann.id).reduce((total, { amount }) => total + BigInt(amount), 0n);
    assert.equal(String(sum), await wallet(ann));
    assert.ok(seen.some(({ memo }) => memo === 'for the tea'));
});

test('devs list what was issued, and by whom', async () => {
    const read = (of, query) => call(system, 'GET', `/ledger/grants${query}`, { token: of.token });
    const { body: first } = await read(dev, '?page_size=1');
    assert.deepEqual([first.grants[0].by_id, first.grants[0].transaction.kind, first.grants[0].transaction.memo], [dev.id, 'GRANT', 'welcome']);
    const { body: rest } = await read(dev, `?page_token=${first.next_page_token}`);
    assert.equal(rest.grants.at(-1).transaction.memo, 'known');
    assertProblem(await read(ann, ''), 403, 'LEVEL_TOO_LOW');
    const refused = await read(dev, '?page_token=none');
    assertProblem(refused, 400, 'BAD_PAGE_TOKEN');
    assert.equal(refused.body.errors[0].field, 'page_token');
});

test('the holder of a key moves by signature what its account has, once', async () => {
    const holder = makeHolder(), other = makeHolder();
    const { chain } = await ok(system, 'GET', '/ledger');
    const submit = (order) => call(system, 'POST', '/ledger/transactions', { body: { bytes: order } });
    const send = (amount) => call(system, 'POST', '/ledger/transfers', { token: ann.token, body: { to_address: holder.address, amount } });
    assert.equal((await grant(ann, 2000, 'for the key')).status, 201);
    assertProblem(await send(1), 422, 'ACCOUNT_ABSENT');
    assert.equal((await send(1000)).status, 201);
    const mine = (await ok(system, 'GET', '/wallet', { token: bob.token })).account;
    const before = BigInt(await wallet(bob));
    const order = holder.order(chain, mine, 300);
    const answers = await Promise.all([submit(order), submit(order), submit(order)]);
    assert.deepEqual(answers.map(({ status }) => status), [201, 201, 201]);
    assert.equal(new Set(answers.map(({ body }) => body.transaction.id)).size, 1);
    assert.ok(answers.every(({ body }) => body.balance === '700' && opens(body.transaction)));
    assert.ok(answers[0].body.transaction.movements.every(({ user_id }) => !user_id));
    assert.equal(BigInt(await wallet(bob)), before + 300n);
    assert.equal((await history(bob)).transactions[0].kind, 'KEY_TRANSFER');
    assert.equal((await submit(holder.order(chain, other.address, 700))).body.balance ?? '0', '0');
    assertProblem(await submit(holder.order(chain, mine, 1)), 422, 'FUNDS_SHORT');
    assertProblem(await submit(other.order(Buffer.alloc(32).toString('base64'), mine, 1)), 422, 'SIGNATURE_INVALID');
    assertProblem(await submit(other.order(chain, mine, 1, { issued: Date.now() - 24 * 3600 * 1000 })), 422, 'ORDER_TOO_OLD');
    assertProblem(await submit('AAAA'), 400, 'INVALID_FIELD');
});

test('anybody checks the blocks, and their own transactions in them', async () => {
    const file = path.join(system.dir, 'own.json'), mine = await history(bob, '?page_size=100');
    fs.writeFileSync(file, JSON.stringify(mine));
    let checked;
    const allSealed = async () => {
        const { code, stdout, stderr } = await consectl(system, '--json', 'ledger', 'check', system.url, file);
        assert.equal(code, 0, stderr);
        checked = JSON.parse(stdout);
        return checked.sealed === mine.transactions.length;
    };
    await eventually(allSealed, PATIENCE_MS);
    assert.ok(checked.blocks >= 1);
    const lies = [
        ([newest]) => { newest.movements[0].amount = '-1000'; },
        ([newest]) => { newest.time = new Date(0).toISOString(); },
        ([newest]) => { newest.kind = newest.kind === 'GRANT' ? 'TRANSFER' : 'GRANT'; },
        ([newest]) => { newest.id = String(BigInt(newest.id) + 1n); },
        ([newest]) => { newest.movements.push(newest.movements[0]); newest.opened.push(newest.opened[0]); },
        (transactions) => { transactions.unshift(transactions[0]); },
    ];
    for (const lie of lies) {
        const told = structuredClone(mine);
        lie(told.transactions);
        fs.writeFileSync(file, JSON.stringify(told));
        const caught = await consectl(system, 'ledger', 'check', system.url, file);
        assert.equal(caught.code, 1, String(lie));
        assert.match(caught.stderr, /is not what its record says/);
    }
});

// Before the server, and in `told` answers to the first questions, instead of its own.
async function startLiar(told) {
    const server = http.createServer(async (request, response) => {
        const reply = told[request.url]?.shift() ?? (await (await fetch(system.url + request.url)).text());
        response.setHeader('Content-Type', 'application/json').end(reply);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

test('a key that is rotated while the blocks are checked is no lie', async () => {
    await eventually(async () => (await ok(system, 'GET', '/ledger')).certificate, PATIENCE_MS); // auth has signed its key
    const ledger = await ok(system, 'GET', '/ledger');
    const other = { ...ledger, authority: Buffer.alloc(32, 1).toString('base64') }, before = JSON.stringify({ ...other, certificate: undefined });
    const check = async (told) => {
        const liar = await startLiar({ '/ledger': told });
        const { code, stderr } = await consectl(system, 'ledger', 'check', liar.url);
        liar.stop();
        return [code, stderr];
    };
    assert.deepEqual(await check([before]), [0, '']);
    const [code, stderr] = await check(Array(20).fill(before));
    assert.equal(code, 1);
    assert.match(stderr, /is not signed by the ledger's key/);
    assert.match((await check([JSON.stringify(other)]))[1], /identity has not signed/);
});

test("the server's identity has signed the ledger's key", async () => {
    const { chain, authority, certificate } = await ok(system, 'GET', '/ledger');
    const { public_key: identity } = await ok(system, 'GET', '/.well-known/conse');
    assert.ok(isCertified({ authority, certificate }, identity));
    assert.ok(!isCertified({ authority: chain, certificate }, identity));
});

test('what was acknowledged survives a kill, and the whole ledger verifies', async () => {
    const [a, b] = [await wallet(ann), await wallet(bob)];
    await system.killAll('chain');
    await system.startAll('chain');
    await eventually(async () => (await call(system, 'GET', '/wallet', { token: ann.token })).status === 200, PATIENCE_MS);
    assert.deepEqual([await wallet(ann), await wallet(bob)], [a, b]);
    if (system.stores) return; // several processes have the store
    await system.term('chain');
    const verified = await consectl(system, '--json', 'ledger', 'verify');
    assert.equal(verified.code, 0, verified.stderr);
    assert.ok(JSON.parse(verified.stdout).blocks >= 1);
    await system.startAll('chain');
});

test('many at once give what they have, and money is conserved', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, (_, i) => signUp(system, `crowd${i}`)));
    for (const person of people) await eventually(async () => (await grant(person, 100, 'crowd')).status === 201, PATIENCE_MS);
    const tries = Array.from({ length: 200 }, (_, i) => give(people[i % 8], people[(i * 3 + 1) % 8], 1 + (i % 40)));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    assert.ok(statuses.every((status) => [201, 422, 400].includes(status)), String(new Set(statuses)));
    const sums = await Promise.all(people.map(wallet));
    assert.equal(sums.reduce((total, amount) => total + BigInt(amount), 0n), 800n);
    assert.ok(sums.every((amount) => BigInt(amount) >= 0n));
});

test('the ledger of a running service verifies, and all that was issued is somewhere', async () => {
    const { code, stdout, stderr } = await consectl(system, '--json', 'ledger', 'verify');
    assert.equal(code, 0, stderr);
    const { conse, conse_held: held, lamports, entries } = JSON.parse(stdout);
    assert.ok(entries > 200 && BigInt(conse) > 0n && lamports === '0', stdout);
    assert.equal(Object.values(held).reduce((sum, each) => sum + BigInt(each), 0n), BigInt(conse));
    assert.ok(BigInt(held.people) > 0n && BigInt(held.keys) > 0n, stdout);
    const words = await consectl(system, 'ledger', 'verify');
    assert.match(words.stdout, new RegExp(`^conse +${conse} minor units exist: people ${held.people}, keys ${held.keys}$`, 'm'));
});

test('what an account has is given away, or given up, before it is deleted', async () => {
    const [owner, other] = [await signUp(system, 'owner'), await signUp(system, 'other')];
    const erase = ({ token }, query = '') => call(system, 'DELETE', `/auth/me${query}`, { token });
    for (const person of [owner, other]) await eventually(async () => (await grant(person, 250, 'start')).status === 201, PATIENCE_MS);
    assertProblem(await erase(owner), 403, 'PROOF_NEEDED');
    await prove(system, owner.token);
    const refused = await erase(owner);
    assertProblem(refused, 409, 'BELONGINGS_LEFT');
    assert.match(refused.body.detail, /has 250 hundredths of CONSE$/);
    await system.killAll('chain');
    assertProblem(await erase(owner), 503, 'SERVICE_AWAY');
    await system.startAll('chain');
    await eventually(async () => (await give(owner, bob, 250)).status === 201, PATIENCE_MS);
    assert.equal((await erase(owner)).status, 204);
    await prove(system, other.token);
    assert.equal((await erase(other, '?forfeit=true')).status, 204);
});
