// WebSocket subscriptions through stock web3.js, and by hand where it hides what is sent.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Keypair, sendAndConfirmTransaction } from '@solana/web3.js';
import WebSocket from 'ws';
import { encode58 } from '../src/base58.mjs';
import { firstCall, fundedKey, makeTransfer, openClient } from './client.mjs';

let client;
let connection;
before(async () => { client = await openClient({ finality: 'slots' }); connection = client.connect(); });
after(() => client.close());

/** A raw socket whose messages come in order from next(). */
async function openSocket(url = client.ws) {
  const socket = new WebSocket(url);
  const waiting = [];
  const arrived = [];
  socket.on('message', (text) => {
    const value = JSON.parse(text);
    if (waiting.length) waiting.shift()(value); else arrived.push(value);
  });
  await once(socket, 'open');
  const next = () => (arrived.length ? Promise.resolve(arrived.shift()) : new Promise((resolve) => { waiting.push(resolve); }));
  const call = (method, ...params) => { socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })); return next(); };
  return { socket, next, call };
}

test('onSignature tells at the asked commitment, not before', async () => {
  const a = await fundedKey(client);
  const tx = await makeTransfer(client, a, Keypair.generate().publicKey, 1_000_000);
  let told = false;
  const notified = firstCall((f) => connection.onSignature(encodeSignature(tx), (...args) => { told = true; f(...args); }, 'confirmed'));
  await connection.sendRawTransaction(tx.serialize());
  const [status] = (await client.ok('getSignatureStatuses', [encodeSignature(tx)])).value;
  assert.equal(status.confirmationStatus, 'processed');
  assert.equal(told, false);
  await client.ok('svm_advanceSlots', 1);
  const [result, context] = await notified;
  assert.equal(result.err, null);
  assert.equal(context.slot, status.slot);
});

test('confirmTransaction returns for a good and for a failed transaction', async () => {
  const instant = await openClient();
  try {
    const web3 = instant.connect();
    const a = await fundedKey(instant, 2_000_000);
    const good = await makeTransfer(instant, a, a.publicKey, 5);
    await sendAndConfirmTransaction(web3, good, [a]);
    const bad = await makeTransfer(instant, a, Keypair.generate().publicKey, 5_000_000);
    const signature = await web3.sendRawTransaction(bad.serialize(), { skipPreflight: true });
    const { value } = await web3.confirmTransaction({ signature, blockhash: bad.recentBlockhash, lastValidBlockHeight: bad.lastValidBlockHeight });
    assert.deepEqual(value.err, { InstructionError: [0, { Custom: 1 }] });
  } finally {
    await instant.close();
  }
});

test('confirmTransaction gives up when the blockhash is too old', async () => {
  const a = await fundedKey(client);
  const tx = await makeTransfer(client, a, a.publicKey, 5);
  const lost = connection.confirmTransaction({ signature: encodeSignature(tx), blockhash: tx.recentBlockhash, lastValidBlockHeight: tx.lastValidBlockHeight });
  await client.ok('svm_advanceSlots', 200);
  await assert.rejects(lost, { name: 'TransactionExpiredBlockheightExceededError' });
});

test('onLogs tells each transaction that mentions the address, once, in order', async () => {
  const [a, b] = [await fundedKey(client), await fundedKey(client)];
  const seen = [];
  const { socket, next, call } = await openSocket();
  assert.equal(typeof (await call('logsSubscribe', { mentions: [a.publicKey.toBase58()] }, { commitment: 'confirmed' })).result, 'number');
  let listener;
  const web3Told = firstCall((f) => { listener = connection.onLogs(a.publicKey, f, 'processed'); });
  const sent = [];
  for (const key of [a, b, a]) {
    const tx = await makeTransfer(client, key, key.publicKey, sent.length + 1);
    sent.push(await client.ok('sendTransaction', tx.serialize().toString('base64'), { encoding: 'base64' }));
  }
  await client.ok('svm_advanceSlots', 1);
  for (let i = 0; i < 2; i++) seen.push((await next()).params.result.value);
  assert.deepEqual(seen.map((v) => v.signature), [sent[0], sent[2]]);
  assert.match(seen[0].logs[0], /^Program 11111111111111111111111111111111 invoke \[1\]$/);
  socket.close();
  await client.ok('getHealth');
  const later = await makeTransfer(client, a, a.publicKey, 9);
  await client.ok('sendTransaction', later.serialize().toString('base64'), { encoding: 'base64' });
  assert.equal((await web3Told)[0].err, null);
  await connection.removeOnLogsListener(listener);
});

test('unsubscribing is answered, and a second time refused', async () => {
  const { socket, call } = await openSocket(client.url.replace('http', 'ws')); // the HTTP port takes upgrades too
  const { result: id } = await call('logsSubscribe', 'all');
  assert.equal((await call('signatureUnsubscribe', id)).error.code, -32602, 'of another kind');
  assert.equal((await call('logsUnsubscribe', id)).result, true);
  assert.equal((await call('logsUnsubscribe', id)).error.code, -32602);
  socket.close();
});

test('a signature that has landed is told at once, with the received notice first', async () => {
  const a = await fundedKey(client);
  const tx = await makeTransfer(client, a, a.publicKey, 5);
  await client.ok('sendTransaction', tx.serialize().toString('base64'), { encoding: 'base64' });
  const { socket, next, call } = await openSocket();
  const { result: id } = await call('signatureSubscribe', encodeSignature(tx), { commitment: 'processed', enableReceivedNotification: true });
  const first = await next();
  assert.deepEqual([first.params.subscription, first.params.result.value], [id, 'receivedSignature']);
  assert.deepEqual((await next()).params.result.value, { err: null });
  assert.equal((await call('signatureUnsubscribe', id)).error.code, -32602, 'it ended with its notification');
  socket.close();
});

test('what is no request is answered with an error, and the server lives', async () => {
  const { socket, call, next } = await openSocket();
  for (const text of ['{', '[]', '[{}]', 'null', '1', '"x"', '{"jsonrpc":"2.0","id":1}', '['.repeat(40_000)]) {
    socket.send(text);
    assert.ok((await next()).error, text.slice(0, 20));
  }
  for (const params of [[], [1], ['xyz'], [{ mentions: [] }], [{ mentions: ['x'] }], [{ mentions: 3 }], ['all', { commitment: 'soon' }], [null]])
    assert.equal((await call('logsSubscribe', ...params)).error.code, -32602, JSON.stringify(params));
  assert.equal((await call('signatureSubscribe', 'abc')).error.code, -32602);
  assert.equal((await call('slotSubscribe')).error.code, -32601);
  socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'ping' })); // no id: no answer
  assert.equal((await call('logsUnsubscribe', {})).error.code, -32602);
  socket.send('x'.repeat(60 * 1024));
  const [code] = await once(socket, 'close');
  assert.equal(code, 1009);
  const binary = await openSocket();
  binary.socket.send(Buffer.from([1, 2, 3]));
  assert.equal((await once(binary.socket, 'close'))[0], 1003);
  assert.equal(await client.ok('getHealth'), 'ok');
});

test('a connection may hold a thousand subscriptions and no more', async () => {
  const { socket, call } = await openSocket();
  for (let i = 0; i < 1000; i++) assert.ok((await call('logsSubscribe', 'all')).result);
  assert.equal((await call('logsSubscribe', 'all')).error.message, 'Too many subscriptions on this connection');
  socket.close();
});

test('web3.js subscribes again after its connection was cut', async () => {
  const own = await openClient();
  const a = await fundedKey(own);
  const web3 = own.connect();
  let told = null;
  const listener = web3.onLogs(a.publicKey, (logs) => { told = logs; }, 'processed');
  while (await own.ok('svm_cutSockets') === 0);
  for (let i = 1; !told; i++) {
    const tx = await makeTransfer(own, a, a.publicKey, i);
    await own.ok('sendTransaction', tx.serialize().toString('base64'), { encoding: 'base64' });
  }
  assert.equal(told.err, null);
  await web3.removeOnLogsListener(listener);
  await own.close();
});

function encodeSignature(tx) {
  return encode58(tx.signature);
}
