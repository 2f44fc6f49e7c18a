// A god and two assistants do the work of the table at once, each on a phone of their own: notes, fouls, kicks, phases, and undoing them.
import { startGame } from './game.mjs';

const ACTS = 250; // of one person in one event; a game has room for 1000 notes and 200 phases
let texts = 0;

export const god = {
    name: 'god',
    people: 6,
    async run(stage) {
        while (stage.going()) {
            const assistants = stage.cast.people.slice(-2);
            const event = await startGame(stage, { assistants });
            if (event) await Promise.all([event.god, ...assistants].map((person) => works(stage, event, person)));
        }
    },
};

async function works(stage, event, person) {
    for (let i = 0; i < ACTS && stage.going(); i++) {
        await stage.random.pick(ACT_WEIGHTS)(stage, event, person);
        await stage.breathe();
    }
}

function note(stage, event, person) {
    const text = `note ${++texts}`; // its own, so that it is found in the log
    return stage.command(person, event, 'note', { text }, 'POST', '/notes', { audience: 'GOD', text });
}

function foul(stage, event, person) {
    const user = stage.random.pick(event.players).id;
    return stage.command(person, event, 'foul', { user }, 'POST', `/players/${user}/fouls`);
}

function kick(stage, event, person) {
    const user = stage.random.pick(event.players).id;
    const status = stage.random.pick(['KICKED', 'DEFAULT']);
    return stage.command(person, event, 'status', { user, status }, 'PATCH', `/players/${user}`, { status });
}

function phase(stage, event, person) {
    const kind = stage.random.pick(['DAY', 'NIGHT']);
    return stage.command(person, event, 'phase', { kind }, 'POST', '/phases', { kind });
}

async function undo(stage, event, person) {
    const seen = await stage.read(person, event, 'see', '');
    const seq = seen.outcome === 'done' ? seen.body.event.undo_seq : '0';
    if (seq !== '0') await stage.command(person, event, 'undo', { seq }, 'POST', '/undo', { seq });
}

const ACT_WEIGHTS = [note, note, note, note, foul, kick, kick, phase, undo, undo];
