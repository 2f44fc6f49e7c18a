// How long an order takes from when it was due to be placed until its owner's stream has it.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { call, consectl } from '../../tests/e2e/parts/people.mjs';
import { openStream } from '../../tests/e2e/parts/sse.mjs';

const RATE = 1000, PEOPLE = 10, OPEN = 180; // of whose orders so many rest before all are withdrawn, one person's after another's

// One request of the connections that stay: {status, body}.
function ask(place, method, route, token, body) {
    const text = body && JSON.stringify(body);
    const headers = { Authorization: `Bearer ${token}`, ...(text ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) } : {}) };
    return new Promise((resolve, reject) => {
        const request = http.request({ ...place, method, path: route, headers }, (response) => {
            let reply = '';
            response.setEncoding('utf8').on('data', (part) => (reply += part)).on('error', reject);
            response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(reply) }));
        });
        request.on('error', reject).end(text);
    });
}

// Notes when each of somebody's orders came, by its number.
async function listen(system, person, heard) {
    const stream = await openStream(system, '/stream?topics=orders', { token: person.token });
    await stream.until(({ event }) => event === 'snapshot');
    const listening = (async () => {
        for (;;) {
            const { data } = await stream.next();
            if (data.entry?.kind === 'ACCEPTED') heard.set(data.entry.order.id, performance.now());
        }
    })();
    listening.catch(() => {}); // it ends with the stream
    return stream;
}

// In an open loop: what comes late because one before it took long has that in its time.
async function place(to, people, role, seconds) {
    const sent = [], began = performance.now();
    for (let i = 0; i < RATE * seconds; i++) {
        const due = began + (i * 1000) / RATE, which = i % people.length, person = people[which];
        const turn = Math.floor(i / people.length) + Math.floor((which * OPEN) / people.length);
        while (performance.now() < due) await new Promise(setImmediate);
        if (turn % OPEN === 0) sent.push(ask(to, 'DELETE', '/market/orders', person.token).then(() => null));
        const body = { role_id: role, side: 'BUY', price: 1 + (turn % OPEN), quantity: 1 };
        sent.push(ask(to, 'POST', '/market/orders', person.token, body).then((reply) => ({ due, reply })));
    }
    return (await Promise.all(sent)).filter(Boolean);
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] * 1000;

// {rate, p50_us, p99_us}; every order has to be taken and heard of.
export async function measureAccepted(system, everybody, seconds) {
    const people = everybody.slice(0, PEOPLE), role = randomUUID(), heard = new Map();
    const { code, stderr } = await consectl(system, 'card', 'make', people[0].id, role, randomUUID());
    if (code !== 0) throw new Error(stderr);
    const streams = await Promise.all(people.map((person) => listen(system, person, heard)));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    const placed = await place({ host: '127.0.0.1', port: system.port, agent }, people, role, seconds);
    const refused = placed.find(({ reply }) => reply.status !== 201);
    if (refused) throw new Error(`an order is refused: ${JSON.stringify(refused.reply)}`);
    for (const deadline = Date.now() + 10000; heard.size < placed.length && Date.now() < deadline; ) await new Promise((resolve) => setTimeout(resolve, 10));
    const times = placed.map(({ due, reply }) => heard.get(reply.body.order.id) - due).sort((a, b) => a - b);
    if (times.some(Number.isNaN)) throw new Error(`of ${placed.length} orders ${heard.size} were heard of`);
    for (const person of people) await call(system, 'DELETE', '/market/orders', { token: person.token });
    for (const stream of streams) stream.close();
    agent.destroy();
    return { rate: placed.length / seconds, p50_us: at(times, 0.5), p99_us: at(times, 0.99) };
}
