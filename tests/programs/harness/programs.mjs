// The programs as their interface descriptions tell of them: stock Anchor clients, addresses, error names.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import anchor from '@coral-xyz/anchor';
import { PublicKey } from '@solana/web3.js';

const { AnchorProvider, EventParser, Program } = anchor;
const ROOT = new URL('../../../', import.meta.url);

export const idl = Object.fromEntries(['ticket', 'whitelist'].map((n) => [n, JSON.parse(readFileSync(new URL(`services/chain/programs/idl/${n}.json`, ROOT), 'utf8'))]));
export const TICKET_ID = new PublicKey(idl.ticket.address);
export const WHITELIST_ID = new PublicKey(idl.whitelist.address);

export function programFile(name, version) {
  return `${process.env.PROGRAMS_DIR ?? fileURLToPath(new URL('build/programs', ROOT))}/${name}.${version}.so`;
}

const errors = new Map([...idl.whitelist.errors, ...idl.ticket.errors].map((e) => [e.code, e.name]));
export const errorName = (code) => errors.get(code) ?? `unlisted error ${code}`;

/** Anchor clients of both programs. A program deployed elsewhere is driven by its own address. */
export function clients(connection, { ticket = TICKET_ID, whitelist = WHITELIST_ID } = {}) {
  const provider = new AnchorProvider(connection, { publicKey: PublicKey.default }, { commitment: 'confirmed' });
  return { ticket: new Program({ ...idl.ticket, address: String(ticket) }, provider), whitelist: new Program({ ...idl.whitelist, address: String(whitelist) }, provider) };
}

export function events(program, logs) {
  return [...new EventParser(program.programId, program.coder).parseLogs(logs)];
}

/** Of a program called by another one, which Anchor's parser passes over. */
export function innerEvents(program, logs) {
  return logs.filter((l) => l.startsWith('Program data: ')).map((l) => program.coder.events.decode(l.slice('Program data: '.length))).filter(Boolean);
}

const find = (program, ...seeds) => PublicKey.findProgramAddressSync(seeds.map((s) => (typeof s === 'string' ? Buffer.from(s) : s instanceof PublicKey ? s.toBuffer() : s)), program)[0];

export const address = {
  list: (authority, name, program = WHITELIST_ID) => find(program, 'list', authority, name),
  entry: (list, wallet, program = WHITELIST_ID) => find(program, 'entry', list, wallet),
  burned: (list, mint, program = WHITELIST_ID) => find(program, 'burned', list, mint),
  event: (authority, id, program = TICKET_ID) => find(program, 'event', authority, id),
  vault: (event, program = TICKET_ID) => find(program, 'vault', event),
  ticket: (event, reference, program = TICKET_ID) => find(program, 'ticket', event, reference),
};
