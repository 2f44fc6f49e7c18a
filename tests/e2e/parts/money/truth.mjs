// What is on the cluster, finalized, as anybody may read it: tickets, the lists' entries, what wallets have, and the fees that they paid.
import fs from 'node:fs';
import { base58 } from '../auth_people.mjs';

const idl = (name) => JSON.parse(fs.readFileSync(new URL(`../../../../services/chain/programs/idl/${name}.json`, import.meta.url), 'utf8'));
const markOf = (name, account) => Buffer.from(idl(name).accounts.find((one) => one.name === account).discriminator);
const TICKET = markOf('ticket', 'Ticket'), ENTRY = markOf('whitelist', 'Entry');
const FINAL = { commitment: 'finalized' };

async function accountsOf(cluster, program, mark) {
    const all = await cluster.call('getProgramAccounts', program, { ...FINAL, encoding: 'base64' });
    return all.map(({ pubkey, account }) => ({ address: pubkey, lamports: account.lamports, data: Buffer.from(account.data[0], 'base64') })).filter(({ data }) => data.subarray(0, 8).equals(mark));
}

const keyAt = (data, i) => base58(data.subarray(8 + 32 * i, 40 + 32 * i));

// Fields as the programs' IDL has them.
export async function readTickets(cluster) {
    const all = await accountsOf(cluster, cluster.programs.ticket, TICKET);
    return all.map(({ lamports, data }) => ({ event: keyAt(data, 0), player: keyAt(data, 1), reference: keyAt(data, 2), paid: Number(data.readBigUInt64LE(104)), rent: lamports }));
}

export async function readEntries(cluster) {
    const all = await accountsOf(cluster, cluster.programs.whitelist, ENTRY);
    return all.map(({ lamports, data }) => ({ wallet: keyAt(data, 1), payer: keyAt(data, 2), rent: lamports }));
}

// Of each transaction who paid its fee, read once.
export class Fees {
    constructor(cluster) {
        Object.assign(this, { cluster, known: new Map() });
    }

    async read(signature) {
        const { transaction, meta } = await this.cluster.call('getTransaction', signature, { ...FINAL, encoding: 'json', maxSupportedTransactionVersion: 0 });
        this.known.set(signature, { payer: transaction.message.accountKeys[0], fee: meta.fee });
    }

    async of(address) {
        const all = await this.cluster.call('getSignaturesForAddress', address, { ...FINAL, limit: 1000 });
        for (const { signature } of all) if (!this.known.has(signature)) await this.read(signature);
        const own = all.map(({ signature }) => this.known.get(signature)).filter(({ payer }) => payer === address);
        return own.reduce((total, { fee }) => total + fee, 0);
    }
}
