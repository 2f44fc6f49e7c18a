// After the faults: every event is brought to its end, and its log read at each gateway and by consectl.
import { consectl } from '../../e2e/parts/people.mjs';
import { pause } from '../../e2e/parts/processes.mjs';
import { makeClient } from './client.mjs';
import { randomOf } from './random.mjs';

const GIVES_UP_MS = 30000;

async function surely(what, ask) {
    for (const deadline = Date.now() + GIVES_UP_MS; ; await pause(50)) {
        const answer = await ask().catch((error) => ({ error }));
        if (!answer.error) return answer;
        if (Date.now() > deadline) throw new Error(`${what}: ${answer.error.message}`);
    }
}

async function readAll(url, event) {
    const entries = [];
    for (let from = '1'; ;) {
        const page = await surely(`the log of ${event.id}`, async () => {
            const reply = await fetch(`${url}/events/${event.id}/log?from=${from}&limit=500`, {
                headers: { Authorization: `Bearer ${event.god.token}` },
            });
            if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
            return reply.json();
        });
        if (page.entries.length === 0) return entries;
        entries.push(...page.entries);
        from = page.next;
    }
}

const bare = ({ seq, kind, actor_id, fields, payload, time }) => ({
    seq: Number(seq),
    kind,
    actor_id,
    fields,
    payload,
    time_ms: Date.parse(time),
});

// The titles of all events of the workloads' gods, as every gateway lists them.
async function listTitles(world, gods) {
    const titles = [];
    for (const god of gods)
        for (let token = ''; ;) {
            const page = await surely('the list of events', async () => {
                const reply = await fetch(`${world.url}/events?god_id=${god.id}&page_size=100&page_token=${token}`, {
                    headers: { Authorization: `Bearer ${god.token}` },
                });
                if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
                return reply.json();
            });
            titles.push(...page.events.map(({ id, title }) => ({ id, title })));
            token = page.next_page_token;
            if (!token) break;
        }
    return titles;
}

async function endOne(world, client, event) {
    const ended = await client.ask({
        actor: event.god.id,
        kind: 'end',
        event: event.id,
        args: {},
        method: 'POST',
        route: `/events/${event.id}/cancel`,
        token: event.god.token,
        keyed: true,
        patience_ms: GIVES_UP_MS,
    });
    const [first, ...others] = await Promise.all(world.urls.map((url) => readAll(url, event)));
    const entries = first.map(bare);
    const verdict = await consectl(world, 'log', event.id);
    const differs = others.some((other) => JSON.stringify(other.map(bare)) !== JSON.stringify(entries));
    return {
        id: event.id,
        title: event.title,
        max_players: event.max_players,
        waitlist: event.waitlist,
        ended: ended.outcome,
        entries,
        differs,
        chain: { code: verdict.code, says: verdict.stderr || verdict.stdout.trim().split('\n').at(-1) },
    };
}

// {titles, events: [{id, title, max_players, waitlist, entries, differs, chain}]}
export async function finish(world, history, run) {
    const client = makeClient(world.urls, history, randomOf(0));
    const events = [];
    for (const event of run.events) events.push(await endOne(world, client, event));
    const gods = [...new Map(run.events.map(({ god }) => [god.id, god])).values()];
    return { titles: await listTitles(world, gods), events };
}
