// First answers to commands that are given in Discord, a hundred at once, while the language model hangs: `make bench-discord`. CONSE_BIN: the
// built programs. The fake Discord and the clients are this process, which takes from the same processors.
import { once } from 'node:events';
import http from 'node:http';
import { commandOf, say, snowflake, startDiscord } from '../../tests/e2e/parts/discord.mjs';
import { LIMITS } from '../../tests/e2e/parts/games.mjs';
import { startLlm } from '../../tests/e2e/parts/llm.mjs';
import { EVERY_SERVICE, startSystem, stopAfter } from '../../tests/e2e/parts/system.mjs';
import { ms, table } from './measure.mjs';
import { processorTime } from './spent.mjs';

const AT_ONCE = 100, ROUNDS = Number(process.env.BENCH_ROUNDS ?? 20), BETWEEN_MS = 1000, MOST_MS = 50;
const faults = [];

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
const at = (times, share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];

function channelOf(discord) {
    const id = snowflake();
    for (let i = 0; i < 5; i++) say(discord, id, 'mira', `Number ${i} is what we vote about.`);
    return id;
}

// Microseconds from the request's first byte to the answer's last, on a connection that is there.
async function answered(system, agent, { body, headers }, type) {
    const began = performance.now();
    const request = http.request({ host: '127.0.0.1', port: system.port, method: 'POST', path: '/discord/interactions', agent, headers: { ...headers, 'Content-Length': Buffer.byteLength(body) } });
    request.end(body);
    const [reply] = await once(request, 'response');
    const text = Buffer.concat(await reply.toArray()).toString(), took = (performance.now() - began) * 1000;
    if (reply.statusCode !== 200 || JSON.parse(text).type !== type) throw new Error(`${reply.statusCode} ${text}`);
    return took;
}

// Of the services that answer, in microseconds; ai's has the work behind the answers that was done meanwhile.
const spentBy = (system) => ['gateway', 'ai'].reduce((sum, name) => sum + processorTime(system.children[name].pid) / 1000, 0);

// Signed before they are sent: {times, spent}, spent of one answer.
async function rounds(system, discord, payload, type) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE }), times = [];
    let spent = 0;
    for (let round = -1; round < ROUNDS; round++) {
        const all = Array.from({ length: AT_ONCE }, () => { const body = JSON.stringify(payload()); return { body, headers: discord.sign(body) }; });
        const before = spentBy(system);
        const took = await Promise.all(all.map((each) => answered(system, agent, each, type)));
        const now = spentBy(system);
        if (round >= 0) times.push(...took), (spent += now - before); // the first one opens the connections
        await pause(BETWEEN_MS);
    }
    agent.destroy();
    return { times: times.sort((a, b) => a - b), spent: spent / times.length };
}

const row = (name, { times, spent }, target) => [name, ms(at(times, 0.5)), ms(at(times, 0.99)), ms(times.at(-1)), `${spent.toFixed(0)} us`, target];

async function measure(system, discord) {
    const pings = await rounds(system, discord, () => ({ type: 1 }), 1);
    const catchups = await rounds(system, discord, () => commandOf(discord, 'catchup', { options: { hours: 6 }, channelId: channelOf(discord) }), 5);
    const p99 = at(catchups.times, 0.99) / 1000;
    if (p99 > MOST_MS) faults.push(`p99 of /catchup is ${p99.toFixed(1)} ms`);
    console.log(`\nFirst answers, ${AT_ONCE} at once, ${ROUNDS} times, while the language model hangs`);
    table([['', 'median', 'p99', 'most', 'processor time of one', ''], row('PING: the signature alone', pings, ''),
        row('/catchup: a row is durable', catchups, `(target p99 <= ${MOST_MS} ms) ${p99 > MOST_MS ? 'NO' : 'yes'}`)]);
}

const discord = await startDiscord(), llm = await startLlm();
llm.mood = () => 'hang';
await stopAfter(await startSystem({ services: EVERY_SERVICE, env: { ...LIMITS, CONSE_DISCORD_PUBLIC_KEY: discord.publicKey, CONSE_DISCORD_TOKEN: discord.token, CONSE_DISCORD_API: discord.api,
    CONSE_LLM_URL: llm.url, CONSE_LLM_KEY: llm.key, CONSE_LLM_MODEL: 'mock-1' } }), (system) => measure(system, discord));
discord.close();
llm.close();
for (const fault of faults) console.error(`FAILED: ${fault}`);
process.exitCode = faults.length ? 1 : 0;
