// Two tables that differ in one hidden card: at one its owner is of the mafia, at the other not, and everybody else has the same card.
import { makeGod, openEvent, seatAll } from '../games.mjs';
import { ok, signUp } from '../people.mjs';

const MAFIA = ['mafia-boss', 'nightmare'], CITIZENS = ['doctor', 'sheriff', 'jailer'], SEATS = 4;
const STARTS_AT = { local: '2027-03-01T20:00:00', zone: 'Asia/Tehran' };
const isMafia = (card) => MAFIA.includes(card);

// {god, deck, roles}: of a system, for all its tables.
export async function prepareTables(system) {
    const god = await makeGod(system, 'thegod'), { roles } = await ok(system, 'GET', '/roles', { token: god.token });
    const [move] = (await ok(system, 'GET', '/last-moves', { token: god.token })).last_moves;
    const cards = [...MAFIA, ...CITIZENS].map((slug) => ({ role_id: roles.find((role) => role.slug === slug).id, copies: 1 }));
    const body = { group_id: god.group.id, name: 'twins', roles: cards, last_moves: [{ last_move_id: move.id, copies: 1 }] };
    return { god, roles, deck: (await ok(system, 'POST', '/decks', { token: god.token, body })).deck };
}

// A table of people that were told nothing before: {event, seated, waiting, stranger, cards}, the cards in the order of the seats.
async function layTable(system, { god, deck, roles }, number) {
    const people = [], name = (who) => `${who}${String(number).padStart(3, '0')}`;
    for (const who of ['ann', 'bea', 'cid', 'dan', 'eve', 'fay']) people.push(await signUp(system, name(who))); // ids are in their order
    const [waiting, stranger] = people.splice(SEATS);
    const event = await openEvent(system, god, deck, { max_players: SEATS, waitlist: true, starts_at: STARTS_AT });
    await seatAll(system, event, [...people, waiting]);
    const lead = (route) => ok(system, 'POST', `/events/${event.id}${route}`, { token: god.token, body: {} });
    await lead('/lock');
    const { players } = (await lead('/reveal')).event;
    const slugOf = ({ id }) => roles.find((role) => role.id === players.find((player) => player.user_id === id).role_id).slug;
    return { event, seated: people, waiting, stranger, cards: people.map(slugOf) };
}

// Where they differ in one card alone, which is of the mafia at one of them; else -1.
function seatOf(one, other) {
    const seats = one.cards.flatMap((card, seat) => (card === other.cards[seat] ? [] : [seat]));
    return seats.length === 1 && isMafia(one.cards[seats[0]]) !== isMafia(other.cards[seats[0]]) ? seats[0] : -1;
}

// {event, people: {owner, partner, viewer, victim, waiting, stranger}, random}: random is what each table has by chance, with a word for it.
function tableOf({ event, seated, waiting, stranger, cards }, seat) {
    const owner = seated[seat], partner = seated.find((_, i) => i !== seat && isMafia(cards[i]));
    const [viewer, victim] = seated.filter((player) => player !== owner && player !== partner);
    const people = { owner, partner, viewer, victim, waiting, stranger };
    const random = [[event.id, 'EVENT'], [event.join_code, 'CODE']];
    for (const [who, { id, user: { username } }] of Object.entries(people)) random.push([id, `ID OF ${who}`], [username, who.slice(0, username.length)]);
    return { event, people, random };
}

// [mafia, citizen]: who owns the card that differs is of the mafia at the first. Deals are random, so tables are laid until two are so:
// about ten. What tables were laid before tells nobody anything.
export async function findTwins(system, prepared) {
    const laid = [];
    for (;;) {
        const table = await layTable(system, prepared, laid.length), twin = laid.find((other) => seatOf(other, table) >= 0);
        if (twin) {
            const seat = seatOf(twin, table), twins = isMafia(table.cards[seat]) ? [table, twin] : [twin, table];
            return twins.map((each) => tableOf(each, seat));
        }
        laid.push(table);
    }
}
