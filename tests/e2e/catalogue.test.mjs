// The catalogue through HTTP: what a god is told of the night, in two languages, and what a dev may say of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { LIMITS } from './parts/games.mjs';
import { call, eventually, ok, signUp, signUpAs } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

let system, dev, god, side;

before(async () => {
    system = await startSystem({ env: LIMITS });
    [dev, god] = [await signUpAs(system, 'thedev', 'dev'), await signUpAs(system, 'thegod', 'god')];
    [side] = (await ok(system, 'GET', '/sides', { token: god.token })).sides;
});

after(() => system?.stop());

const send = (person, method, route, body) => call(system, method, route, { token: person?.token, body });
const must = (method, route, body) => ok(system, method, route, { token: dev.token, body });
const listed = async (what) => (await ok(system, 'GET', `/${what.replace('_', '-')}?include_disabled=true`, { token: god.token }))[what];
const roleOf = async (slug) => (await listed('roles')).find((role) => role.slug === slug);

// What one process wrote another shows within a quarter of a second.
async function shows(read, wanted, what) {
    let seen;
    await eventually(async () => isDeepStrictEqual((seen = await read()), wanted), 2000).catch(() => assert.deepEqual(seen, wanted, what));
}

let slugs = 0;
const newRole = (more = {}) => ({ slug: `new-${++slugs}`, name: 'New', side_id: side.id, copies: 1, ...more });
const NIGHT = { wakes: 'EVERY_N', n: 3, night_order: 415, prompt: 'New, wake up.\nPoint.', prompt_fa: 'بیدار شود.', effect_fa: 'اثر', meets: true };
const nightOf = (role = {}) => Object.fromEntries(Object.keys(NIGHT).map((field) => [field, role[field]]));
const SILENT = { wakes: 'WAKES_UNSPECIFIED', n: 0, night_order: 0, prompt: '', prompt_fa: '', effect_fa: '', meets: false };

test('every role has its night, every card its texts, in English and in Persian', async () => {
    const [roles, cards] = [await listed('roles'), await listed('last_moves')];
    assert.deepEqual([roles.length, cards.length], [67, 47]);
    for (const { slug, wakes, night_order: order, n, meets, ...role } of roles) {
        assert.ok(['FIRST', 'EVERY', 'ODD', 'EVEN', 'EVERY_N', 'ONCE', 'NEVER'].includes(wakes), `${slug} wakes ${wakes}`);
        assert.deepEqual([order === 0, n !== 0, typeof meets], [wakes === 'NEVER', wakes === 'EVERY_N', 'boolean'], slug);
        for (const prompt of ['prompt', 'prompt_fa']) assert.equal(role[prompt] === '', wakes === 'NEVER', `${slug}: ${prompt}`);
        assert.ok(role.effect && role.effect_fa, slug);
    }
    for (const card of cards) assert.ok(card.name && card.name_fa && card.effect && card.effect_fa, `card ${card.number}`);
    const priest = roles.find((role) => role.slug === 'priest');
    assert.deepEqual([priest.wakes, priest.n], ['EVERY_N', 3]);
    assert.match(priest.prompt_fa, /^کشیش بیدار شود/);
    const together = roles.filter((role) => role.night_order === roles.find((boss) => boss.slug === 'mafia-boss').night_order);
    assert.ok(together.some((role) => role.slug === 'spy') && together.length > 2, 'the mafia wakes together');
});

test('sides meet as the seed or a dev says', async () => {
    const sides = await listed('sides');
    assert.deepEqual(sides.filter((each) => each.meets).map((each) => each.slug).sort(), ['black-army', 'mafia']);
    for (const each of sides) assert.equal(typeof each.meets, 'boolean', each.slug);
    const { side: plain } = await must('POST', '/sides', { slug: 'plain', name: 'Plain' });
    assert.equal(plain.meets, false);
    const { side: close } = await must('POST', '/sides', { slug: 'close', name: 'Close', meets: true });
    assert.equal(close.meets, true);
    assert.equal((await must('PATCH', `/sides/${close.id}`, { meets: false })).side.meets, false);
    assert.equal((await must('PATCH', `/sides/${close.id}`, { name: 'Closer' })).side.meets, false);
    assert.equal((await send(dev, 'PATCH', `/sides/${close.id}`, { meets: 'yes' })).status, 400);
});

test('a role is made with its night, or without', async () => {
    const { role } = await must('POST', '/roles', newRole(NIGHT));
    assert.deepEqual(nightOf(role), NIGHT);
    await shows(async () => nightOf(await roleOf(role.slug)), NIGHT);
    const { role: silent } = await must('POST', '/roles', newRole());
    assert.deepEqual(nightOf(silent), SILENT);
    const { role: sleeper } = await must('POST', '/roles', newRole({ wakes: 'NEVER', effect_fa: 'اثر' }));
    assert.deepEqual(nightOf(sleeper), { ...SILENT, wakes: 'NEVER', effect_fa: 'اثر' });
});

// What is refused of a new role; the field that is named.
const BAD = [
    [{ wakes: 'SOMETIMES' }, 'wakes'],
    [{ wakes: 'WAKES_UNSPECIFIED' }, 'wakes'],
    [{ wakes: 'EVERY' }, 'night_order'],
    [{ wakes: 'EVERY', night_order: 0 }, 'night_order'],
    [{ wakes: 'EVERY', night_order: 1001 }, 'night_order'],
    [{ wakes: 'EVERY', night_order: -1 }, 'night_order'],
    [{ wakes: 'EVERY', night_order: 'early' }, 'night_order'],
    [{ wakes: 'NEVER', night_order: 1 }, 'night_order'],
    [{ night_order: 1 }, 'night_order'],
    [{ wakes: 'EVERY', night_order: 1, n: 2 }, 'n'],
    [{ wakes: 'EVERY_N', night_order: 1 }, 'n'],
    [{ wakes: 'EVERY_N', night_order: 1, n: 1 }, 'n'],
    [{ wakes: 'EVERY_N', night_order: 1, n: 11 }, 'n'],
    [{ n: 2 }, 'n'],
    [{ wakes: 'EVERY_N', night_order: 1, n: -2 }, 'n'],
    [{ prompt: 'Wake up' }, 'prompt'],
    [{ wakes: 'NEVER', prompt_fa: 'بیدار شود' }, 'prompt_fa'],
    [{ wakes: 'NEVER', meets: true }, 'meets'],
    [{ wakes: 'EVERY', night_order: 1, meets: 'yes' }, 'meets'],
    [{ wakes: 'EVERY', night_order: 1, prompt: 'x'.repeat(513) }, 'prompt'],
    [{ wakes: 'EVERY', night_order: 1, prompt_fa: 'ش'.repeat(513) }, 'prompt_fa'],
    [{ wakes: 'EVERY', night_order: 1, prompt: 'Wake\u0007up' }, 'prompt'],
    [{ effect_fa: 'ش'.repeat(1025) }, 'effect_fa'],
    [{ effect_fa: 7 }, 'effect_fa'],
    [{ effect_fa: 'اثر\u001b' }, 'effect_fa'],
];
const assertRefused = (reply, field, what) =>
    assert.deepEqual([reply.status, reply.body.errors?.[0]?.field], [400, field], `${JSON.stringify(what).slice(0, 120)}: ${JSON.stringify(reply.body)}`);

test('a night that does not fit together is refused, and the field is named', async () => {
    const first = slugs + 1;
    const made = async () => (await listed('roles')).filter(({ slug }) => Number(/^new-(\d+)$/.exec(slug)?.[1]) >= first).length;
    for (const [bad, field] of BAD) assertRefused(await send(dev, 'POST', '/roles', newRole(bad)), field, bad);
    for (const at of ['prompt', 'prompt_fa']) await must('POST', '/roles', newRole({ wakes: 'ONCE', night_order: 1000, [at]: 'ش'.repeat(512) }));
    await must('POST', '/roles', newRole({ effect_fa: 'ش'.repeat(1024) }));
    await shows(made, 3);
    assert.equal((await send(god, 'POST', '/roles', newRole(NIGHT))).body.code, 'LEVEL_TOO_LOW');
    assert.equal((await send(null, 'POST', '/roles', newRole(NIGHT))).status, 401);
});

test('an edit keeps what it does not mention, and is judged by the role as it becomes', async () => {
    const { role } = await must('POST', '/roles', newRole({ ...NIGHT, effect: 'Effect' }));
    const edit = async (body) => (await must('PATCH', `/roles/${role.id}`, body)).role;
    const refused = async (body, field) => assertRefused(await send(dev, 'PATCH', `/roles/${role.id}`, body), field, body);
    assert.deepEqual(await edit({ prompt: 'Up!' }), { ...role, prompt: 'Up!' });
    assert.deepEqual(await edit({ copies: 2, effect_fa: '' }), { ...role, prompt: 'Up!', copies: 2, effect_fa: '' });
    await refused({ wakes: 'EVERY' }, 'n');
    await refused({ n: 0 }, 'n');
    await refused({ night_order: 0 }, 'night_order');
    await refused({ wakes: 'WAKES_UNSPECIFIED' }, 'wakes');
    await refused({ wakes: 'NEVER', n: 0 }, 'night_order');
    await refused({ wakes: 'NEVER', n: 0, night_order: 0 }, 'prompt');
    await refused({ wakes: 'NEVER', n: 0, night_order: 0, prompt: '' }, 'prompt_fa');
    await refused({ wakes: 'NEVER', n: 0, night_order: 0, prompt: '', prompt_fa: '' }, 'meets');
    await refused({ prompt: 'x'.repeat(513) }, 'prompt');
    await shows(() => roleOf(role.slug), { ...role, prompt: 'Up!', copies: 2, effect_fa: '' }, 'a refused edit changes nothing');
    assert.deepEqual(nightOf(await edit({ wakes: 'ODD', n: 0, night_order: 7, meets: false })),
        { ...NIGHT, wakes: 'ODD', n: 0, night_order: 7, meets: false, prompt: 'Up!', effect_fa: '' });
    const asleep = await edit({ wakes: 'NEVER', night_order: 0, prompt: '', prompt_fa: '' });
    assert.deepEqual([nightOf(asleep), asleep.name, asleep.effect, asleep.copies], [{ ...SILENT, wakes: 'NEVER' }, 'New', 'Effect', 2]);
    assert.equal((await send(god, 'PATCH', `/roles/${role.id}`, { prompt: 'Up!' })).body.code, 'LEVEL_TOO_LOW');
    assert.equal((await send(dev, 'PATCH', `/roles/${god.id}`, { prompt: 'Up!' })).body.code, 'NOT_FOUND');
});

test('a card has its Persian, which an edit may change and not take away', async () => {
    const { last_move: card } = await must('POST', '/last-moves', { number: 900, name: 'Feather', effect: 'It falls.', name_fa: 'پر', effect_fa: 'می‌افتد.' });
    assert.deepEqual([card.name_fa, card.effect_fa], ['پر', 'می‌افتد.']);
    const edit = async (body) => (await must('PATCH', `/last-moves/${card.id}`, body)).last_move;
    assert.deepEqual(await edit({ name_fa: 'پر سیمرغ' }), { ...card, name_fa: 'پر سیمرغ' });
    assert.deepEqual(await edit({ effect_fa: '', rate: 3 }), { ...card, name_fa: 'پر سیمرغ', effect_fa: '', rate: 3 });
    for (const [bad, field] of [[{ name_fa: '' }, 'name_fa'], [{ name_fa: 'ش'.repeat(129) }, 'name_fa'], [{ name_fa: 'پر\nسیمرغ' }, 'name_fa'],
        [{ effect_fa: 'ش'.repeat(1025) }, 'effect_fa'], [{ effect_fa: ['x'] }, 'effect_fa']])
        assertRefused(await send(dev, 'PATCH', `/last-moves/${card.id}`, bad), field, bad);
    for (const [bad, field] of [[{ name_fa: 'ش'.repeat(129) }, 'name_fa'], [{ effect_fa: '\u001b' }, 'effect_fa']])
        assertRefused(await send(dev, 'POST', '/last-moves', { number: 901, name: 'Other', ...bad }), field, bad);
    const { last_move: bare } = await must('POST', '/last-moves', { number: 902, name: 'Bare' });
    assert.deepEqual([bare.name_fa, bare.effect_fa], ['', '']);
});

test('what a dev says of the night outlives restarts, and a list changes its ETag', async () => {
    const player = await signUp(system, 'player'), doctor = await roleOf('doctor');
    const tag = async (headers) => call(system, 'GET', '/roles', { token: player.token, headers });
    let before;
    await eventually(async () => {
        before = (await tag()).headers.get('etag');
        return (await tag({ 'If-None-Match': before })).status === 304;
    }, 2000);
    await must('PATCH', `/roles/${doctor.id}`, { prompt_fa: 'دکتر!', night_order: 999 });
    await eventually(async () => (await tag({ 'If-None-Match': before })).status === 200, 2000);
    await system.restart('events');
    await shows(() => roleOf('doctor'), { ...doctor, prompt_fa: 'دکتر!', night_order: 999 });
});

// Last, because it fills the catalogue.
test('a catalogue that is full can still be read and edited', async () => {
    const long = { name: '🂡'.repeat(64), effect: '🂡'.repeat(1024), effect_fa: '🂡'.repeat(1024) };
    let reply;
    for (let made = 0; made < 500; made++)
        if (![201, 504].includes((reply = await send(dev, 'POST', '/roles', newRole(long))).status)) break; // 504: perhaps made
    assert.deepEqual([reply.status, reply.body.code], [422, 'LIMIT_REACHED']);
    const roles = await listed('roles'), full = roles.find((role) => role.name === long.name);
    assert.equal((await send(dev, 'PATCH', `/roles/${full.id}`, { effect: 'short' })).body.role.effect, 'short');
    assert.equal((await send(dev, 'PATCH', `/roles/${full.id}`, { disabled: true })).status, 200);
});
