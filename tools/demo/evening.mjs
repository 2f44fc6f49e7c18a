// Plays a whole evening through the HTTP API of a running system, as a host and players do with their phones, and tells it as a
// story: what the god commands, and live beside it what a visitor and a player hear.
import crypto from 'node:crypto';
import { call, consectl, person, promote, refusal, tag, url } from './client.mjs';
import { account, changeMind, divide, PAID, takeSeat, trade, treat } from './money.mjs';
import { coinsOf, remember, talk } from './memory.mjs';
import { rate } from './ratings.mjs';
import { openFinal, playFinal, showWallet } from './wallets.mjs';
import { bold, chapter, command, dim, hear, hush, look, names, say, settle } from './story.mjs';

const NAMES = ['Mira', 'Omid', 'Nora', 'Kian', 'Leila', 'Aras', 'Shirin', 'Babak'], WALLETS = ['Kian', 'Leila'];
const CARDS = { 'mafia-boss': 1, surgeon: 1, trickster: 1, detective: 1, doctor: 1, martyr: 2, sheriff: 1, mayor: 1, 'serial-killer': 1 };

const random = (list) => list[crypto.randomInt(list.length)];
const shuffle = (list) => list.map((item) => [crypto.randomInt(1 << 30), item]).sort((a, b) => a[0] - b[0]).map(([, item]) => item);

async function guests() {
    chapter('The guests');
    const god = await promote(await person('God'), 'god');
    const players = [];
    for (const name of NAMES) players.push(await person(name));
    const vida = await person('Vida');
    say(`${players.map((p) => p.name).join(', ')} and ${vida.name} sign up. ${god.username} may lead games.`);
    await treat([...players, vida]);
    const shown = players.filter(({ name }) => WALLETS.includes(name));
    for (const player of shown) await showWallet(player);
    say(`${shown.map(({ name }) => name).join(' and ')} show that they have wallets.`);
    return { god, players, vida };
}

async function invitation({ god }) {
    chapter('The invitation');
    const [{ roles }, { sides }, { last_moves: moves }] = await Promise.all(['/roles', '/sides', '/last-moves'].map((route) => call('GET', route)));
    const { group } = await call('POST', '/groups', { token: god.token, body: { name: `Thursday circle ${tag}` } });
    const cards = roles.filter((role) => CARDS[role.slug]);
    const { deck } = await call('POST', '/decks', {
        token: god.token,
        body: {
            group_id: group.id,
            name: 'Ten at the table',
            roles: cards.map((role) => ({ role_id: role.id, copies: CARDS[role.slug] })),
            last_moves: moves.slice(0, 10).map((move) => ({ last_move_id: move.id, copies: 1 })),
        },
    });
    for (const { id, name } of [...roles, ...sides, ...moves]) names.set(id, name);
    const tomorrow = new Date(Date.now() + 24 * 3600e3).toISOString().slice(0, 11) + '20:30:00';
    const { event } = await call('POST', '/events', {
        token: god.token,
        body: {
            group_id: group.id, deck_id: deck.id, title: `An evening of ${tag}`, content: 'Bring tea.', waitlist: true,
            starts_at: { local: tomorrow, zone: 'Asia/Tehran' }, min_players: 8, max_players: 10, ...PAID,
        },
    });
    say(`The deck: ${cards.map((role) => (CARDS[role.slug] > 1 ? `${CARDS[role.slug]} × ${role.name}` : role.name)).join(', ')}.`);
    say(`"${event.title}" of ${event.god.username}, ${event.group.name}: ${event.starts_at.local} ${event.starts_at.zone}, ten seats.`);
    say(`Who comes types ${bold(event.join_code)}, or scans ${url}/events/${event.id}/qr.svg`);
    return { roles, sides, event, at: `/events/${event.id}`, final: await openFinal({ god, group, event }) };
}

async function door(evening) {
    const { god, players, event, vida } = evening;
    chapter('The door');
    hear(event, 'visitor');
    names.set(vida.id, vida.name);
    for (const player of players) {
        names.set(player.id, player.name);
        const { event: found } = await call('GET', `/join/${event.join_code.toLowerCase()}`);
        await takeSeat(found, player);
    }
    await changeMind(event, vida);
    await settle();
    const quietly = (method, route, body) => call(method, evening.at + route, { token: god.token, body });
    const host = (method, route, body) => { command(method, route, body); return quietly(method, route, body); };
    const friend = await person('Tara');
    await host('POST', '/reservations', { username: friend.username, comp: true });
    const guest = (await host('POST', '/reservations', { guest_name: 'Dara, with Tara', comp: true })).reservation;
    const dara = await person('Dara');
    const { ticket } = await host('POST', `/players/${guest.user_id}/claim`);
    await call('POST', `${evening.at}/claim`, { token: dara.token, body: { ticket } });
    say(`  ${friend.name} walks in, pays in cash and is seated by name; Dara is seated as a guest, signs up, and takes the seat over with the host's QR code.`);
    players.push(friend, { ...dara, account: dara.id, id: guest.user_id }); // who plays, and whose game it is
    for (const { id, name } of players) names.set(id, name);
    const late = await person('Latecomer');
    await call('POST', `${evening.at}/reservations`, { token: late.token, body: {} });
    const { waitlist } = await host('GET', '/waitlist');
    say(`  The table is full. Waiting: ${waitlist.map((one) => one.username).join(', ')}.`);
    await host('POST', '/bans', { username: late.username, reason: 'came to quarrel' });
    say(`  He quarrels and is banned; asking again he hears ${await refusal('POST', `${evening.at}/reservations`, { token: late.token, body: {} })}.`);
    await settle();
    return { ...evening, host, quietly };
}

async function cards(evening) {
    const { host, quietly, players, at, roles } = evening;
    chapter('The cards');
    hear(evening.event, players[0].name, players[0].token);
    const order = shuffle(players.map((player) => player.id));
    await host('PUT', '/seats', { user_ids: order });
    for (const player of players) await quietly('PUT', `/players/${player.id}/attendance`, { attendance: player.name === 'Kian' ? 'LATE' : 'PRESENT' });
    await host('POST', '/lock');
    const { deal } = await call('GET', `${at}/deal`);
    say(`Seats are in the table's order, everybody is here. Locked; deal ${deal.k} uses ${dim(Buffer.from(deal.commitments[deal.k - 1], 'base64').toString('hex').slice(0, 16))}…, promised when the evening was opened.`);
    const { event } = await host('POST', '/reveal');
    await host('POST', '/ready-check', { seconds: 60 });
    for (const player of players) await call('PUT', `${at}/ready`, { token: player.token, body: {} });
    await settle();
    await look(at, evening.god);
    const roleOf = Object.fromEntries(event.players.map((player) => [player.user_id, roles.find((role) => role.id === player.role_id)]));
    return { ...evening, roleOf };
}

const living = ({ players }) => players.filter((player) => !player.out);
const isMafia = ({ roleOf, sides }, player) => sides.find((side) => side.id === roleOf[player.id].side_id).slug === 'mafia';

async function lose({ host }, player) {
    player.out = true;
    await host('PATCH', `/players/${player.id}`, { status: 'DEAD' });
    return (await host('POST', `/players/${player.id}/last-move`)).last_move.name;
}

async function day(evening, number) {
    const { god, host, players, at } = evening;
    chapter(`Day ${number}`);
    await host('POST', '/phases', { kind: 'DAY', timer: '600s' });
    await talk(evening);
    const speaker = random(living(evening));
    await host('POST', '/clock', { seconds: 60, user_id: speaker.id, label: 'speech' });
    const { fouls } = await host('POST', `/players/${speaker.id}/fouls`);
    say(`  ${speaker.name} speaks for a minute, out of turn: foul ${fouls}.`);
    const { poll } = await host('POST', '/polls', { kind: 'NOMINATION', secret: number === 2 });
    for (const voter of living(evening)) {
        const candidate = random(living(evening).filter((player) => player !== voter));
        await call('PUT', `${at}/polls/${poll.id}/ballot`, { token: voter.token, body: { candidate_id: candidate.id } });
    }
    await settle();
    await look(at, god);
    const { poll: closed } = await host('POST', `/polls/${poll.id}/close`);
    const counts = closed.counts.filter((count) => count.weight).sort((a, b) => b.weight - a.weight);
    const nameOf = (id) => players.find((player) => player.id === id).name;
    say(`  ${poll.secret ? 'A secret' : 'An open'} vote: ${counts.map((count) => `${nameOf(count.candidate_id)} ${count.weight}`).join(', ')}.`);
    const loser = players.find((player) => player.id === counts[0].candidate_id);
    say(`  ${bold(loser.name)} leaves, last move: ${await lose(evening, loser)}.`);
    await settle();
}

// Roles wake in their order; the god reads the prompt.
async function wake(evening) {
    const { host, roleOf } = evening;
    const awake = living(evening).filter((player) => roleOf[player.id].night_order && roleOf[player.id].abilities && player.left !== 0);
    for (const player of awake.sort((a, b) => roleOf[a.id].night_order - roleOf[b.id].night_order).slice(0, 3)) {
        const target = random(living(evening).filter((other) => other !== player));
        const { left } = await host('POST', `/players/${player.id}/abilities`, { target_id: target.id });
        player.left = left;
        say(dim(`  (host: "${roleOf[player.id].prompt}" ${player.name} points at ${target.name})`));
    }
}

async function night(evening, number) {
    const { god, host, at } = evening;
    chapter(`Night ${number}`);
    await host('POST', '/phases', { kind: 'NIGHT' });
    await wake(evening);
    const victims = living(evening).filter((player) => !isMafia(evening, player));
    const [victim, other] = [random(victims), random(living(evening))];
    await host('PATCH', `/players/${other.id}`, { status: 'KICKED' });
    const { event } = await call('GET', at, { token: god.token });
    await host('POST', '/undo', { seq: event.undo_seq });
    say(`  A tap on the wrong name, ${other.name}, is undone at once.`);
    await host('POST', `/players/${victim.id}/notes`, { text: 'You heard steps.', audience: 'PLAYER' });
    await look(at, god);
    await host('POST', '/notes', { text: `${victim.name} did not wake up.`, audience: 'TABLE' });
    say(`  In the morning ${bold(victim.name)} is gone, last move: ${await lose(evening, victim)}.`);
    await settle();
}

async function end(evening) {
    const { host, quietly, players, sides, roles, event } = evening;
    chapter('The end');
    for (const player of players) await quietly('PUT', `/players/${player.id}/score`, { score: 100 + crypto.randomInt(100) });
    const winner = sides.find((side) => side.slug === (living(evening).some((player) => isMafia(evening, player)) ? 'mafia' : 'citizen'));
    const { event: done } = await host('POST', '/finish', { winning_side_ids: [winner.id] });
    await settle();
    say(`${bold(winner.name)} wins. The cards are open:`);
    for (const player of done.players)
        say(`  seat ${String(player.seat).padStart(2)}: ${player.username.replace(`-${tag}`, '').padEnd(8)} ${roles.find((role) => role.id === player.role_id).name.padEnd(20)} ${player.alive ? 'alive' : 'out  '} ${player.score}`);
    say(`\n${consectl('--url', url, 'verify-deal', event.id)}`);
    say(consectl('log', event.id).split('\n').at(-1));
}

async function main() {
    const people = await guests();
    const evening = await cards(await door({ ...people, ...await invitation(people) }));
    for (let number = 1; number <= 3 && living(evening).some((player) => isMafia(evening, player)) && living(evening).length > 4; number++) {
        await day(evening, number);
        await night(evening, number);
    }
    await end(evening);
    await rate(evening);
    await divide(evening);
    const given = await coinsOf(evening, WALLETS.length); // before a card of it is made by hand
    await trade(evening);
    await playFinal(evening);
    account();
    await remember(evening, given);
}

main().catch((error) => {
    console.error(error.cause?.code === 'ECONNREFUSED' ? `Nothing answers at ${url}; start it with: make run` : error.message);
    process.exitCode = 1;
}).finally(hush);
