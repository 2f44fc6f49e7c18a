// NFTs on a local cluster, made as its state rather than by transactions: a mint with one token, in a wallet's associated account.
import { Keypair, PublicKey } from '@solana/web3.js';

const program = (address) => new PublicKey(address);
export const TOKEN = program('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'), TOKEN_2022 = program('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');
const ASSOCIATED = program('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
const RENT = 3_000_000;

const u64 = (n) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(n));
    return bytes;
};
// Supply, decimals, initialized; nobody mints or freezes.
const mintBytes = (supply) => Buffer.concat([Buffer.alloc(36), u64(supply), Buffer.from([0, 1]), Buffer.alloc(36)]);
const tokenBytes = (mint, owner, amount, state) =>
    Buffer.concat([mint.toBuffer(), owner.toBuffer(), u64(amount), Buffer.alloc(36), Buffer.from([state]), Buffer.alloc(12 + 8 + 36)]);

export const tokenAccountOf = (owner, mint, by = TOKEN) => PublicKey.findProgramAddressSync([owner.toBuffer(), by.toBuffer(), mint.toBuffer()], ASSOCIATED)[0];

const put = (cluster, key, by, data) => cluster.setAccount(key.toBase58(), { lamports: RENT, data: data.toString('base64'), owner: by.toBase58(), executable: false });

// The new mint's address. frozen: its token can't be moved.
export async function makeNft(cluster, { publicKey: owner }, { by = TOKEN, frozen = false } = {}) {
    const mint = Keypair.generate().publicKey;
    await put(cluster, mint, by, mintBytes(1));
    await put(cluster, tokenAccountOf(owner, mint, by), by, tokenBytes(mint, owner, 1, frozen ? 2 : 1));
    return mint.toBase58();
}

export const supplyOf = async (cluster, mint) => (await cluster.call('getTokenSupply', mint)).value.amount;
