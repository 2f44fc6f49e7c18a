// People log in, refresh, look themselves up, take another name and log out; after that every gateway is asked whether it still takes their
// tokens. One of them is a god, whose routes are refused where revocations are not heard.
import { pause } from '../../e2e/parts/processes.mjs';
import { PASSWORD } from '../../e2e/parts/people.mjs';

const PROBES_MS = 2600; // after a log-out
const REFRESH_PATIENCE_MS = 2500; // far below the grace that a token used twice has, with clocks that differ
let sessions = 0;

export const accounts = {
    name: 'accounts',
    people: 3,
    async run(stage) {
        const { god, people } = stage.cast;
        await Promise.all(
            [god, ...people].map((person) =>
                lives(stage, {
                    id: person.id,
                    name: person.user.username,
                    home: person.user.username,
                    isGod: person === god,
                    group: god.group.id,
                }),
            ),
        );
    },
};

async function lives(stage, person) {
    while (stage.going()) {
        const session = await logIn(stage, person);
        if (!session) {
            await pause(200);
            continue;
        }
        await spends(stage, person, session);
        const left = await say(stage, person, 'logout', { session: session.number }, 'POST', '/auth/logout', session.tokens.at(-1), {});
        if (left.outcome === 'done') await stage.everywhere((gateway) => probesFor(stage, person, session, gateway, PROBES_MS));
    }
}

const say = (stage, person, kind, args, method, route, token, body, more) =>
    stage.ask({ actor: person.id, kind, args, method, route, token, body, ...more });

async function logIn(stage, person) {
    const number = ++sessions;
    const { outcome, body } = await say(
        stage,
        person,
        'login',
        { session: number, username: person.name },
        'POST',
        '/auth/login',
        undefined,
        { username: person.name, password: PASSWORD },
    );
    if (outcome === 'done') return { number, tokens: [body.access_token], refresh: body.refresh_token };
    // A change of the name of which nobody knows how it ended.
    if (outcome === 'refused' && person.other) [person.name, person.other] = [person.other, person.name];
    return undefined;
}

async function spends(stage, person, session) {
    for (let i = stage.random.below(3); i > 0 && stage.going(); i--) {
        const { outcome, body } = await say(
            stage,
            person,
            'refresh',
            { session: session.number },
            'POST',
            '/auth/refresh',
            undefined,
            { refresh_token: session.refresh },
            { patience_ms: REFRESH_PATIENCE_MS },
        );
        if (outcome !== 'done') break;
        session.tokens.push(body.access_token);
        session.refresh = body.refresh_token;
        await stage.breathe();
    }
    if (stage.random.below(3) === 0) await rename(stage, person, session);
    await say(stage, person, 'me', {}, 'GET', '/auth/me', session.tokens.at(-1), undefined, { patience_ms: 0 });
    await stage.everywhere((gateway) => probe(stage, person, session, gateway));
}

// Between two names of their own: a name that was given up waits for its owner.
async function rename(stage, person, session) {
    const token = session.tokens.at(-1);
    const name = person.name === person.home ? `${person.home}_b` : person.home;
    const proved = await say(stage, person, 'prove', {}, 'POST', '/auth/proof', token, { password: PASSWORD });
    if (proved.outcome !== 'done') return;
    const { outcome } = await say(stage, person, 'rename', { name }, 'PATCH', '/auth/me', token, { username: name }, { patience_ms: 0 });
    if (outcome === 'done') [person.name, person.other] = [name, undefined];
    else if (outcome === 'unknown') person.other = name;
}

// With any access token of the session, at a route of the person's level that events answers.
function probe(stage, person, session, gateway) {
    const route = person.isGod ? `/decks?group_id=${person.group}` : `/users/${person.id}`;
    const args = { session: session.number, gateway, isGod: person.isGod };
    return say(stage, person, 'probe', args, 'GET', route, stage.random.pick(session.tokens), undefined, {
        patience_ms: 0,
        gateway,
        trim: trimmed,
    });
}

const trimmed = ({ body, ...record }) => record;

async function probesFor(stage, person, session, gateway, ms) {
    for (const until = Date.now() + ms; Date.now() < until && stage.going(); await pause(100 + stage.random.below(100)))
        await probe(stage, person, session, gateway);
}
