// Plays a whole evening through the HTTP API of a running system and tells it as a story.
// CONSE_URL: the gateway, else as CONSE_LISTEN says, here or in ./.env. The god is promoted with consectl, which finds the
// system by the same settings.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// Only what this program needs; consectl says what is wrong with the file.
const settings = fs.existsSync('.env') ? fs.readFileSync('.env', 'utf8') : '';
const setting = (name) => process.env[name] ?? settings.match(new RegExp(`^\\s*(?:export\\s+)?${name}=["']?([^"'\\s]+)`, 'm'))?.[1];
const listen = (setting('CONSE_LISTEN') ?? '127.0.0.1:7438').replace(/^(0\.0\.0\.0)?:/, '127.0.0.1:').replace('[::]', '[::1]');
const url = setting('CONSE_URL') ?? `${setting('CONSE_TLS_CERT') ? 'https' : 'http'}://${listen}`;
const consectl = process.env.CONSECTL ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '../../build/bin/consectl');
const tag = crypto.randomBytes(3).toString('hex');
const NAMES = ['Mira', 'Omid', 'Nora', 'Kian', 'Leila', 'Aras', 'Shirin', 'Babak', 'Tara', 'Dara'];

const colored = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text) => (colored ? `\x1b[1m${text}\x1b[0m` : text);
const dim = (text) => (colored ? `\x1b[2m${text}\x1b[0m` : text);
const say = (text = '') => console.log(text);
const chapter = (text) => say(`\n${bold(text)}`);

async function call(method, route, { token, body } = {}, tries = 30) {
    const response = await fetch(url + route, {
        method,
        headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...(token ? { Authorization: `Bearer ${token}` } : {}) },
        body: body && JSON.stringify(body),
    });
    const text = await response.text();
    const reply = text && /json/.test(response.headers.get('content-type')) ? JSON.parse(text) : text;
    if (response.status === 503 && tries > 1)
        return new Promise((resolve) => setTimeout(resolve, 1000)).then(() => call(method, route, { token, body }, tries - 1));
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${reply.code}: ${reply.detail}`);
    return reply;
}

async function person(name) {
    const credentials = { username: `${name}-${tag}`, password: `${name} has a long password` };
    await call('POST', '/auth/signup', { body: credentials });
    const session = await call('POST', '/auth/login', { body: credentials });
    return { name, username: credentials.username, credentials, id: session.user.id, token: session.access_token };
}

async function promote(someone, level) {
    execFileSync(consectl, ['user', 'level', someone.username, level], { stdio: ['ignore', 'ignore', 'inherit'] });
    someone.token = (await call('POST', '/auth/login', { body: someone.credentials })).access_token;
}

// A deck of ten cards of the catalogue.
function pick(roles, sides) {
    const wanted = { 'mafia-boss': 1, surgeon: 1, trickster: 1, detective: 1, doctor: 1, martyr: 2, sheriff: 1, mayor: 1, 'serial-killer': 1 };
    const side = Object.fromEntries(sides.map((s) => [s.id, s.name]));
    return roles.filter((r) => wanted[r.slug]).map((r) => ({ ...r, wanted: wanted[r.slug], sideName: side[r.side_id] }));
}

const random = (list) => list[crypto.randomInt(list.length)];

async function main() {
    chapter('The guests');
    const god = await person('God');
    await promote(god, 'god');
    const players = [];
    for (const name of NAMES) players.push(await person(name));
    const byId = Object.fromEntries(players.map((p) => [p.id, p]));
    say(`${players.map((p) => p.name).join(', ')} sign up. ${god.username} may lead games.`);

    chapter('The table');
    const [{ roles }, { sides }] = await Promise.all(['/roles', '/sides'].map((route) => call('GET', route, { token: god.token })));
    const cards = pick(roles, sides);
    const { group } = await call('POST', '/groups', { token: god.token, body: { name: `Thursday circle ${tag}` } });
    const { last_moves } = await call('GET', '/last-moves', { token: god.token });
    const { deck } = await call('POST', '/decks', {
        token: god.token,
        body: {
            group_id: group.id,
            name: 'Ten at the table',
            roles: cards.map((c) => ({ role_id: c.id, copies: c.wanted })),
            last_moves: last_moves.slice(0, 10).map((m) => ({ last_move_id: m.id, copies: 1 })),
        },
    });
    say(`The deck: ${cards.map((c) => (c.wanted > 1 ? `${c.wanted} × ${c.name}` : c.name)).join(', ')}.`);
    const tomorrow = new Date(Date.now() + 24 * 3600e3).toISOString().slice(0, 11) + '20:30:00';
    const { event } = await call('POST', '/events', {
        token: god.token,
        body: {
            group_id: group.id, deck_id: deck.id, title: `An evening of ${tag}`, content: 'Bring tea.',
            starts_at: { local: tomorrow, zone: 'Asia/Tehran' }, min_players: 8, max_players: 10, waitlist: true,
        },
    });
    const at = `/events/${event.id}`;
    say(`"${event.title}" opens for ${event.starts_at.local} ${event.starts_at.zone}, ten seats, free.`);

    chapter('The seats');
    const late = await person('Latecomer');
    for (const p of players) {
        const nonce = crypto.randomBytes(32).toString('base64');
        const { reservation } = await call('POST', `${at}/reservations`, { token: p.token, body: { nonce } });
        say(`  ${p.name} takes seat ${reservation.position}.`);
    }
    const { reservation } = await call('POST', `${at}/reservations`, { token: late.token, body: {} });
    say(`  ${late.name} comes late: ${reservation.state.toLowerCase()}, place ${reservation.position}.`);

    chapter('The deal');
    await call('POST', `${at}/lock`, { token: god.token });
    const { deal } = await call('GET', `${at}/deal`);
    say(`Locked. Eight commitments stand since the evening was opened; deal ${deal.k} uses ${dim(Buffer.from(deal.commitments[deal.k - 1], 'base64').toString('hex').slice(0, 16))}…`);
    const revealed = (await call('POST', `${at}/reveal`, { token: god.token, body: {} })).event;
    const roleOf = Object.fromEntries(revealed.players.map((p) => [p.user_id, roles.find((r) => r.id === p.role_id)]));
    const mine = await call('GET', `${at}/me`, { token: players[0].token });
    say(`Dealt. ${players[0].name} looks at her card: ${bold(mine.role.name)} (${mine.side.name}). Nobody else sees it.`);

    const living = () => players.filter((p) => !p.out);
    const isMafia = (p) => sides.find((s) => s.id === roleOf[p.id].side_id).slug === 'mafia';
    const phase = async (kind, timer) => (await call('POST', `${at}/phases`, { token: god.token, body: { kind, timer } })).phase;
    const lose = async (p, status) => {
        p.out = true;
        await call('PATCH', `${at}/players/${p.id}`, { token: god.token, body: { status } });
        const { last_move } = await call('POST', `${at}/players/${p.id}/last-move`, { token: god.token });
        return last_move.name;
    };

    for (let day = 1; day <= 3 && living().filter(isMafia).length && living().length > 4; day++) {
        chapter(`Day ${day}`);
        await phase('DAY', '600s');
        const { poll } = await call('POST', `${at}/polls`, { token: god.token, body: { kind: 'NOMINATION', secret: day === 2 } });
        for (const voter of living()) {
            const candidate = random(living().filter((p) => p !== voter));
            await call('PUT', `${at}/polls/${poll.id}/ballot`, { token: voter.token, body: { candidate_id: candidate.id } });
        }
        const closed = (await call('POST', `${at}/polls/${poll.id}/close`, { token: god.token })).poll;
        const counts = [...closed.counts].sort((a, b) => b.weight - a.weight).filter((c) => c.weight);
        say(`${poll.secret ? 'A secret' : 'An open'} vote: ${counts.map((c) => `${byId[c.candidate_id].name} ${c.weight}`).join(', ')}.`);
        const loser = byId[counts[0].candidate_id];
        say(`  ${bold(loser.name)} leaves, last move: ${await lose(loser, 'DEAD')}.`);

        chapter(`Night ${day}`);
        await phase('NIGHT');
        const awake = living().filter((p) => roleOf[p.id].abilities > 0 && p.left !== 0);
        for (const p of awake.slice(0, 3)) {
            const target = random(living().filter((t) => t !== p));
            const { left } = await call('POST', `${at}/players/${p.id}/abilities`, { token: god.token, body: { target_id: target.id } });
            p.left = left;
            say(dim(`  (the god notes: the ${roleOf[p.id].name} looks at ${target.name}; ${left === 100 ? 'unlimited' : left} left)`));
        }
        const victims = living().filter((p) => !isMafia(p));
        if (victims.length) {
            const victim = random(victims);
            await call('POST', `${at}/players/${victim.id}/notes`, { token: god.token, body: { text: 'You heard steps.', audience: 'PLAYER' } });
            say(`  In the morning ${bold(victim.name)} is gone, last move: ${await lose(victim, 'DEAD')}.`);
        }
    }

    chapter('The end');
    for (const p of players) await call('PUT', `${at}/players/${p.id}/score`, { token: god.token, body: { score: 100 + crypto.randomInt(100) } });
    const winner = sides.find((s) => s.slug === (living().some(isMafia) ? 'mafia' : 'citizen'));
    const done = (await call('POST', `${at}/finish`, { token: god.token, body: { winning_side_ids: [winner.id] } })).event;
    say(`${bold(winner.name)} wins. The cards are open:`);
    for (const p of done.players) say(`  seat ${p.seat}: ${byId[p.user_id].name.padEnd(8)} ${roles.find((r) => r.id === p.role_id).name.padEnd(20)} ${p.alive ? 'alive' : 'out  '} ${p.score}`);
    say(`\n${execFileSync(consectl, ['--url', url, 'verify-deal', event.id]).toString().trim()}`);
    say(execFileSync(consectl, ['log', event.id]).toString().trim().split('\n').at(-1));
}

main().catch((error) => {
    console.error(error.cause?.code === 'ECONNREFUSED' ? `Nothing answers at ${url}; start it with: make run` : error.message);
    process.exitCode = 1;
});
