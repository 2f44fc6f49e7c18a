// The holder of a key, written from docs/ledger.md alone: signs orders that the ledger carries out.
import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { base58 as base58Of } from './auth_people.mjs';
import { base58, bytes } from './ledger.mjs';

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const little = (size, number) => {
    const out = Buffer.alloc(size);
    size === 4 ? out.writeUInt32LE(number) : out.writeBigUInt64LE(BigInt(number));
    return out;
};

// {address, order}: order gives the bytes that POST /ledger/transactions takes.
export function makeHolder(seed = randomBytes(32)) {
    const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
    const signText = (text) => sign(null, text, privateKey);
    const order = (chain, to, amount, { asset = 1, issued = Date.now(), nonce = randomBytes(16) } = {}) => {
        const body = Buffer.concat([publicKey, base58(to), little(4, asset), little(8, amount), little(8, issued), nonce]);
        const text = Buffer.concat([Buffer.from('conse/ledger/order/1'), bytes(chain), body]);
        return Buffer.concat([body, signText(text)]).toString('base64');
    };
    return { address: base58Of(publicKey), publicKey, sign: signText, order };
}
