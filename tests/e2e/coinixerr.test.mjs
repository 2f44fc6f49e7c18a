// Holders of keys give by the coiniXerr protocol, through a second implementation of it; hostile peers keep nobody from it, and the ledger
// verifies afterwards.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { connect, decode, digestOf, encode, hashedText, saltOf, write } from './parts/coinixerr.mjs';
import { LIMITS } from './parts/games.mjs';
import { makeHolder } from './parts/holder.mjs';
import { PASSWORD, call, consectl, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { freePort } from './parts/processes.mjs';
import { startSystem } from './parts/system.mjs';

const PATIENCE_MS = 10000;
let system, port, dev;
const ann = {}, bob = {};

before(async () => {
    port = await freePort();
    system = await startSystem({ env: { ...LIMITS, CONSE_COINIXERR: `127.0.0.1:${port}` } });
    dev = await signUpAs(system, 'dora', 'dev');
    await join(ann, 'ann');
    await join(bob, 'bob');
});
after(() => system?.stop());

// Signs up, links the wallet, and asks for its address.
async function join(person, name) {
    Object.assign(person, await signUp(system, name), { holder: makeHolder() });
    const { message } = await ok(system, 'POST', '/auth/wallet/challenge', { body: { address: person.holder.address } });
    const signature = person.holder.sign(Buffer.from(message)).toString('base64');
    await ok(system, 'POST', '/auth/proof', { token: person.token, body: { password: PASSWORD } });
    await ok(system, 'POST', '/auth/wallet/verify', { token: person.token, body: { message, signature } });
    await eventually(async () => {
        person.address = (await ok(system, 'GET', '/wallet', { token: person.token })).coinixerr_address;
        return Boolean(person.address);
    }, PATIENCE_MS);
}

const linked = async (person) => {
    const { wallet_balances: balances = [] } = await ok(system, 'GET', '/wallet', { token: person.token });
    return Number(balances.find(({ kind }) => kind === 'CONSE')?.amount ?? 0);
};
const give = (amount, more = {}) => encode(write(ann.holder, { amount, from: ann.address, to: bob.address, ...more }));

test('an address is the slow hash of the key', async () => {
    assert.equal(await digestOf(ann.holder.publicKey, saltOf(ann.address)), ann.address);
    assert.equal(ann.address.length, 137);
    assert.ok(saltOf(ann.address).equals(saltOf(bob.address)));
});

test('what a holder signed moves once, and is answered with its hash', async () => {
    await eventually(async () => (await call(system, 'POST', '/ledger/grants', { token: dev.token, body: { to_user_id: ann.id, amount: 5000, memo: 'x' } })).status === 201, PATIENCE_MS);
    await ok(system, 'POST', '/ledger/transfers', { token: ann.token, body: { to_address: ann.holder.address, amount: 2000 } });
    const node = await connect(port);
    const bytes = give(300);
    const answer = await node.ask(bytes);
    assert.equal(answer.amount, 300);
    assert.ok(Math.abs(answer.signed - Date.now() / 1000) < 60);
    assert.equal(await digestOf(hashedText(answer), saltOf(answer.hash)), answer.hash);
    assert.deepEqual(await node.ask(bytes), answer);
    const answers = await Promise.all([1, 2, 3].map(() => node.ask(give(10, { issued: answer.issued }))));
    assert.equal(new Set(answers.map(({ hash }) => hash)).size, 1);
    assert.deepEqual([await linked(ann), await linked(bob)], [1690, 310]);
    node.end();
    const bare = await connect(port, { framed: false });
    assert.equal((await bare.ask(give(20))).amount, 20);
    assert.match(await bare.ask(Buffer.from('is anybody there?')), /^refused MALFORMED: /);
    bare.end();
});

test('what nobody signed like this is refused, and nothing of it comes back', async () => {
    const node = await connect(port), stranger = makeHolder();
    const own = await digestOf(stranger.publicKey, saltOf(ann.address));
    const refusals = [
        [encode({ ...decode(give(5)), amount: 6 }), 'SIGNATURE_INVALID'],
        [give(5, { ttype: 2 }), 'INVALID_FIELD'],
        [give(-5), 'INVALID_FIELD'],
        [give(5, { issued: Math.floor(Date.now() / 1000) - 24 * 3600 }), 'ORDER_TOO_OLD'],
        [give(5, { from: bob.address }), 'INVALID_FIELD'],
        [give(5, { to: own }), 'NOT_FOUND'],
        [give(100000), 'FUNDS_SHORT'],
        [encode(write(stranger, { amount: 5, from: own, to: bob.address })), 'FUNDS_SHORT'],
    ];
    for (const [bytes, reason] of refusals) assert.ok((await node.ask(bytes)).startsWith(`refused ${reason}: `), reason);
    assert.equal(await linked(bob), 330);
    node.end();
});

test('five hundred slow peers and a flood keep nobody away', async () => {
    const slow = await Promise.all(Array.from({ length: 500 }, () => connect(port)));
    slow.forEach(({ socket }, i) => socket.write(i % 2 ? Buffer.from([0x9a, 1, 0, 0, 7]) : randomBytes(3)));
    const flood = await connect(port);
    for (let i = 0; i < 15; i++) flood.send(encode(write(makeHolder(), { amount: 1, from: ann.address, to: bob.address })));
    const node = await connect(port);
    assert.equal((await node.ask(give(40))).amount, 40);
    [...slow, flood, node].forEach(({ end }) => end());
    assert.equal(await linked(bob), 370);
});

test('it is the same after a kill, and the whole ledger verifies', async () => {
    const sent = give(50);
    let node = await connect(port);
    const answer = await node.ask(sent);
    await system.killAll('chain');
    await system.startAll('chain');
    await eventually(async () => (node = await connect(port).catch(() => undefined)) !== undefined, PATIENCE_MS);
    assert.deepEqual(await node.ask(sent), answer);
    node.end();
    await eventually(async () => (await call(system, 'GET', '/wallet', { token: ann.token })).status === 200, PATIENCE_MS);
    assert.equal(await linked(bob), 420);
    const { transactions } = await ok(system, 'GET', `/ledger/accounts/${ann.id}`, { token: ann.token });
    assert.equal(transactions[0].kind, 'TRANSFER'); // the key's account is not hers
    if (system.stores) return; // several processes have the store
    await system.term('chain');
    const verified = await consectl(system, '--json', 'ledger', 'verify');
    assert.equal(verified.code, 0, verified.stderr);
    await system.startAll('chain');
});
