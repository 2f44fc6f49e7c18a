// Eight clients that ask for the largest pages as fast as they may, each from an address of its own; bounds_bench.mjs forks them with
// BENCH_PORT and BENCH_PATHS. Told to stop they say what they got: {status: count}.
import http from 'node:http';

const CLIENTS = 8;
const paths = JSON.parse(process.env.BENCH_PATHS), got = {};
let over = false;

function ask(agent, localAddress, path, gzip) {
    const headers = { 'Accept-Encoding': gzip ? 'gzip' : 'identity' };
    return new Promise((resolve, reject) => {
        const request = http.get({ host: '127.0.0.1', port: process.env.BENCH_PORT, localAddress, path, agent, headers }, (reply) => {
            reply.resume().on('end', () => resolve(reply)).on('error', reject);
        });
        request.on('error', reject);
    });
}

async function client(number) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = number; !over; i += CLIENTS) {
        const { statusCode, headers } = await ask(agent, `127.0.7.${number + 1}`, paths[i % paths.length], number % 2);
        got[statusCode] = (got[statusCode] ?? 0) + 1;
        if (headers['retry-after']) await new Promise((resolve) => setTimeout(resolve, headers['retry-after'] * 1000));
    }
    agent.destroy();
}

process.on('message', () => (over = true));
await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i)));
process.send(got);
process.disconnect();
