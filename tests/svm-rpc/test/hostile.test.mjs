// Input that is no request, no transaction or no account: answered, never fatal. The native module ends the process on bytes
// that do not deserialize, so these tests run against a server in a process of its own and ask whether it still lives.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AddressLookupTableAccount, Keypair, SystemProgram, TransactionMessage, VersionedTransaction } from '@solana/web3.js';

const SERVER = fileURLToPath(new URL('../src/server.mjs', import.meta.url));
let child;
let url;

before(async () => {
  child = spawn(process.execPath, [SERVER, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  ({ url } = JSON.parse(line));
});
after(async () => {
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, 'SIGTERM ends it in order');
});

let id = 0;
const post = (body) => fetch(url, { method: 'POST', body });
const call = async (method, ...params) => (await post(JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }))).json();
const alive = async () => assert.equal((await call('getHealth')).result, 'ok');

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
let state = seed;
function below(n) { // xorshift32
  state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
  return (state >>> 0) % n;
}

function makeTransactions() {
  const payer = Keypair.generate();
  const to = Keypair.generate().publicKey;
  const instructions = [SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: to, lamports: 5 })];
  const draft = new TransactionMessage({ payerKey: payer.publicKey, recentBlockhash: Keypair.generate().publicKey.toBase58(), instructions });
  const table = new AddressLookupTableAccount({ key: Keypair.generate().publicKey, state: { addresses: [to] } });
  return [draft.compileToLegacyMessage(), draft.compileToV0Message(), draft.compileToV0Message([table])].map((message) => {
    const tx = new VersionedTransaction(message);
    tx.sign([payer]);
    return Buffer.from(tx.serialize());
  });
}

/** A copy with a few bytes changed, cut, repeated or added. */
function mutate(bytes) {
  let out = Buffer.from(bytes);
  for (let n = 1 + below(3); n > 0; n--) {
    const at = below(out.length || 1);
    const kind = below(5);
    if (kind === 0) out[at] = below(256);
    else if (kind === 1) out[at] ^= 1 << below(8);
    else if (kind === 2) out = out.subarray(0, at);
    else if (kind === 3) out = Buffer.concat([out.subarray(0, at), out.subarray(below(at + 1), at), out.subarray(at)]);
    else out = Buffer.concat([out, Buffer.from([below(256)])]);
    out = Buffer.from(out);
  }
  return out;
}

test(`mutated transactions (SEED=${seed})`, async () => {
  const seeds = makeTransactions();
  for (let i = 0; i < 60; i++) {
    const batch = Array.from({ length: 50 }, () => mutate(seeds[below(seeds.length)]).toString('base64')).flatMap((text) => [
      { jsonrpc: '2.0', id: 1, method: 'sendTransaction', params: [text, { encoding: 'base64', skipPreflight: below(2) === 1 }] },
      { jsonrpc: '2.0', id: 2, method: 'simulateTransaction', params: [text, { encoding: 'base64', replaceRecentBlockhash: below(2) === 1 }] },
      { jsonrpc: '2.0', id: 3, method: 'getFeeForMessage', params: [text] },
    ]);
    const answers = await (await post(JSON.stringify(batch))).json();
    assert.equal(answers.length, 150);
    for (const { error } of answers) assert.notEqual(error?.code, -32603, 'no fault of the server');
  }
  await alive();
});

test('bytes that are no transaction', async () => {
  const [legacy] = makeTransactions();
  const signers = Buffer.from(legacy);
  signers[65] = 200; // another format to the native module
  const bad = [Buffer.alloc(0), Buffer.from([1]), Buffer.alloc(1232, 255), legacy.subarray(0, -1), Buffer.concat([legacy, Buffer.from([0])]), Buffer.alloc(1233), signers];
  for (const bytes of bad)
    for (const method of ['sendTransaction', 'simulateTransaction']) assert.equal((await call(method, bytes.toString('base64'), { encoding: 'base64' })).error.code, -32602);
  for (const text of ['!', 'A', '====', 7, null, {}, 'A'.repeat(100_000)]) assert.equal((await call('sendTransaction', text, { encoding: 'base64' })).error.code, -32602);
  assert.equal((await call('sendTransaction', '1'.repeat(100_000))).error.code, -32602, 'base58 is quadratic, so its length is bounded');
  assert.equal((await call('sendTransaction', 'AA==', { encoding: 'toString' })).error.code, -32602);
  await alive();
});

test('bodies that are no requests', async () => {
  for (const body of ['', '{', '{}', '[]', 'null', '1', '"x"', '[1]', '{"jsonrpc":"1.0","method":"getSlot"}', '{"jsonrpc":"2.0","id":1,"method":7}', '\u0000', Buffer.alloc(100, 255)]) {
    const answer = await (await post(body)).json();
    assert.ok([-32700, -32600].includes((Array.isArray(answer) ? answer[0] : answer).error.code), String(body));
  }
  assert.equal((await call('constructor')).error.code, -32601);
  assert.equal((await call('__proto__')).error.code, -32601);
  const named = await (await post('{"jsonrpc":"2.0","id":1,"method":"getSlot","params":{"commitment":"finalized"}}')).json();
  assert.equal(named.error.code, -32602);
  const many = await (await post(`[${'{},'.repeat(1000)}{}]`)).json();
  assert.equal(many.error.code, -32600, 'a batch is bounded');
  await alive();
});

test('deep JSON', async () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  const whole = await (await post(deep)).json();
  assert.ok((Array.isArray(whole) ? whole[0] : whole).error);
  for (const method of ['getBalance', 'sendTransaction', 'getProgramAccounts', 'svm_fault', 'svm_setAccount']) {
    const answer = await (await post(`{"jsonrpc":"2.0","id":${deep},"method":"${method}","params":["getSlot",${deep}]}`)).json();
    assert.ok(answer.error, method);
    assert.equal(answer.id, null);
  }
  await alive();
});

test('a body over the limit is answered 413 and cut off', async () => {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  const closed = new Promise((resolve) => { socket.on('close', resolve); });
  socket.on('data', (chunk) => { answer += chunk; });
  socket.on('error', () => {}); // a write after the server hung up
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
  const chunk = `${(1 << 20).toString(16)}\r\n${'x'.repeat(1 << 20)}\r\n`;
  for (let i = 0; i < 9; i++) socket.write(chunk); // and no end
  await closed;
  assert.match(answer, /^HTTP\/1\.1 413 /);
  await alive();
});

test('methods and paths that are none', async () => {
  assert.equal(await (await fetch(`${url}/health`)).text(), 'ok');
  assert.equal((await fetch(url)).status, 405);
  assert.equal((await fetch(url, { method: 'PUT', body: '{}' })).status, 405);
});

test('parameters of the wrong type, to every method', async () => {
  const odd = [undefined, null, true, -1, 1.5, 1e300, '', 'x', '1'.repeat(32), '1'.repeat(5000), [], [[]], [null], {}, { encoding: 7 }, { commitment: 'soon' }, { dataSlice: { offset: -1, length: 5 } },
    { filters: [{}] }, { filters: 7 }, { mint: 'x' }, { mentions: [7] }, { limit: -5 }, { minContextSlot: 1e18 }, { addresses: 'x' }, { lamports: -1 }, { lamports: '99999999999999999999999' }];
  const methods = ['getHealth', 'getVersion', 'getGenesisHash', 'getSlot', 'getBlockHeight', 'getTransactionCount', 'getEpochInfo', 'getLatestBlockhash', 'isBlockhashValid',
    'getMinimumBalanceForRentExemption', 'getRecentPrioritizationFees', 'getFeeForMessage', 'getBalance', 'getAccountInfo', 'getMultipleAccounts', 'getProgramAccounts', 'getTokenAccountBalance',
    'getTokenSupply', 'getTokenAccountsByOwner', 'getTokenAccountsByDelegate', 'requestAirdrop', 'sendTransaction', 'simulateTransaction', 'getSignatureStatuses', 'getSignaturesForAddress',
    'getTransaction', 'getBlock', 'getBlockTime', 'getBlocks', 'getBlocksWithLimit', 'getFirstAvailableBlock', 'svm_setAccount', 'svm_addProgram', 'svm_fault'];
  for (const method of methods)
    for (const first of odd) {
      const batch = odd.map((second, n) => ({ jsonrpc: '2.0', id: n, method, params: [first, second, first] }));
      const answers = await (await post(JSON.stringify(batch))).json();
      for (const { error, id: at } of answers) assert.notEqual(error?.code, -32603, `${method}(${JSON.stringify(first)}, ${JSON.stringify(odd[at])})`);
    }
  await alive();
});

test('programs and accounts that are none', async () => {
  const address = () => Keypair.generate().publicKey.toBase58();
  for (const bytes of [Buffer.alloc(0), Buffer.from('\x7fELF'), Buffer.alloc(4096, 1), Buffer.concat([Buffer.from('7f454c4602010100', 'hex'), Buffer.alloc(500, 255)])]) {
    assert.ok((await call('svm_addProgram', address(), bytes.toString('base64'))).error);
    for (const owner of ['BPFLoaderUpgradeab1e11111111111111111111111', 'BPFLoader2111111111111111111111111111111111', 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', 'AddressLookupTab1e1111111111111111111111111', 'Vote111111111111111111111111111111111111111']) {
      await call('svm_setAccount', address(), { lamports: 10_000_000, data: bytes.toString('base64'), owner, executable: true });
      await call('svm_setAccount', address(), { lamports: 10_000_000, data: bytes.toString('base64'), owner });
    }
  }
  assert.equal((await call('svm_setAccount', 'SysvarC1ock11111111111111111111111111111111', { lamports: 1, data: '' })).error.code, -32602);
  for (const owner of ['TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'])
    for (let i = 0; i < 200; i++) {
      const data = Buffer.from(Array.from({ length: [82, 165, 170, 355, 400][below(5)] }, () => below(256)));
      if (data.length > 165 && below(2)) data[165] = below(3); // account, mint or neither
      await call('svm_setAccount', address(), { lamports: 1, data: data.toString('base64'), owner });
    }
  for (const owner of ['TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'])
    assert.ok((await call('getProgramAccounts', owner, { encoding: 'jsonParsed' })).result.length >= 200);
  await alive();
});
