// The containers as an operator has them: built, started, played on, killed, replaced under load, backed up and restored.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { as, makeDeck, makeGod, openEvent, readEvent } from '../e2e/parts/games.mjs';
import { call, consectl, eventually, logIn, ok, signUp, signUpAs } from '../e2e/parts/people.mjs';
import { docker, inspect, ROOT, startEngine, WORK } from './parts/engine.mjs';
import { IMAGES, installation, newKey, SERVICES } from './parts/installation.mjs';
import { startLoad } from './parts/load.mjs';

const ROUNDS = Number(process.env.CONSE_DEPLOY_ROUNDS ?? 10);
const MIB = 1 << 20;
const PATIENCE_MS = 60000;
const UP_MS = 180000;
const run = promisify(execFile);

let engine, main;
const party = {};

async function buildImages() {
    await docker('import', '-c', 'CMD ["bash"]', process.env.CONSE_DEPLOY_BASE, 'debian:bookworm-slim');
    const jars = path.join(ROOT, 'build/stores/java');
    for (const [target, tag, folder] of [['redis', 'redis:7.2', 'tests/deploy'], ['haproxy', 'haproxy:2.8', 'tests/deploy'], ['mongo', 'mongo:7.0', jars]]) await engine.build(target, tag, 'tests/deploy/Dockerfile', folder);
    for (const name of IMAGES) await engine.build(name, `conse-${name}:test`, 'deploy/Dockerfile', '.');
}

// Up, and asked through HAProxy; what does not come up tells why.
async function bringUp(each) {
    await each.compose('up', '-d', 'haproxy', ...SERVICES).catch(async (error) => {
        throw new Error(`${error.message}\n${await each.story()}`);
    });
    await eventually(async () => (await call(each.system, 'GET', '/.well-known/conse').catch(() => ({}))).status === 200, UP_MS).catch(async (error) => {
        throw new Error(`${error.message}\n${await each.story()}`);
    });
}

before(async () => {
    engine = await startEngine();
    await buildImages();
    main = await installation('conse', { https: 443, http: 80, keys: { bus: newKey(), master: newKey() } });
    Object.assign(process.env, main.env);
    await bringUp(main);
});
after(async () => {
    await main?.stop();
    await engine?.stop();
});

test('images are small, run as nobody, and know whether they are well', async () => {
    for (const name of IMAGES) {
        const { Size: size, Config: config } = await inspect(`conse-${name}:test`);
        assert.ok(size <= 160 * MIB, `${name} has ${Math.round(size / MIB)} MiB`);
        assert.equal(config.User, '65532:65532');
        assert.equal(config.Labels['org.opencontainers.image.version'], '0.1.0');
        if (name !== 'operator') assert.deepEqual(config.Healthcheck.Test, ['CMD', `conse-${name}`, '--healthcheck']);
    }
});

test('nothing has more than it needs', async () => {
    for (const service of [...SERVICES, 'haproxy', 'redis', 'mongodb']) {
        const containers = await main.containers(service);
        assert.equal(containers.length, service === 'gateway' ? 2 : 1, service);
        for (const id of containers) {
            const { HostConfig: host, State: state } = await inspect(id);
            const status = fs.readFileSync(`/proc/${state.Pid}/status`, 'utf8');
            const valueOf = (name) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)[1];
            assert.ok(host.ReadonlyRootfs, `${service} may write its root`);
            assert.ok(host.Memory > 0, `${service} has no bound`);
            for (const name of ['CapEff', 'CapPrm', 'CapBnd']) assert.equal(Number(`0x${valueOf(name)}`), 0, `${service}: ${name}`);
            assert.deepEqual([valueOf('NoNewPrivs'), valueOf('Seccomp')], ['1', '2'], service);
            assert.notEqual(valueOf('Uid').split('\t')[0], '0', service);
        }
    }
});

test('the console comes through HAProxy, its page under a policy and its files packed', async () => {
    const get = (route) => call(main.system, 'GET', route, { headers: { 'Accept-Encoding': 'gzip' } });
    for (const route of ['/', '/c/door']) {
        const { status, headers, body } = await get(route);
        assert.equal(status, 200, route);
        assert.match(headers.get('content-type'), /^text\/html/);
        assert.match(headers.get('content-security-policy'), /default-src 'self'/);
        assert.match(body, /<title>/);
    }
    const script = /<script type="module" src="(\/assets\/[^"]+\.js)"/.exec((await get('/')).body)[1];
    const { status, headers, body } = await get(script);
    assert.equal(status, 200, script);
    assert.equal(headers.get('content-encoding'), 'gzip');
    assert.match(headers.get('cache-control'), /immutable/);
    assert.ok(body.length > Number(headers.get('content-length')), 'it is packed');
    assert.equal((await get('/docs')).status, 200);
});

test('an evening is played through HAProxy, with seats that are paid for', async () => {
    const { system } = main;
    const dev = await signUpAs(system, 'deploy_dev', 'dev');
    const god = await makeGod(system, 'deploy_god');
    const deck = await makeDeck(system, god);
    const event = await openEvent(system, god, deck, { price: { amount: '500', currency: 'CONSE' }, payment_terms: { payout_after: '0s' } });
    const players = [];
    for (const name of ['deploy_a', 'deploy_b']) {
        const player = await signUp(system, name);
        const body = { to_user_id: player.id, amount: 1000, memo: 'for the evening' };
        await eventually(async () => (await call(system, 'POST', '/ledger/grants', { token: dev.token, body })).status === 201, PATIENCE_MS);
        const { reservation } = await as(system, player, event)('POST', '/reservations', {});
        await eventually(async () => (await call(system, 'POST', `/payments/${reservation.payment_id}/pay`, { token: player.token })).status === 200, PATIENCE_MS);
        await eventually(async () => (await readEvent(system, player, event)).my_reservation?.state === 'CONFIRMED', PATIENCE_MS);
        players.push(player);
    }
    const act = as(system, god, event);
    for (const [route, body] of [['/lock', {}], ['/reveal', {}], ['/phases', { kind: 'DAY' }]]) await act('POST', route, body);
    const seats = (await readEvent(system, god, event)).players;
    await act('POST', '/finish', { winning_side_ids: [seats[0].side_id] });
    await eventually(async () => (await act('GET', '/payments')).payments.every(({ state }) => state === 'PAID_OUT'), PATIENCE_MS);
    const next = await openEvent(system, god, deck, { title: 'The next evening' });
    Object.assign(party, { dev, god, deck, players, event, next });
});

test('who is killed comes back, and is served again', async () => {
    for (const service of ['haproxy', 'redis', ...SERVICES]) {
        await main.kill(service);
        const routes = ['/wallet', '/auth/me', '/ratings', `/events/${party.next.id}`];
        const read = async () => (await Promise.all(routes.map((route) => call(main.system, 'GET', route, { token: party.players[0].token }).catch(() => ({}))))).every(({ status }) => status === 200);
        await eventually(async () => (await read()) && (await read()), PATIENCE_MS); // by each gateway
    }
});

test(`every service is replaced under load, ${ROUNDS} times, and no request fails`, async () => {
    const load = startLoad(main.system, { ...party, event: party.next });
    for (let round = 0; round < ROUNDS; round++)
        for (const service of ['auth', 'chain', 'events', 'ai', 'gateway']) await run('deploy/roll.sh', [service], { cwd: ROOT, env: main.env });
    const { failed, done } = await load.stop();
    assert.deepEqual([...failed.entries()], [], `of ${done} requests`);
    assert.ok(done > 1000 * ROUNDS, `only ${done} requests`);
});

test('another version is put in place; one that does not start is taken back', async () => {
    const etc = path.join(WORK, 'secrets/etc');
    const settings = path.join(etc, 'compose.env');
    const words = ['COMPOSE_PROJECT_NAME', 'CONSE_SECRETS', 'CONSE_HTTPS', 'CONSE_HTTP', 'CONSE_FRONT_REQUESTS', 'CONSE_TAG'].map((name) => `${name}=${main.env[name]}`);
    fs.mkdirSync(etc);
    fs.writeFileSync(settings, `${words.join('\n')}\n`);
    const put = (tag) => run('deploy/deploy.sh', [tag], { cwd: ROOT, env: { ...main.env, CONSE_ETC: etc } });
    const tagged = async () => (await inspect((await main.containers('auth'))[0])).Config.Image;
    for (const name of IMAGES) for (const tag of ['next', 'bad']) await docker('tag', `conse-${name}:test`, `conse-${name}:${tag}`);
    await engine.build('broken', 'conse-auth:bad', 'tests/deploy/Dockerfile', 'tests/deploy');
    await put('next');
    assert.equal(await tagged(), 'conse-auth:next');
    await assert.rejects(put('bad'), /does not get ready[^]*going back to next/);
    assert.equal(await tagged(), 'conse-auth:next');
    assert.match(fs.readFileSync(settings, 'utf8'), /^CONSE_TAG=next$/m);
    await ok(main.system, 'GET', '/wallet', { token: (await logIn(main.system, party.players[0].user.username)).token });
});

test('a dump of everything is restored into another installation, whose services speak TLS to each other', async () => {
    const keys = Object.fromEntries(['bus', 'master'].map((name) => [name, fs.readFileSync(path.join(main.env.CONSE_SECRETS, name), 'utf8')]));
    const other = await installation('again', { https: 8443, http: 8080, keys, tls: true });
    const dumps = path.join(WORK, 'secrets/dumps');
    fs.mkdirSync(dumps);
    fs.chownSync(dumps, 65532, 65532);
    const onDumps = (each, ...words) => each.compose('run', '--rm', '-T', '-v', `${dumps}:/backup`, 'consectl', ...words);
    try {
        await other.compose('up', '-d', 'mongodb', 'redis');
        for (const service of ['auth', 'events', 'chain', 'ai']) {
            await onDumps(main, 'dump', service, `/backup/${service}`);
            await onDumps(other, 'restore', service, `/backup/${service}`);
        }
        await bringUp(other);
        const read = async ({ system }) => (await ok(system, 'GET', `/events/${party.event.id}`)).event;
        assert.deepEqual(await read(other), await read(main));
        Object.assign(process.env, other.env);
        const verify = async () => {
            const { code, stdout, stderr } = await consectl(other.system, 'ledger', 'verify');
            assert.equal(code, 0, stderr + stdout);
        };
        await verify();
        for (const service of SERVICES)
            for (const id of await other.containers(service)) assert.ok((await inspect(id)).Config.Env.includes('CONSE_CHAIN_PEERS=tls+tcp://chain:7451'), service);
        // Containers see files that were made anew.
        await other.renew();
        await other.compose('kill', '-s', 'HUP', ...SERVICES);
        await eventually(async () => (await other.compose('logs', '--no-color', 'chain')).stdout.includes('certificate of the bus read again'), PATIENCE_MS);
        await verify();
    } finally {
        await other.stop();
        Object.assign(process.env, main.env);
    }
});
