// How long an order takes from when it was due to be placed until its owner's stream has it.
import { randomUUID } from 'node:crypto';
import { call, consectl } from '../../tests/e2e/parts/people.mjs';
import { run, tool } from './programs.mjs';

const PEOPLE = 10;

// {rate, p50_us, p99_us}; every order has to be taken and heard of.
export async function measureAccepted(system, everybody, seconds) {
    const people = everybody.slice(0, PEOPLE), role = randomUUID();
    const { code, stderr } = await consectl(system, 'card', 'make', people[0].id, role, randomUUID());
    if (code !== 0) throw new Error(stderr);
    const times = await run(tool('money_client'), [system.url, role, String(seconds)], { input: people.map(({ token }) => `${token}\n`).join('') });
    for (const person of people) await call(system, 'DELETE', '/market/orders', { token: person.token });
    return times;
}
