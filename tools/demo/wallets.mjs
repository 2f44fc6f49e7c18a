// A second evening, whose seats cost lamports: on the local Solana cluster that runs beside the services, with wallets of its own. Without
// that cluster it is not told.
import crypto from 'node:crypto';
import { call, setting, until } from './client.mjs';
import { bold, chapter, dim, say } from './story.mjs';

const SOL = 1_000_000_000n, PRICE = SOL / 2n, PURSE = 2n * SOL;
const HEARD_MS = 10000; // within which events has heard of chain's cluster
const cluster = setting('CONSE_SOLANA_RPC') ?? `http://127.0.0.1:${setting('CONSE_CLUSTER_PORT') ?? 8899}`;
const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(cluster).hostname);

async function ask(method, ...params) {
    const reply = await fetch(cluster, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { error, result } = await reply.json();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
}

const sol = (lamports) => `${(Number(lamports) / Number(SOL)).toFixed(5)} SOL`;
const has = async ({ address }) => BigInt((await ask('getBalance', address, { commitment: 'finalized' })).value);
const short = (address) => dim(`${address.slice(0, 8)}…`);

// ---- Wallets

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
function base58(bytes) {
    let text = '';
    for (let number = BigInt(`0x${bytes.toString('hex')}`); number; number /= 58n) text = ALPHABET[Number(number % 58n)] + text;
    return '1'.repeat(bytes.findIndex((byte) => byte)) + text;
}

// Its owner's signature is the first of a transaction's, which a byte with their number precedes.
async function wallet() {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
    const address = base58(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
    const sign = (transaction) => {
        const bytes = Buffer.from(transaction, 'base64');
        crypto.sign(null, bytes.subarray(1 + 64 * bytes[0]), privateKey).copy(bytes, 1);
        return bytes.toString('base64');
    };
    await ask('requestAirdrop', address, Number(PURSE));
    return { address, sign };
}

// Somebody shows that a wallet is theirs: who has one gets coins and cards.
export async function showWallet({ token, credentials: { password } }) {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
    const address = base58(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
    await call('POST', '/auth/proof', { token, body: { password } });
    const { message } = await call('POST', '/auth/wallet/challenge', { body: { address } });
    await call('POST', '/auth/wallet/verify', { token, body: { message, signature: crypto.sign(null, Buffer.from(message), privateKey).toString('base64') } });
}

// ---- The evening

// Opened early, as it takes the cluster half a minute to know it. Nothing where there is no cluster here, or another than the services'.
export async function openFinal({ god, group, event: { starts_at: { local, zone } } }) {
    const { roles } = await call('GET', '/roles');
    const { last_moves: moves } = await call('GET', '/last-moves');
    const { deck } = await call('POST', '/decks', {
        token: god.token,
        body: {
            group_id: group.id, name: 'Two at the table',
            roles: ['mafia-boss', 'detective'].map((slug) => ({ role_id: roles.find((role) => role.slug === slug).id, copies: 1 })),
            last_moves: moves.slice(0, 2).map((move) => ({ last_move_id: move.id, copies: 1 })),
        },
    });
    const body = {
        group_id: group.id, deck_id: deck.id, title: 'The final', starts_at: { local, zone }, max_players: 3,
        price: { amount: String(PRICE), currency: 'LAMPORTS' }, payment_terms: { payout_after: '0s', preset: 4 },
    };
    if (!isHere || !(await ask('getHealth').catch(() => false))) return undefined;
    const opened = await until(() => call('POST', '/events', { token: god.token, body }), 'PRICE_UNSUPPORTED', HEARD_MS).catch((error) => {
        if (error.code) throw error;
    });
    return opened?.event;
}

const seen = async (event, one) => (await call('GET', `/events/${event.id}`, { token: one.token })).event;

async function hold(event, one) {
    const { reservation } = await call('POST', `/events/${event.id}/reservations`, { token: one.token, body: {} });
    one.payment = reservation.payment_id;
    one.wallet = await wallet();
    return until(() => call('GET', `/payments/${one.payment}`, { token: one.token }), 'NOT_FOUND');
}

const seated = (event, one) => until(async () => (await seen(event, one)).my_reservation?.state === 'CONFIRMED');
const payment = async (one) => (await call('GET', `/payments/${one.payment}`, { token: one.token })).payment;
const permit = (event, one, body) => until(() => call('POST', `/events/${event.id}/payment`, { token: one.token, body }), 'CLUSTER_AWAY');

// The page has the wallet sign, and gives the service the bytes.
async function payByPage(event, one) {
    await hold(event, one);
    const { transaction } = await permit(event, one, { account: one.wallet.address });
    await call('POST', `/payments/${one.payment}/transaction`, { token: one.token, body: { transaction: one.wallet.sign(transaction) } });
    await seated(event, one);
    say(`  ${one.name}'s page asks for the transaction, wallet ${short(one.wallet.address)} signs it, and the seat is ${one.name}'s.`);
}

// The wallet scans a code, asks by itself, and sends what it signed.
async function payByCode(event, one) {
    await hold(event, one);
    const { url } = await permit(event, one, {});
    const route = new URL(url.replace('solana:', '')).pathname;
    const { label } = await call('GET', route);
    const { transaction, message } = await call('POST', route, { body: { account: one.wallet.address } });
    await ask('sendTransaction', one.wallet.sign(transaction), { encoding: 'base64', skipPreflight: true });
    await seated(event, one);
    say(`  ${one.name}'s wallet ${short(one.wallet.address)} scans the code of ${label}, reads "${message}", pays and tells nobody; the ticket is seen on the cluster.`);
}

async function leave(event, one) {
    await call('DELETE', `/events/${event.id}/reservations/${one.id}`, { token: one.token });
    await until(async () => (await payment(one)).state === 'REFUNDED');
    say(`  ${one.name} leaves again. Wallet ${short(one.wallet.address)} has ${sol(await has(one.wallet))} of ${sol(PURSE)}: all but the fee. ${dim((await payment(one)).explanation)}`);
}

async function play(event, god) {
    const act = (method, route, body) => call(method, `/events/${event.id}${route}`, { token: god.token, body });
    await until(() => act('POST', '/lock', {}), 'PAYMENTS_SETTLING');
    await act('POST', '/reveal', {});
    await act('POST', '/phases', { kind: 'DAY' });
    const { players } = await seen(event, god);
    await act('POST', '/finish', { winning_side_ids: [players[0].side_id] });
    return players[0];
}

export async function playFinal({ final: event, god, players: [first, second, third] }) {
    if (!event) return;
    chapter('The final');
    const { cluster_address: address } = await until(async () => {
        const now = await seen(event, god);
        return now.payable && now;
    });
    say(`A seat costs ${sol(PRICE)}. The evening is an account on the cluster, ${bold(address)}, and keeps what is paid.`);
    await payByPage(event, first);
    await payByCode(event, second);
    await payByPage(event, third);
    await leave(event, third);
    const { user_id: id } = await play(event, god), winner = [first, second].find((one) => one.id === id);
    await until(async () => (await payment(winner)).state === 'PAID_OUT');
    say(`  Both seats are final, so the evening is locked and played. ${winner.name} wins what the cluster divides: ${sol(2n * PRICE)} were paid, and wallet ${short(winner.wallet.address)} has ${bold(sol(await has(winner.wallet)))}.`);
}
