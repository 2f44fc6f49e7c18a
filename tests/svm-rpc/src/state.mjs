// The state of a cluster in a file, so that another run goes on with it. It is written soon after it changed, so a run that is killed has
// lost its last slots, as by a fork; none of them was finalized.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { stringify } from './json.mjs';

const PERIOD_MS = 1000; // less than it takes to finalize a slot

function toAccount({ address, lamports, data, owner, executable }) {
  return { address, lamports: BigInt(lamports), data: Buffer.from(data, 'base64'), owner, executable };
}

/** As Cluster.keep gave it; {} when there is no such file. */
export function readState(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (e) {
    if (e.code === 'ENOENT') return {};
    throw e;
  }
  const { slot, height, timeOffset, accounts } = JSON.parse(text);
  return { slot: BigInt(slot), height: BigInt(height), timeOffset, accounts: accounts.map(toAccount) };
}

function writeState(file, { slot, height, timeOffset, accounts }) {
  const kept = accounts.map(({ address, lamports, data, owner, executable }) => ({ address, lamports: String(lamports), data: data.toString('base64'), owner, executable }));
  writeFileSync(`${file}.part`, stringify({ slot: String(slot), height: String(height), timeOffset, accounts: kept }));
  renameSync(`${file}.part`, file);
}

/** Keeps the file as the cluster is. Answers with what writes it a last time and stops that. */
export function startKeeping(cluster, file) {
  const write = () => writeState(file, cluster.keep());
  const timer = setInterval(write, PERIOD_MS);
  write();
  return () => { clearInterval(timer); write(); };
}
