// What each row of the outcome table is, as a call or several, and what each word of its cells says. Rows that happen on the cluster are tried by tests
// of their own, which are named.
import assert from 'node:assert/strict';
import { eventually } from '../people.mjs';
import { signByWeb3 } from '../wallets.mjs';

const PATIENCE_MS = 60000;
const BOTH = ['CONSE', 'LAMPORTS'];

const pay = (place) => place.own('POST', '/pay', { headers: {} });
const again = (place) => place.own('POST', '/pay', { headers: { 'Idempotency-Key': place.key } });

async function permit(place) {
    const { at, event, id, person } = place, wallet = at.wallet;
    const reply = await at.call('POST', `/events/${event.id}/payment`, { token: person.token, body: { account: wallet.address } });
    if (reply.status !== 200) return reply;
    assert.equal(reply.body.payment_id, id);
    return place.own('POST', '/transaction', { body: { transaction: signByWeb3(wallet, reply.body) } });
}
// A seat is final for chain a moment before events hears of it: until then a lock is refused.
async function lock(place) {
    let reply;
    await eventually(async () => {
        reply = await place.god('POST', '/lock', { end_holds: place.letter === 'W' });
        return reply.body.code !== 'PAYMENTS_SETTLING';
    }, PATIENCE_MS);
    return reply;
}
async function unlock(place) {
    return place.god('POST', '/unlock');
}
async function free(place) {
    const { players } = (await place.read()).event, given = players.find(({ user_id: id }) => id !== place.person.id);
    return place.god('DELETE', `/reservations/${given.user_id}`);
}

// {in: currencies, of: letters, act}
export const ACTS = {
    'you pay from the account': { in: ['CONSE'], act: pay },
    'you pay with credit, in LAMPORTS': { in: ['LAMPORTS'], act: pay },
    'the account has too little': { in: ['CONSE'], poor: true, act: pay },
    'the same call again': { in: BOTH, of: 'SKO', act: again },
    'you ask for a permit, or give the signed bytes': { in: ['LAMPORTS'], act: permit },
    'you give the hold up': { in: BOTH, act: (place) => place.own('DELETE') },
    'you leave': { in: BOTH, act: (place) => place.at.call('DELETE', `/events/${place.event.id}/reservations/${place.person.id}`, { token: place.person.token }) },
    'the god takes you out': { in: BOTH, act: (place) => place.god('DELETE', `/reservations/${place.person.id}`) },
    'the god gives your money back': { in: BOTH, act: (place) => place.at.call('POST', `/payments/${place.id}/refund`, { token: place.at.god.token }) },
    'the event is locked': { in: BOTH, act: lock },
    '... and the god ends all holds first': { in: BOTH, of: 'H', act: (place) => place.god('POST', '/lock', { end_holds: true }) },
    'it is unlocked': { in: BOTH, act: unlock },
    'it is called off': { in: BOTH, act: (place) => place.god('POST', '/cancel') },
    'the game is done': { in: BOTH, of: 'K', act: async (place) => (await place.finish(), { status: 200 }) },
    'a dev takes the end back before the payout': { in: BOTH, act: (place) => place.at.call('POST', `/events/${place.event.id}/cancel`, { token: place.at.dev.token, body: {} }) },
    'a place frees, and you are first': { in: BOTH, act: free },
    'the price changes (CONSE)': { in: ['CONSE'], of: 'HSXL', act: (place) => place.god('PATCH', '', { price: { amount: String(place.at.prices.CONSE + 7), currency: 'CONSE' } }) },
    'the price changes (LAMPORTS)': { in: ['LAMPORTS'], act: (place) => place.god('PATCH', '', { price: { amount: String(place.at.prices.LAMPORTS + 7), currency: 'LAMPORTS' } }) },
};

// ---- Words

const kept = ({ payment }) => Number(payment?.kept ?? 0);
const refused = (code) => async (place, reply, before) => {
    assert.deepEqual([reply.status >= 400 && reply.status < 500, reply.body.code], [true, code], JSON.stringify(reply.body));
    await nothing(place, reply, before);
};
async function nothing(place, reply, before) {
    assert.ok(reply.status < 500, JSON.stringify(reply.body));
    assert.equal(await place.letterNow(), place.letter);
    assert.equal(kept(await place.read()), kept(before));
}
const becomes = (letter) => (place) => place.until(letter);
const seat = async (place) => {
    await eventually(async () => (await place.read()).payment.state === 'SEATED', PATIENCE_MS);
    await place.until('S');
};
const backIn = (letter, keeps = () => 0) => async (place, reply, before) => {
    const price = place.at.prices[place.currency];
    await eventually(async () => {
        const now = await place.read();
        return kept(now) === keeps(place) && Number(now.payment.refunded ?? 0) === (kept(before) || price) - keeps(place);
    }, PATIENCE_MS);
    await place.until(letter);
};
const terms = ({ at, currency }) => (currency === 'CONSE' ? at.fee : 0);

export const WORDS = {
    seat, sent: seat, 'permit, sent': seat, nothing,
    'already paid': refused('ALREADY_PAID'), 'not your turn': refused('NOT_YOUR_TURN'), 'hold over': refused('HOLD_OVER'), 'not open': refused('EVENT_NOT_OPEN'),
    over: refused('EVENT_OVER'), 'funds short': refused('FUNDS_SHORT'), 'not paid': refused('NOT_PAID'), 'refused: holds open': refused('HOLDS_OPEN'), refused: refused('PRICE_FIXED'),
    'what was kept': refused('NOT_PAID'), // nothing is, of who had not paid
    'same answer': async (place, reply) => assert.equal(reply.body.payment?.id, place.id),
    L: becomes('L'), G: becomes('G'), X: becomes('G'), S: becomes('S'), O: becomes('O'), // X of a hold that the lock ended is outside then
    'as before': becomes('X'), 'K; refused while it settles': becomes('K'), 'yours stays': nothing,
    'L, back by the terms': backIn('L', terms), 'L, all back': backIn('L'), 'G, all back': backIn('G'), 'O, all back': backIn('O'), 'all back': backIn('O'),
    "H, at today's price; seat, by what you paid behind your hold's end": becomes('H'),
};

// Cells that a test of its own tries: [file, its name]; of a row, or of some letters of it.
const C = 'services/chain/payments/outcome_test.c', ONE_TICKET = [C, 'HAPPENS_PAID_AGAIN'];
export const ELSEWHERE = {
    'the same call again': { LG: ['services/chain/payments/outcome_test.c', 'HAPPENS_PAY_REPEATED'] },
    'the ticket is confirmed': { H: ['tests/e2e/lamports_slots.test.mjs', 'what is confirmed is a seat'] },
    'a ticket is found, finalized': {
        H: ['tests/e2e/lamports_faults.test.mjs', 'whose hold exists is seated'], X: ['tests/e2e/lamports_late.test.mjs', 'a place that is free is theirs'],
        L: ['tests/e2e/lamports.test.mjs', 'whoever gave the hold up while a transaction was on its way'], SWKGO: [C, 'HAPPENS_PAID, IN_LAMPORTS'],
    },
    'a second one for the same hold': { SWXLKGO: ONE_TICKET },
    "another currency, or a stranger's money": { HS: ['tests/e2e/lamports.test.mjs', 'dust before it hinders nothing'], WXLKGO: [C, 'HAPPENS_PAID_FOREIGN'] },
    'a failed transaction, or one for another hold': { H: ['tests/e2e/lamports_attacks.test.mjs', 'a wallet without money keeps the seat'], SWXLKGO: [C, 'HAPPENS_JUNK'] },
    'seen processed, then no more': { SWXLKGO: [C, 'HAPPENS_PROCESSED_GONE'] },
    'a fork takes a confirmed ticket': { S: ['tests/e2e/lamports_faults.test.mjs', 'a fork takes the confirmed seat back'], O: ['services/chain/payments/ending_test.c', 'HAPPENS_FORKED'] },
    'the time is over': { H: ['tests/e2e/parts/money/places.mjs', 'the clock goes ahead, which ends holds'] },
    '... and the node is away or behind': { H: ['tests/e2e/lamports_faults.test.mjs', 'the node is silent for a while'] },
    'you are kicked, or leave the game': { K: ['services/chain/seats/cells_test.c', 'HAPPENS_KICKED,'], G: ['services/chain/seats/cells_test.c', 'HAPPENS_KICKED,'] },
    '... and the god says that you get it back': { KG: ['services/chain/seats/cells_test.c', 'HAPPENS_KICKED_REFUNDED'] },
    '... and the god ends all holds first': { SWXL: ['services/chain/seats/cells_test.c', 'HAPPENS_HOLDS_ENDED'] },
    'the game is done': { GO: [C, 'HAPPENS_DONE'] },
    'the price changes (CONSE)': { W: ['services/chain/payments/decide_test.c', 'who_waits_pays_the_price_of_the_promotion'] },
    'you take your money out of the program yourself, after `escape_at`': { S: ['tests/e2e/lamports_faults.test.mjs', 'who holds a ticket takes the money out'], WKO: [C, 'HAPPENS_ESCAPED'] },
    "a refund's transaction is lost": { L: ['tests/e2e/lamports_faults.test.mjs', 'a refund whose bytes died'], HSWXKGO: [C, 'a_refund_that_failed_is_due_again_in_every_place'] },
};
