// Players cast and change ballots while the god opens and closes polls.
import { pause } from '../../e2e/parts/processes.mjs';
import { startGame } from './game.mjs';

const POLLS = 60; // of one event
const OPEN_MS = 1200;

export const ballots = {
    name: 'ballots',
    people: 5,
    async run(stage) {
        while (stage.going()) {
            const event = await startGame(stage);
            if (event) await evening(stage, event);
        }
    },
};

async function evening(stage, event) {
    const table = { poll: undefined, over: false };
    const votes = event.players.map((person) => castsAndChanges(stage, event, table, person));
    for (let i = 0; i < POLLS && stage.going(); i++) {
        table.poll = await openPoll(stage, event);
        if (!table.poll) continue;
        await pause(OPEN_MS / 2 + stage.random.below(OPEN_MS));
        const poll = table.poll;
        if (!(await stage.surely(() => stage.command(event.god, event, 'close', { poll }, 'POST', `/polls/${poll}/close`)))) break;
    }
    table.over = true;
    await Promise.all(votes);
}

// Its id. One that is open already was opened by a command of which nothing was heard.
async function openPoll(stage, event) {
    const opened = await stage.surely(() => stage.command(event.god, event, 'poll', {}, 'POST', '/polls', { kind: 'NOMINATION' }));
    if (opened?.outcome === 'done') return opened.body.poll.id;
    const seen = await stage.surely(() => stage.read(event.god, event, 'see', ''));
    return seen?.body?.event?.poll_id;
}

async function castsAndChanges(stage, event, table, person) {
    for (let turn = 0; !table.over && stage.going(); await stage.breathe()) {
        if (!table.poll) continue;
        const choices = [...event.players.filter((other) => other !== person).map(({ id }) => id), 'NONE'];
        const args = { poll: table.poll, candidate: choices[turn++ % choices.length] }; // another one each time
        await stage.command(person, event, 'ballot', args, 'PUT', `/polls/${args.poll}/ballot`, { candidate_id: args.candidate });
    }
}
