// The clients that docs/realtime.md shows, as they are: a page, one in C and one in Python. What each has shown is the log, though the
// gateway was killed meanwhile.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { as, LIMITS, makeDeck, makeGod, openEvent, readLog, seatAll, signUpMany } from './parts/games.mjs';
import { call, eventually, PASSWORD, signUp, untilTaken } from './parts/people.mjs';
import { BIN, startSystem } from './parts/system.mjs';

const DOCS = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../docs');
const COMMANDS = { 'in C': [path.join(BIN, '../docs/follow-live')], 'in Python': ['python3', path.join(DOCS, 'follow.py')] };
const children = [];
let system, god, players, deck;

before(async () => {
    system = await startSystem({ env: LIMITS });
    god = await makeGod(system, 'thegod');
    players = await signUpMany(system, 'player', 3);
    deck = await makeDeck(system, god, { roles: 3 });
});

after(async () => {
    for (const child of children) child.kill('SIGTERM');
    await system?.stop();
});

async function deal() {
    const event = await openEvent(system, god, deck, { max_players: 3 });
    await seatAll(system, event, players);
    await as(system, god, event)('POST', '/lock');
    await as(system, god, event)('POST', '/reveal', {});
    return { event, begun: (await readLog(system, god, event)).entries.length };
}

const act = async (event, method, route, body) => {
    const { status } = await untilTaken(() => call(system, method, `/events/${event.id}${route}`, { token: god.token, body, headers: { 'Idempotency-Key': crypto.randomUUID() } }));
    assert.ok(status < 300);
};

// Acts before the gateway dies, while it is away from who follows, and after; has(count) waits until so many were shown.
async function playEvening({ event, begun }, has) {
    let count = 0;
    const score = () => act(event, 'PUT', `/players/${players[0].id}/score`, { score: ++count });
    for (let i = 0; i < 5; i++) await score();
    await has(5);
    await system.killAll('gateway');
    await system.startAll('gateway');
    for (let i = 0; i < 5; i++) await score();
    await has(10);
    await act(event, 'POST', '/phases', { kind: 'DAY' });
    await has(11);
    return (await readLog(system, god, event)).entries.slice(begun);
}

// {messages(), ended}: what a program prints, a message a line.
function run([program, ...words], topics, token) {
    const child = spawn(program, [...words, system.url, topics], { env: { ...process.env, CONSE_TOKEN: token }, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '', said = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    children.push(child);
    const messages = () => printed.split('\n').slice(0, -1).map((line) => ({ event: line.split(' ', 1)[0], ...JSON.parse(line.slice(line.indexOf(' '))) }));
    return { messages, ended: new Promise((resolve) => child.once('exit', (code) => resolve({ code, said }))) };
}

for (const [name, command] of Object.entries(COMMANDS)) {
    test(`the client ${name} misses nothing, and shows nothing twice`, async () => {
        const evening = await deal(), told = run(command, `event:${evening.event.id}`, god.token);
        const entries = () => told.messages().filter(({ event }) => event === 'entry').map(({ entry }) => entry);
        await eventually(() => told.messages().length === 1, 10000);
        const log = await playEvening(evening, (count) => eventually(() => entries().length >= count, 30000));
        assert.deepEqual(entries(), log);
        const others = told.messages().map(({ event }) => event).filter((event) => event !== 'entry' && event !== 'head');
        assert.deepEqual(others, ['snapshot', 'live'], 'it went on where it was');
    });

    test(`the client ${name} follows what it may, and ends when it may no more`, async () => {
        const { event } = await deal(), person = await signUp(system, `leaver${name.length}`);
        const told = run(command, `me,event:${event.id}`, person.token);
        await eventually(() => told.messages().length === 2, 10000);
        await call(system, 'POST', '/auth/logout', { token: person.token, body: {} });
        const { code, said } = await told.ended;
        assert.notEqual(code, 0);
        assert.ok(said.length > 0);
        assert.equal(told.messages().at(-1).reason, 'REVOKED');
    });
}

test('the page misses nothing, and shows nothing twice', async () => {
    const executablePath = execFileSync('sh', ['-c', 'command -v chromium']).toString().trim();
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
        const evening = await deal(), page = await browser.newPage(), faults = [];
        page.on('pageerror', (error) => faults.push(error.message));
        await page.route(`${system.url}/follow.html`, (route) => route.fulfill({ path: path.join(DOCS, 'follow.html') }));
        await page.goto(`${system.url}/follow.html`);
        await page.locator('[name=username]').fill('thegod');
        await page.locator('[name=password]').fill('not the one');
        await page.locator('[name=event]').fill(evening.event.id);
        await page.getByRole('button').click();
        await page.locator('p', { hasText: 'refused: ' }).waitFor();
        await page.locator('[name=password]').fill(PASSWORD);
        await page.getByRole('button').click();
        await page.locator('p', { hasText: `snapshot: ${evening.event.title}` }).waitFor();
        const shown = () => page.locator('li').evaluateAll((items) => items.map(({ value, textContent }) => `${value} ${textContent}`));
        const log = await playEvening(evening, (count) => page.locator('li').nth(count - 1).waitFor());
        assert.deepEqual(await shown(), log.map(({ index, kind, fields }) => `${index} ${kind} ${JSON.stringify(fields)}`));
        assert.deepEqual(faults, []);
    } finally {
        await browser.close();
    }
});

test('the page is short enough to be read whole', () => {
    const [, script] = /<script>\n(.*)<\/script>/s.exec(fs.readFileSync(path.join(DOCS, 'follow.html'), 'utf8'));
    assert.ok(script.split('\n').length - 1 <= 60);
});
