// Wallets of people, as the clients that everybody uses make them: @solana/web3.js, @solana/kit and @solana/pay.
import { createPrivateKey, sign } from 'node:crypto';
import fs from 'node:fs';
import { createKeyPairFromPrivateKeyBytes, getBase64EncodedWireTransaction, getTransactionDecoder, partiallySignTransaction } from '@solana/kit';
import { fetchTransaction, parseURL } from '@solana/pay';
import { Connection, Keypair, PublicKey, SystemProgram, Transaction } from '@solana/web3.js';
import { base58 } from './auth_people.mjs';
import { SOL } from './cluster.mjs';
import { makeHolder } from './holder.mjs';
import { eventually, ok, PASSWORD } from './people.mjs';

// {address, publicKey, keypair} with lamports on the cluster.
export async function makeWallet(cluster, sol = 1) {
    const keypair = Keypair.generate();
    const wallet = { keypair, publicKey: keypair.publicKey, address: keypair.publicKey.toBase58() };
    if (sol) await cluster.give(wallet.address, sol * SOL);
    return wallet;
}

// The same key, as one that signs whatever it is given.
export const holderOf = ({ keypair }) => makeHolder(Buffer.from(keypair.secretKey.subarray(0, 32)));

// Links {address, sign(bytes)} to the account; chain has heard of it then.
export async function linkWallet(system, { token }, { address, sign: signed }, withinMs = 40000) {
    const { message } = await ok(system, 'POST', '/auth/wallet/challenge', { body: { address } });
    await ok(system, 'POST', '/auth/proof', { token, body: { password: PASSWORD } });
    await ok(system, 'POST', '/auth/wallet/verify', { token, body: { message, signature: signed(Buffer.from(message)).toString('base64') } });
    await eventually(async () => (await ok(system, 'GET', '/wallet', { token })).wallet_address === address, withinMs);
}

export const connect = (cluster) => new Connection(cluster.url, { commitment: 'confirmed', wsEndpoint: cluster.ws });

// What was composed, as web3.js reads it.
export const readPermit = ({ transaction }) => Transaction.from(Buffer.from(transaction, 'base64'));

// Each gives the base64 of what was composed, with the wallet's signature.
export const signByWeb3 = ({ keypair }, permit) => {
    const transaction = readPermit(permit);
    transaction.partialSign(keypair);
    return transaction.serialize().toString('base64'); // which verifies both signatures
};
export const signByKit = async ({ keypair }, { transaction }) => {
    const keys = await createKeyPairFromPrivateKeyBytes(keypair.secretKey.subarray(0, 32));
    const read = getTransactionDecoder().decode(Buffer.from(transaction, 'base64'));
    return getBase64EncodedWireTransaction(await partiallySignTransaction([keys], read));
};

// The link that a wallet finds in a Solana Pay URL, at the gateway of the test.
export const linkOf = (system, url) => new URL(parseURL(url).link.pathname, system.url);

// A wallet that was shown the URL: asks for the transaction, checks it, signs it and sends it.
export async function payByUrl(system, cluster, wallet, url) {
    const connection = connect(cluster);
    const transaction = await fetchTransaction(connection, wallet.publicKey, linkOf(system, url));
    transaction.partialSign(wallet.keypair);
    return connection.sendRawTransaction(transaction.serialize());
}

// A stranger's transfer that names the key.
export async function sendDust(cluster, wallet, to, lamports, named) {
    const connection = connect(cluster);
    const transfer = SystemProgram.transfer({ fromPubkey: wallet.publicKey, toPubkey: new PublicKey(to), lamports });
    if (named) transfer.keys.push({ pubkey: new PublicKey(named), isSigner: false, isWritable: false });
    const { blockhash } = await connection.getLatestBlockhash();
    const transaction = new Transaction({ feePayer: wallet.publicKey, recentBlockhash: blockhash }).add(transfer);
    transaction.sign(wallet.keypair);
    return connection.sendRawTransaction(transaction.serialize());
}

// The signature by which signed bytes are known on the cluster.
export const signatureOf = (signed) => base58(Buffer.from(signed, 'base64').subarray(1, 65));

export const authorityOf = (cluster) => Keypair.fromSecretKey(Buffer.from(JSON.parse(fs.readFileSync(cluster.authority.keyFile, 'utf8'))));

const RESERVE = { player: 0, event: 2, ticket: 4, reference: 5, list: 6, entry: 7 }; // accounts of `reserve`, by the program's IDL
const addressOf = (program, ...seeds) => PublicKey.findProgramAddressSync(seeds.map((seed) => (typeof seed === 'string' ? Buffer.from(seed) : seed.toBuffer())), program)[0];

// Where `reserve` of a composed transaction makes accounts, or keeps them: {ticket, entry}.
export const placesOf = (cluster, permit) => {
    const { keys } = readPermit(permit).instructions.find(({ programId }) => programId.toBase58() === cluster.programs.ticket);
    return Object.fromEntries(['ticket', 'entry'].map((name) => [name, keys[RESERVE[name]].pubkey.toBase58()]));
};
// Addresses of an event's that is made, or not yet.
export function placesOfEvent(cluster, { id }) {
    const program = new PublicKey(cluster.programs.ticket), bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
    const [event] = PublicKey.findProgramAddressSync([Buffer.from('event'), new PublicKey(cluster.authority.address).toBuffer(), bytes], program);
    return { event: event.toBase58(), vault: addressOf(program, 'vault', event).toBase58() };
}

// A ticket that the service permitted to nobody: the reservation of a composed transaction, for another wallet and reference, signed with the authority's key.
export async function takeTicket(cluster, permit, wallet, reference) {
    const { instructions } = readPermit(permit);
    const reserve = instructions.find(({ programId }) => programId.toBase58() === cluster.programs.ticket);
    const set = (name, pubkey) => Object.assign(reserve.keys[RESERVE[name]], { pubkey });
    const at = (name) => reserve.keys[RESERVE[name]].pubkey;
    set('player', wallet.publicKey);
    set('reference', reference);
    set('ticket', addressOf(reserve.programId, 'ticket', at('event'), reference));
    set('entry', addressOf(new PublicKey(cluster.programs.whitelist), 'entry', at('list'), wallet.publicKey));
    const authority = authorityOf(cluster);
    const connection = connect(cluster);
    const { blockhash } = await connection.getLatestBlockhash();
    const transaction = new Transaction({ feePayer: wallet.publicKey, recentBlockhash: blockhash }).add(reserve);
    transaction.sign(wallet.keypair, authority);
    return connection.sendRawTransaction(transaction.serialize());
}

// The bytes of a transaction that these sign, with signatures of others as they were.
export function signAs(transaction, keypairs, others) {
    transaction.signatures = []; // of what it was before
    const message = transaction.compileMessage();
    const compiled = message.serialize();
    const signatures = message.accountKeys.slice(0, message.header.numRequiredSignatures).map((key) => {
        const own = keypairs.find(({ publicKey }) => publicKey.equals(key));
        return own ? Buffer.from(sign(null, compiled, privateKeyOf(own))) : others[key.toBase58()] ?? Buffer.alloc(64);
    });
    return Buffer.concat([Buffer.from([signatures.length]), ...signatures, compiled]);
}

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const privateKeyOf = ({ secretKey }) => createPrivateKey({ key: Buffer.concat([PKCS8, secretKey.subarray(0, 32)]), format: 'der', type: 'pkcs8' });

const REFUND = Buffer.from([2, 96, 183, 251, 63, 208, 46, 46]); // the instruction, by the program's IDL

// The ticket that a composed transaction is for goes back to its holder, without the service: by the holder, or by the authority.
export async function giveTicketBack(cluster, permit, { keypair: holder }, caller = holder) {
    const { programId, keys } = readPermit(permit).instructions.find((one) => one.programId.toBase58() === cluster.programs.ticket);
    const [, , event, vault, ticket, , list, entry, whitelist] = keys.map(({ pubkey }) => pubkey);
    const account = (pubkey, isWritable, isSigner = false) => ({ pubkey, isSigner, isWritable });
    const none = account(programId, false);
    const accounts = [account(caller.publicKey, false, true), account(event, true), account(ticket, true), account(holder.publicKey, true), account(list, true),
        account(entry, true), account(whitelist, false), account(vault, true), none, none, none];
    const connection = connect(cluster);
    const { blockhash } = await connection.getLatestBlockhash();
    const transaction = new Transaction({ feePayer: caller.publicKey, recentBlockhash: blockhash }).add({ programId, keys: accounts, data: REFUND });
    transaction.sign(caller);
    return connection.sendRawTransaction(transaction.serialize());
}
