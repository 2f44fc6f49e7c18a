// A process of its own with a store (driver/main.c): writes give promises of their outcomes.
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import readline from 'node:readline';

const PROGRAM = process.env.CONSE_STORE_DRIVER ?? path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../../build/tests/stores/driver');

// Writes give "durable", the reason of a failure, or "died" when the process ended first; reads give what they read, and throw the
// reason of a failure. `more` is {key, now_ms, source: {stream, seq, print}, after}. close ends the process when all is decided or given up.
// With `newer`, of a program whose table has another index, by_name.
export async function startDriver(url, { self = '', newer = false } = {}) {
    const child = spawn(PROGRAM, [url, self, ...(newer ? ['newer'] : [])], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
    const waiting = new Map();
    let last = 0;
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
        const answer = JSON.parse(line);
        waiting.get(answer.id)(answer);
        waiting.delete(answer.id);
    });
    ended.then(() => waiting.forEach((resolve) => resolve({ outcome: 'failed', reason: 'died', error: 'died' })));
    child.stdin.on('error', () => {}); // the process has ended: `ended` says so
    const answerOf = (id) => new Promise((resolve) => waiting.set(id, resolve));
    const opened = answerOf('');

    const ask = (asked) => {
        const id = `${++last}`;
        const answer = answerOf(id);
        child.stdin.write(`${JSON.stringify({ id, ...asked })}\n`);
        return answer;
    };
    const write = async (asked) => {
        const answer = await ask(asked);
        return answer.outcome === 'durable' ? 'durable' : answer.reason;
    };
    const read = async (asked) => {
        const answer = await ask(asked);
        if (answer.error) throw new Error(answer.error);
        return answer;
    };
    const driver = {
        append: (stream, seq, texts, more) => write({ do: 'append', stream, seq, texts, ...more }),
        appendNext: (stream, texts, more) => write({ do: 'append_next', stream, texts, ...more }),
        end: (stream, seq, more) => write({ do: 'end', stream, seq, ...more }),
        put: (row, name, version, more) => write({ do: 'put', row, name, version, ...more }),
        delete: (row, version, more) => write({ do: 'delete', row, version, ...more }),
        read: (stream, { from = 1, limit = 1000 } = {}) => read({ do: 'read', stream, from, limit }),
        head: async (stream) => (await read({ do: 'head', stream })).seq,
        probe: async (stream, seq) => (await read({ do: 'probe', stream, seq })).current,
        barrier: async () => (await read({ do: 'barrier' })).at_ms,
        get: (row) => read({ do: 'get', row }),
        find: async (index, name) => (await read({ do: 'find', index, name })).rows,
        trim: (stream, seq) => read({ do: 'trim', stream, seq }),
        sweep: (now_ms) => read({ do: 'sweep', now_ms }),
        sleep: (seconds) => read({ do: 'sleep', seconds }),
        accepts: () => read({ do: 'accepts' }).then(() => true, (error) => error.message),
        kill: () => child.kill('SIGKILL') && ended,
        close: () => child.stdin.end() && ended,
    };
    // The whole stream, page after page.
    driver.texts = async (stream) => {
        const texts = [];
        for (let page = { more: true }; page.more; ) {
            page = await driver.read(stream, { from: texts.length + 1 });
            texts.push(...page.texts);
        }
        return texts;
    };
    if (!(await opened).open) throw new Error(`the store at ${url} does not open`);
    return driver;
}
