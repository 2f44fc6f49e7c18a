// How the demo tells its story: chapters, what the god commands, and beside it what others are told as it happens.
import { call, cursorOf, tag } from './client.mjs';
import { listen } from './live.mjs';

const colored = process.stdout.isTTY && !process.env.NO_COLOR;
export const bold = (text) => (colored ? `\x1b[1m${text}\x1b[0m` : text);
export const dim = (text) => (colored ? `\x1b[2m${text}\x1b[0m` : text);
export const say = (text = '') => console.log(text.replaceAll(`-${tag}`, '')); // names are new each time; a reader need not see how
export const chapter = (text) => say(`\n${bold(text)}`);
const line = (who, text) => say(dim(`  ${who.padEnd(8)} ${text}`));

export const names = new Map(); // of people, roles, sides and last moves, by id

// What the god does. Ids are shown as the names of what they are of.
export const command = (method, route, body) =>
    line('god', `${method} ${route}${body ? ` ${JSON.stringify(body)}` : ''}`.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => names.get(id) ?? '…'));

// ---- What the host's screen shows

const named = (players) => players.map((player) => player.username).join(', ');

function screenOf(event) {
    const phase = event.phase && `${event.phase.kind.toLowerCase().replace('_', '-')} ${event.phase.day}, ${event.phase.state.toLowerCase()}`;
    const out = event.players.filter((player) => !player.alive);
    const roles = event.players.filter((player) => player.role);
    return [
        phase ?? event.state.toLowerCase(),
        `${event.players.length - out.length} alive`,
        out.length && `out: ${named(out)}`,
        roles.length && roles.map((player) => `${player.username} ${player.role.name}`).join(', '),
        event.undo_seq !== '0' && `can undo act ${event.undo_seq}`,
    ];
}

export async function look(at, god) {
    const { event } = await call('GET', at, { token: god.token });
    line('host', screenOf(event).filter(Boolean).join(' · '));
}

// ---- What others are told

const QUIET = ['SEALED', 'PAYMENT_FINAL', 'SEATS_ORDERED', 'ATTENDANCE_SET', 'NONCE_GIVEN', 'SCORED', 'READY'];

function wordsOf({ kind, fields = {} }) {
    const ids = ['user_id', 'role_id', 'side_id', 'last_move_id'].map((name) => names.get(fields[name]) ?? (name === 'user_id' && fields.username));
    const facts = [...ids, fields.kind, fields.status, fields.day && `day ${fields.day}`, fields.text && `"${fields.text}"`].filter(Boolean);
    return [kind.toLowerCase().replaceAll('_', ' '), ...facts].join(' · ');
}

const RESETS = { RIGHTS: 'sees it with other eyes from here on', EPOCH: 'the game is over: all is open' };

const ears = [];

// From now on what somebody hears of an event is printed.
export function hear(event, who, token) {
    const live = listen(event, token, ({ type, entry, reason }) => {
        if (type === 'entry' && !QUIET.includes(entry.kind)) line(who, `hears: ${wordsOf(entry)}`);
        if (type === 'reset') line(who, `hears: ${RESETS[reason] ?? reason}`);
    });
    ears.push({ who, live, now: () => cursorOf(`/events/${event.id}`, token) });
}

const HEARD_MS = 60000;

// Until all have heard what happened so far.
export async function settle() {
    for (const { who, live, now } of ears)
        for (const deadline = Date.now() + HEARD_MS; live.cursor() !== await now(); await live.news())
            if (Date.now() > deadline) throw new Error(`${who} hears no more behind ${live.cursor()}${live.broke() ? `: ${live.broke().message}` : ''}`);
}

export const hush = () => ears.forEach(({ live }) => live.close());
