// What workloads share: people, events of their own, and the words that entries and commands are matched by.
import { pause } from '../../e2e/parts/processes.mjs';
import { makeDeck, makeGod, signUpMany } from '../../e2e/parts/games.mjs';

const SILENT = new Set(['ballot', 'status', 'assistant', 'reserve']); // may find that it is so already
const BREATHES_MS = 15; // between two calls of one client

// The people of one workload, and what its god plays with.
export async function makeCast(world, name, count) {
    const god = await makeGod(world, `${name}_god`);
    const deck = await makeDeck(world, god);
    return { god, deck, people: await signUpMany(world, `${name}_p`, count) };
}

// `going` is false when the run ends; `opened` is told of each event.
export function makeStage({ client, cast, random, going, gateways, opened }) {
    let titles = 0;
    const stage = { cast, random, going, ask: client.ask };
    stage.everywhere = (work) => Promise.all(Array.from({ length: gateways }, (_, gateway) => work(gateway)));
    stage.breathe = () => pause(random.below(BREATHES_MS * 2));

    // A keyed command of a person about an event; `args` are what the checks need to know of it.
    stage.command = (person, event, kind, args, method, route, body, more) =>
        client.ask({
            actor: person.id,
            kind,
            event: event.id,
            args,
            method,
            route: `/events/${event.id}${route}`,
            token: person.token,
            body,
            keyed: true,
            silent: SILENT.has(kind),
            ...more,
        });
    stage.read = (person, event, kind, route, args, more) =>
        client.ask({
            actor: person.id,
            kind,
            event: event.id,
            args,
            method: 'GET',
            route: `/events/${event.id}${route}`,
            token: person.token,
            patience_ms: 0,
            ...more,
        });
    // Until it is done or refused (by an attempt of which nobody heard it was done, perhaps), or the run is over; undefined then.
    stage.surely = async (command) => {
        for (;;) {
            const record = await command();
            if (['done', 'refused'].includes(record.outcome)) return record;
            if (!going()) return undefined;
            await pause(100);
        }
    };
    // A new event of the cast's god: {id, god, max_players}, or undefined at the end of the run. Its title is its own, so that two of
    // it would be seen.
    stage.open = async (more) => {
        const title = `${cast.god.user.username} ${++titles}`;
        const starts = new Date(Date.now() + 36 * 3600e3).toISOString().slice(0, 19);
        const body = { group_id: cast.god.group.id, deck_id: cast.deck.id, title, starts_at: { local: starts, zone: 'UTC' }, ...more };
        const args = { title, max_players: more.max_players, waitlist: more.waitlist ?? false };
        const made = await client.ask({
            actor: cast.god.id,
            kind: 'create',
            args,
            method: 'POST',
            route: '/events',
            token: cast.god.token,
            body,
            keyed: true,
            patience_ms: 20000,
        });
        if (made.outcome !== 'done') return undefined;
        const event = { id: made.body.event.id, god: cast.god, ...args };
        opened(event);
        return event;
    };
    return stage;
}
