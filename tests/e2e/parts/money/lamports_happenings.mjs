// What may happen to seats that cost LAMPORTS: to their people, and to the cluster.
import assert from 'node:assert/strict';
import { placesOfEvent, sendDust, signByWeb3 } from '../wallets.mjs';
import { deal, eventOf, happen, paymentOf, personOf, reserve, SEATS } from './happenings.mjs';

// What a wallet does with the transaction that it has signed.
const WAYS = {
    gives: (stage, { give }) => give(),
    sends: (stage, { signed }) => stage.send(signed),
    both: (stage, { give, signed }) => Promise.all([give(), stage.send(signed)]),
    twice: (stage, { give }) => Promise.all([give(), give()]),
    keeps: (stage, bytes) => stage.kept.push(bytes),
};

// By the own wallet, mostly, or somebody else's.
async function payByWallet(stage) {
    const { random } = stage, event = eventOf(stage);
    const { payment, person } = await paymentOf(stage, event, ['HELD', 'IN_FLIGHT']);
    if (!person) return reserve(stage);
    const { wallet } = random.below(4) ? person : random.pick(stage.people);
    const reply = await stage.ask(person, 'POST', `/events/${event.id}/payment`, { account: wallet.address });
    if (reply.status !== 200) return reply;
    const signed = signByWeb3(wallet, reply.body), id = reply.body.payment_id, way = random.pick(Object.keys(WAYS));
    const give = () => stage.ask(person, 'POST', `/payments/${id}/transaction`, { transaction: signed });
    if (way !== 'keeps') stage.sent.add(id);
    await WAYS[way](stage, { id, give, signed });
    return { status: way, body: { code: id === payment.id ? '' : 'of another hold' } };
}

// What was signed before, and may be dead by now.
async function sendKept(stage) {
    if (!stage.kept.length) return undefined;
    const { id, signed, give } = stage.random.pick(stage.kept);
    stage.sent.add(id);
    if (stage.random.below(2)) return give();
    await stage.send(signed);
    return undefined;
}

async function payByCredit(stage) {
    const { payment, person } = await paymentOf(stage, eventOf(stage), ['HELD']);
    if (!person) return reserve(stage);
    stage.sent.add(payment.id);
    const once = () => stage.ask(person, 'POST', `/payments/${payment.id}/pay`);
    return stage.random.below(3) ? once() : (await Promise.all([once(), once()]))[0];
}

async function withdraw(stage) {
    const person = stage.random.pick(stage.people.filter(({ linked }) => linked));
    const reply = await stage.ask(person, 'POST', '/wallet/withdrawals', { amount: String(stage.random.between(2_000_000, 90_000_000)) });
    assert.ok([201, 409, 422, 503].includes(reply.status), JSON.stringify(reply.body));
    return reply;
}

// ---- The cluster

async function fork(stage) {
    await stage.cluster.fork(stage.random.between(1, 8));
}

async function silence(stage) {
    stage.between.silent = true;
}

async function behind(stage) {
    await stage.cluster.fault('getHealth', { times: 10, code: -32005, message: 'Node is behind by 42 slots' });
}

async function lose(stage) {
    const fault = stage.random.pick([{ drop: true }, { lose: true }, { close: true }, { code: -32005, message: 'Node is behind' }]);
    await stage.cluster.fault('sendTransaction', { times: stage.random.between(1, 4), ...fault });
}

async function slots(stage) {
    await stage.cluster.advance(stage.random.pick([1, 33, 160]));
}

// Strangers send to whatever has an address.
async function dust(stage) {
    const { random, cluster } = stage, event = eventOf(stage), { vault, event: account } = placesOfEvent(cluster, event);
    const lamports = random.between(900_000, stage.DUST_MOST);
    if (random.below(2)) {
        stage.dust.set(event.id, (stage.dust.get(event.id) ?? 0) + lamports);
        await sendDust(cluster, stage.stranger, vault, lamports).catch(() => null);
    } else await sendDust(cluster, stage.stranger, account, lamports, personOf(stage).wallet.address).catch(() => null);
}

async function clock(stage) {
    await stage.pass(stage.random.between(30, 180));
}

const DEALT = deal([
    ...SEATS, [14, payByWallet], [6, payByCredit], [3, sendKept], [2, withdraw], [2, fork], [1, silence], [1, behind], [2, lose], [2, slots], [1, dust], [1, clock],
]);

// Some things at once; each draws by itself, so that what is drawn does not hang on which is faster.
export function happenAtOnce(stage, name) {
    const one = (_, i) => happen(Object.assign(Object.create(stage), { random: stage.random.fork(`${name}.${i}`) }), DEALT);
    return Promise.all(Array.from({ length: stage.random.between(1, 3) }, one));
}
