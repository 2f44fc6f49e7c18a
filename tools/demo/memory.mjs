// What stays of the evening: coins, a tip for the next one, and what was said.
import crypto from 'node:crypto';
import { call, until } from './client.mjs';
import { bold, chapter, dim, say } from './story.mjs';

const LINES = ['Good evening! I am a citizen, as everybody is.', 'I do not trust who speaks first.', 'Let us vote for who was silent all day.', 'That was the wrong one, I told you so.'];

// Some of those who are alive speak at the table.
export async function talk({ event, players }) {
    const living = players.filter(({ out }) => !out).slice(0, LINES.length);
    for (const [i, { token }] of living.entries())
        await call('POST', `/rooms/${event.id}.table/messages`, { token, body: { client_id: crypto.randomUUID(), text: LINES[i] } });
}

// Once the game is judged. A game that was as short as this one is worth some where CONSE_REWARD_MINUTES=0 says so.
export async function coinsOf({ event, players }, count) {
    const { token } = players[0];
    return until(async () => {
        const { judged, cards = [], coins: given = [] } = await call('GET', `/events/${event.id}/rewards`, { token });
        return judged && (given.length === count || !cards.length) && given;
    });
}

function coins({ players }, given) {
    const nameOf = (id) => players.find(({ id: own, account = own }) => account === id).name;
    if (!given.length) return say('It gives no coins: it was over too soon (CONSE_REWARD_MINUTES, 20 minutes).');
    return say(`For how they played, those with wallets get coins: ${given.map(({ user_id: id, coins: amount }) => `${nameOf(id)} ${amount}`).join(', ')}.`);
}

async function tip({ event, players }) {
    const [{ name, token }] = players, { tips } = await call('GET', `/tips?event_id=${event.id}`, { token });
    say(`A tip for ${bold(name)}: ${tips[0].text}`);
}

async function summary({ event, players }) {
    const { method, messages, bullets } = await call('POST', '/summaries', { token: players[0].token, body: { event_id: event.id, hours: 24 } });
    say(`Of ${messages} messages, by ${method === 'LLM' ? 'a language model' : 'their own sentences'}:`);
    for (const { text } of bullets) say(dim(`  - ${text}`));
}

export async function remember(evening, given) {
    chapter('What stays');
    coins(evening, given);
    await tip(evening);
    await summary(evening);
}
