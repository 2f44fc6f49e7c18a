// What the game made of the ratings of who played it.
import { call, until } from './client.mjs';
import { chapter, say } from './story.mjs';

async function changeOf(event, one) {
    const { history = [] } = await call('GET', `/ratings/${one.id}`, { token: one.token });
    return history.find(({ event_id: id }) => id === event.id);
}

const shown = ({ rating = 0 }) => rating.toFixed(1).padStart(5);

export async function rate({ event, players }) {
    chapter('Who plays well');
    for (const one of players) {
        const { before, after, why } = await until(() => changeOf(event, one));
        say(`  ${one.name.padEnd(8)} ${shown(before)} → ${shown(after)}  ${why.text}`);
    }
}
