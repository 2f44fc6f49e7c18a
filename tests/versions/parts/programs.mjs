// The two versions, and a system whose processes go from one to the other while people use it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { call } from '../../e2e/parts/people.mjs';
import { pause } from '../../e2e/parts/processes.mjs';
import { serviceOf } from '../../e2e/parts/replicas.mjs';
import { BIN } from '../../e2e/parts/system.mjs';

export const OLD = BIN;
export const NEW = process.env.CONSE_NEW_BIN;
// What a system of the old version starts elsewhere: a version may be older than its chain service.
export const startsElsewhere = () => (fs.existsSync(path.join(OLD, 'conse-chain')) ? {} : { chain: NEW, 'chain-2': NEW });
// Whether the new version stores what the old one does not know: the one that next.mjs makes does.
export const AHEAD = process.env.CONSE_NEW_IS_AHEAD === '1';
// Whether the old version may come back when the new one was alone: not when that stores, in any event, what the old one does not know.
export const COMES_BACK = AHEAD || process.env.CONSE_SAME_FORMAT === '1';

// What a program that ends, or comes, may answer to a command; it is then given again, with its key.
const FOR_NOW = new Set(['SERVICE_AWAY', 'SERVICE_BUSY', 'SERVICE_DRAINING', 'STORE_AWAY', 'OUTCOME_UNKNOWN', 'DEADLINE_PASSED', 'IDEMPOTENCY_RUNNING']);
const PATIENCE_MS = 60000;

// {system, ask(method, route, {token, body, at}), move(name, folder), at(i), unexpected}. ask goes to the gateways in turn, or to the one
// of that number, repeats what is refused for now (a command with its key), and gives the reply's body. `unexpected` has every other
// reply of 500 and more.
export function makeRound(system) {
    const gateways = system.replicasOf('gateway');
    const away = new Set();
    let turn = 0, keys = 0;
    const round = { system, unexpected: [] };

    round.at = (i) => ({ ...system, url: system.urls[i % system.urls.length] });
    const next = () => {
        do turn++;
        while (away.has(gateways[turn % gateways.length]));
        return round.at(turn);
    };

    // A gateway that was ending when it was asked may have taken the call with it.
    const askOnce = (at, method, route, options) => call(at === undefined ? next() : round.at(at), method, route, options).catch(() => ({ status: 503, body: { code: 'SERVICE_AWAY' } }));
    round.reply = async (method, route, { token, body, at } = {}) => {
        const headers = method === 'GET' ? {} : { 'Idempotency-Key': `${process.pid}-${keys++}` };
        for (const end = Date.now() + PATIENCE_MS; ; ) {
            const reply = await askOnce(at, method, route, { token, body, headers });
            if (!FOR_NOW.has(reply.body.code)) {
                if (reply.status >= 500) round.unexpected.push(`${method} ${route}: ${reply.status} ${JSON.stringify(reply.body)}`);
                return reply;
            }
            assert.ok(Date.now() < end, `${method} ${route}: ${JSON.stringify(reply.body)}`);
            await pause(10);
        }
    };
    round.ask = async (method, route, options) => {
        const reply = await round.reply(method, route, options);
        assert.ok(reply.status < 300, `${method} ${route}: ${reply.status} ${JSON.stringify(reply.body)}`);
        return reply.body;
    };

    // The process ends as an operator ends it, and starts from another folder.
    round.move = async (name, folder) => {
        if (serviceOf(name) === 'gateway') away.add(name);
        const { code, signal } = await system.term(name);
        assert.deepEqual([code, signal], [0, null], `${name}: ${system.log(name).slice(-2000)}`);
        system.programs[name] = folder;
        await system.start(name);
        away.delete(name);
    };
    return round;
}

export const faultsOf = (system) =>
    system.services.flatMap((name) => system.log(name).split('\n').filter((line) => / level=(error|fatal) /.test(line)).map((line) => `${name}: ${line}`));
