// What the tests of auth share: a phone that codes come to, a wallet that signs, and tokens of one's own making.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { call } from './people.mjs';

// A webhook for one-time codes. behave(message, attempt) gives the status to answer with after delayMs, or null to stay silent.
export async function openPhones(behave = () => 204, delayMs = 0) {
    const phones = { messages: [] };
    const server = http.createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => (body += chunk));
        request.on('end', () => {
            const message = { ...JSON.parse(body), authorization: request.headers.authorization };
            phones.messages.push(message);
            const attempt = phones.messages.filter((m) => m.phone === message.phone).length;
            const status = behave(message, attempt);
            if (status) setTimeout(() => response.writeHead(status).end(), delayMs);
        });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    phones.env = {
        CONSE_OTP_DRIVER: 'webhook',
        CONSE_OTP_WEBHOOK_URL: `http://127.0.0.1:${server.address().port}/sms?key=urlsecret`,
        CONSE_OTP_WEBHOOK_TOKEN: 'webhook secret',
    };
    phones.codeOf = (phone) => phones.messages.findLast((m) => m.phone === phone)?.code;
    phones.close = () => (server.closeAllConnections(), server.close());
    return phones;
}

export const sendCode = (system, phone) => call(system, 'POST', '/auth/otp', { body: { phone } });
export const useCode = (system, phone, code, more = {}) => call(system, 'POST', '/auth/otp/verify', { body: { phone, code, ...more } });
export const wrongCode = (code) => (code === '111111' ? '222222' : '111111');

export function base58(bytes) {
    const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
    let n = BigInt('0x' + Buffer.from(bytes).toString('hex')), text = '';
    for (; n > 0n; n /= 58n) text = alphabet[Number(n % 58n)] + text;
    for (const byte of bytes) if (byte === 0) text = '1' + text; else break;
    return text;
}

export function makeWallet() {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
    const address = base58(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
    const sign = (message) => crypto.sign(null, Buffer.from(message), privateKey).toString('base64');
    const challenge = async (system) => (await call(system, 'POST', '/auth/wallet/challenge', { body: { address } })).body.message;
    const verify = (system, message, token, signature = sign(message)) =>
        call(system, 'POST', '/auth/wallet/verify', { token, body: { message, signature } });
    return { address, sign, challenge, verify, prove: async (system, token) => verify(system, await challenge(system), token) };
}

export const base64url = (value) => Buffer.from(typeof value === 'object' && !Buffer.isBuffer(value) ? JSON.stringify(value) : value).toString('base64url');

// The private key that signs the server's tokens now, from its folder: a test may sign what the server never would.
export function serverKey(system, kid) {
    const folder = path.join(system.env.CONSE_DATA, 'keys');
    for (const file of fs.readdirSync(folder).filter((name) => name.startsWith('token-'))) {
        const seed = fs.readFileSync(path.join(folder, file));
        const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
        const key = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
        const x = crypto.createPublicKey(key).export({ format: 'jwk' }).x;
        const thumbprint = crypto.createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
        if (thumbprint === kid) return { key, x };
    }
    throw new Error(`no key file has the id ${kid}`);
}

export function signToken(key, header, claims) {
    const text = `${base64url(header)}.${base64url(claims)}`;
    return `${text}.${crypto.sign(null, Buffer.from(text), key).toString('base64url')}`;
}
