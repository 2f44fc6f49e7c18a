// How the demo tells its story: chapters, and what each of the people sees at a moment.
import { call, tag } from './client.mjs';

const colored = process.stdout.isTTY && !process.env.NO_COLOR;
export const bold = (text) => (colored ? `\x1b[1m${text}\x1b[0m` : text);
export const dim = (text) => (colored ? `\x1b[2m${text}\x1b[0m` : text);
export const say = (text = '') => console.log(text.replaceAll(`-${tag}`, '')); // names are new each time; a reader need not see how
export const chapter = (text) => say(`\n${bold(text)}`);

const named = (players) => players.map((player) => player.username).join(', ');

function tableOf(event) {
    const phase = event.phase && `${event.phase.kind.toLowerCase().replace('_', '-')} ${event.phase.day}, ${event.phase.state.toLowerCase()}`;
    const out = event.players.filter((player) => !player.alive);
    return [phase ?? event.state.toLowerCase(), `${event.players.length - out.length} alive`, out.length && `out: ${named(out)}`].filter(Boolean);
}

function secretsOf(event) {
    const roles = event.players.filter((player) => player.role);
    const chained = event.players.filter((player) => player.chained_to?.length);
    return [
        roles.length && roles.map((player) => `${player.username} ${player.role.name}`).join(', '),
        chained.length && `chained: ${named(chained)}`,
        event.undo_seq !== '0' && `can undo act ${event.undo_seq}`,
    ].filter(Boolean);
}

async function handOf(at, player, event) {
    const { role, notes, abilities_left: left } = await call('GET', `${at}/me`, { token: player.token });
    const poll = event.poll_id && (await call('GET', `${at}/polls/${event.poll_id}`, { token: player.token })).poll;
    return [
        role && `is ${role.name}${left > 0 && left < 100 ? `, ${left} left` : ''}`,
        notes.length && `was told: ${notes.map((note) => `"${note.text}"`).join(' ')}`,
        poll && `${poll.voted} of ${poll.eligible} have voted${poll.my_candidate_id ? ', also here' : ''}`,
    ].filter(Boolean);
}

// The same moment as the host, one player and a visitor see it, each by their own calls.
export async function look(at, { god, player }) {
    const seen = async (someone) => (await call('GET', at, { token: someone?.token })).event;
    const [host, own, visitor] = await Promise.all([seen(god), seen(player), seen(null)]);
    const line = (who, facts) => say(dim(`  ${who.padEnd(8)} ${facts.join(' · ')}`));
    line('host', [...tableOf(host), ...secretsOf(host)]);
    line(player.name, [...tableOf(own), ...await handOf(at, player, own)]);
    line('visitor', tableOf(visitor));
}
