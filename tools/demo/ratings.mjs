// What the game made of the ratings of who played it.
import { call, until } from './client.mjs';
import { chapter, say } from './story.mjs';

async function changeOf(event, { id, account = id, token }) {
    const { history = [] } = await call('GET', `/ratings/${account}`, { token });
    return history.find(({ event_id: of }) => of === event.id);
}

const shown = ({ rating = 0 }) => rating.toFixed(1).padStart(5);

export async function rate({ event, players }) {
    chapter('Who plays well');
    for (const one of players) {
        const { before, after, why } = await until(() => changeOf(event, one));
        say(`  ${one.name.padEnd(8)} ${shown(before)} → ${shown(after)}  ${why.text}`);
    }
}
