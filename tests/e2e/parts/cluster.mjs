// A local Solana cluster with the on-chain programs, on free ports: the program of `make cluster`, with what only it can do.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeHolder } from './holder.mjs';
import { endProcess, startProcess, untilAnswers } from './processes.mjs';
import { BIN } from './system.mjs';

export const SOL = 1_000_000_000;

const idl = (name) => JSON.parse(fs.readFileSync(new URL(`../../../services/chain/programs/idl/${name}.json`, import.meta.url), 'utf8'));
export const PROGRAMS = { ticket: idl('ticket').address, whitelist: idl('whitelist').address };

// {address, publicKey, sign(bytes), keyFile} with the key in a file, as Solana's tools write it.
function makeKeyFile(dir, name) {
    const seed = randomBytes(32), keyFile = path.join(dir, `${name}.json`), holder = makeHolder(seed);
    fs.writeFileSync(keyFile, JSON.stringify([...seed, ...holder.publicKey]), { mode: 0o600 });
    return { ...holder, keyFile };
}

export const readKeyFile = (keyFile) => makeHolder(Buffer.from(JSON.parse(fs.readFileSync(keyFile, 'utf8'))).subarray(0, 32));

async function ask(url, method, params) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const reply = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    const { error, result } = await reply.json();
    if (error) throw Object.assign(new Error(`${method}: ${error.message}`), error);
    return result;
}

// tests/svm-rpc/README.md explains them.
const controls = (call) => ({
    advance: (slots = 1) => call('svm_advanceSlots', slots),
    advanceTime: (seconds) => call('svm_advanceTime', seconds),
    fork: (slots = 1) => call('svm_fork', slots),
    setAccount: (address, account) => call('svm_setAccount', address, account),
    fault: (method, fault) => call('svm_fault', method, fault),
    cutSockets: () => call('svm_cutSockets'),
});

// Starts the program; its first line says where it listens.
async function startProgram(words, log) {
    fs.writeFileSync(log, '');
    const child = startProcess(path.join(BIN, 'conse-cluster'), words.map(String), { log });
    const story = () => fs.readFileSync(log, 'utf8');
    const greeting = () => story().split('\n').find((line) => line.startsWith('{"url"') && line.endsWith('}'));
    await untilAnswers(child, async () => greeting(), { name: 'conse-cluster', story });
    return { child, ...JSON.parse(greeting()) };
}

async function endProgram({ child, log }) {
    const { code, signal, hung } = await endProcess(child, 'SIGTERM');
    if (hung || (code !== 0 && signal !== 'SIGKILL')) throw new Error(`conse-cluster ended with ${code ?? signal}: ${log().slice(-2000)}`);
}

// What conse-chain is told of it.
const settingsOf = ({ url, authority, pool, revenue }) => ({
    CONSE_SOLANA_RPC: url, CONSE_SOLANA_KEY_FILE: authority.keyFile, CONSE_SOLANA_POOL: pool.address, CONSE_SOLANA_REVENUE: revenue.address,
});

// {url, ws, faucet, env, authority, pool, revenue: {address, sign(bytes), keyFile}, programs, call(method, ...params), give(address, lamports),
// balance(address, commitment), the controls, log(), kill(), start(), stop()}. The three have lamports. slotMs: slots end by themselves; else each ends
// with its transaction, or by advance(). What landed is finalized 32 slots later, or with finality 'instant' at once. What is killed and started
// again is at the same url; with `kept` it goes on with its accounts, else it is new.
export async function startCluster({ slotMs = 0, finality = 'slots', kept = false, sol = 100 } = {}) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-cluster-')), log = path.join(dir, 'log');
    const wallets = Object.fromEntries(['authority', 'pool', 'revenue'].map((name) => [name, makeKeyFile(dir, name)]));
    const words = ['--finality', finality, ...Object.values(wallets).flatMap(({ address }) => ['--fund', `${address}=${sol * SOL}`])];
    if (slotMs) words.push('--slot-ms', slotMs);
    const state = path.join(dir, 'state.json');
    if (kept) words.push('--state', state);
    const cluster = { ...wallets, state, programs: PROGRAMS, log: () => fs.readFileSync(log, 'utf8') };
    cluster.start = async () => Object.assign(cluster, await startProgram(['--port', cluster.url ? new URL(cluster.url).port : 0, ...words], log));
    cluster.kill = () => endProcess(cluster.child, 'SIGKILL');
    cluster.stop = () => endProgram(cluster).finally(() => fs.rmSync(dir, { recursive: true, force: true }));
    cluster.call = (method, ...params) => ask(cluster.url, method, params);
    cluster.give = (address, lamports = SOL) => cluster.call('requestAirdrop', address, lamports);
    cluster.balance = async (address, commitment = 'confirmed') => (await cluster.call('getBalance', address, { commitment })).value;
    await cluster.start();
    return Object.assign(cluster, controls(cluster.call), { env: settingsOf(cluster) });
}
