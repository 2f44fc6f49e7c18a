// consectl doctor over a real installation: all is well, then one thing after the other is broken, named with where to read on, and mended.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { rewriteManifest } from './parts/backups.mjs';
import { outside } from './parts/environment.mjs';
import { makeHolder } from './parts/holder.mjs';
import { eventually, signUp } from './parts/people.mjs';
import { freePort } from './parts/processes.mjs';
import { BIN, EVERY_SERVICE, startSystem } from './parts/system.mjs';

const PATIENCE_MS = 40000, DAY_MS = 86400000;
let dir, system, backups;

const run = (of, words, env) =>
    new Promise((resolve) =>
        execFile(path.join(of.bin, 'consectl'), words, { env: { ...outside, ...of.env, CONSE_URL: of.url, ...env }, encoding: 'utf8' }, (error, stdout, stderr) =>
            resolve({ code: error ? error.code : 0, stdout, stderr })));

// {code, findings}
async function doctor({ of = system, folder = backups, env = {} } = {}) {
    const { code, stdout, stderr } = await run(of, ['--json', 'doctor', ...(folder ? [folder] : [])], env);
    assert.ok(stdout, stderr);
    const { status, findings } = JSON.parse(stdout);
    assert.equal(code, status === 'failed' ? 1 : 0);
    return { code, findings };
}

const failedOf = ({ findings }) => findings.filter(({ status }) => status === 'failed');
const told = (report) => JSON.stringify(failedOf(report), null, 1);
const untilWell = (options) => eventually(async () => (await doctor(options)).code === 0, PATIENCE_MS);

// Until it has failed at this, where the runbook of that name says what to do, and at nothing else but what follows from it: a process that
// has ended is listed for ten seconds more.
async function finds({ check, saw, todo, besides = [], ...options }) {
    let report;
    const fits = (finding) => finding.check === check && saw.test(finding.saw);
    const others = () => failedOf(report).filter((finding) => finding.check !== check && !besides.includes(finding.check));
    const found = async () => failedOf((report = await doctor(options))).some(fits) && others().length === 0;
    await eventually(found, PATIENCE_MS).catch((error) => assert.fail(`${error.message}: ${check} ${saw}: ${told(report)}`));
    assert.equal(report.code, 1);
    assert.match(failedOf(report).find(fits).todo, new RegExp(`^docs/[a-z]+\\.md#${todo}$`));
}

before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-doctor-'));
    backups = path.join(dir, 'backups');
    fs.mkdirSync(backups);
    system = await startSystem({ services: EVERY_SERVICE, replicas: 0 });
    await signUp(system, 'ada');
    for (const words of [['backup', 'all', path.join(backups, 'all-1')], ['drill', path.join(backups, 'all-1'), path.join(backups, 'conse.prom')]]) {
        const { code, stderr } = await run(system, words);
        assert.equal(code, 0, stderr);
    }
});
after(async () => {
    await system?.stop();
    fs.rmSync(dir, { recursive: true, force: true });
});

test('of an installation that is well nothing has failed, and every check says what it saw', async () => {
    await untilWell();
    const { findings } = await doctor();
    const checks = [...new Set(findings.map(({ check }) => check))];
    for (const check of ['calls', 'topics', 'gateway', 'living', 'ready', 'versions', 'clocks', 'replicas', 'settings', 'in force', 'secrets', 'stores', 'backups', 'certificate'])
        assert.ok(checks.includes(check), check);
    for (const { saw, status, todo } of findings) {
        assert.ok(saw);
        assert.equal(todo === '', status === 'ok');
    }
    assert.match(findings.find(({ check }) => check === 'living').saw, /^5 processes: 1 of auth, 1 of events, 1 of chain, 1 of ai, 1 gateways$/);
    assert.match(findings.find(({ check }) => check === 'stores').saw, /auth \d+\.\d MiB, events|MiB left/);
    const { code, stdout } = await run(system, ['doctor', backups]);
    assert.equal(code, 0);
    assert.match(stdout, /^ok +calls +auth, events, chain and ai answer$/m);
    assert.match(stdout, /^\d\d checks: 0 failed, \d+ warnings\n$/m);
});

test('each place that it sends to is there', async () => {
    const source = ['doctor.c', 'doctor_ask.c', 'doctor_backups.c', 'doctor_here.c', 'judge.c', 'readings.c'].map((file) => fs.readFileSync(new URL(`../../tools/consectl/${file}`, import.meta.url), 'utf8')).join('');
    const anchors = [...source.matchAll(/"docs\/(\w+)\.md#([\w-]+)"|RUNBOOK\s+"([\w-]+)"/g)].map(([, page, anchor, runbook]) => [page ?? 'runbooks', anchor ?? runbook]);
    assert.ok(anchors.length > 30);
    for (const [page, anchor] of anchors) {
        const headings = [...fs.readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, text]) => text.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'));
        assert.ok(headings.includes(anchor), `docs/${page}.md#${anchor}`);
    }
});

test('a service that is away', async () => {
    await system.kill('ai');
    await finds({ check: 'calls', saw: /^ai does not answer: /, todo: 'consedown', besides: ['living'] });
    await finds({ check: 'living', saw: /no process of ai/, todo: 'consedown', besides: ['calls'] });
    await system.start('ai');
    await untilWell();
});

test('auth that is away: what it alone knows is said not to be known', async () => {
    await system.term('auth');
    await finds({ check: 'calls', saw: /^auth does not answer: /, todo: 'consedown', besides: ['gateway'] });
    assert.ok((await doctor()).findings.some(({ status, saw }) => status === 'warning' && /is not known/.test(saw)));
    await system.start('auth');
    await untilWell();
});

test('a gateway that is away', async () => {
    await system.term('gateway');
    await finds({ check: 'gateway', saw: /does not answer/, todo: 'consedown', besides: ['living'] });
    await system.start('gateway');
    await untilWell();
    const elsewhere = await doctor({ env: { CONSE_URL: '', CONSE_LISTEN: `127.0.0.1:${await freePort()}` } }); // as in a container of its own
    assert.equal(elsewhere.code, 0, told(elsewhere));
    assert.ok(elsewhere.findings.some(({ check, status, saw }) => check === 'gateway' && status === 'warning' && /^gateways are ready, and none is at http:/.test(saw)));
});

test('another bus key than that of the services', async () => {
    await finds({ check: 'calls', saw: /no service answers at all/, todo: 'conseforeignmessages', env: { CONSE_BUS_KEY: 'ab'.repeat(32) } });
});

test('topics that are not heard', async () => {
    await finds({ check: 'topics', saw: /^events answers calls, and what it publishes is not heard/, todo: 'consedown', env: { CONSE_EVENTS_TOPICS: `ipc://${system.run}/nobody.ipc` } });
});

test('a process that is not ready, because its clock is off', async () => {
    const clock = path.join(dir, 'clock'), ahead = Buffer.alloc(8);
    fs.writeFileSync(clock, ahead);
    await system.term('gateway');
    system.own.gateway = { LD_PRELOAD: path.resolve(BIN, '../tests/clock.so'), TEST_CLOCK: clock };
    await system.start('gateway');
    const set = (ms) => {
        ahead.writeBigInt64LE(BigInt(ms));
        const file = fs.openSync(clock, 'r+');
        fs.writeSync(file, ahead, 0, 8, 0);
        fs.closeSync(file);
    };
    set(-3000);
    await finds({ check: 'clocks', saw: /^gateway \w{8}: its clock is off; seconds ahead of most: -[23]/, todo: 'conseclockoff', besides: ['ready'] });
    await finds({ check: 'ready', saw: /^gateway \w{8} is not ready/, todo: 'consedown', besides: ['clocks'] });
    set(0);
    await untilWell();
    delete system.own.gateway;
});

test('processes of two versions', async () => {
    const other = path.join(dir, 'bin');
    const { stdout } = spawnSync(path.join(BIN, 'conse-ai'), ['--version'], { encoding: 'utf8', env: outside });
    const commit = stdout.trim().split(' ').at(-1), stranger = commit.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    const program = fs.readFileSync(path.join(BIN, 'conse-ai')), at = program.indexOf(`\0${commit}\0`);
    assert.ok(at > 0, stdout);
    program.write(stranger, at + 1);
    fs.mkdirSync(other);
    fs.writeFileSync(path.join(other, 'conse-ai'), program, { mode: 0o755 });
    await system.term('ai');
    system.programs.ai = other;
    await system.start('ai');
    await finds({ check: 'versions', saw: new RegExp(`\\(${stranger}\\)`), todo: 'conseversionsdiffer' });
    await system.term('ai');
    delete system.programs.ai;
    await system.start('ai');
    await untilWell();
});

test('files that are almost used up', async () => {
    const pid = String(system.children.ai.pid), open = fs.readdirSync(`/proc/${pid}/fd`).length;
    const [soft, hard] = execFileSync('prlimit', ['--pid', pid, '--nofile', '--noheadings', '--output', 'SOFT,HARD'], { encoding: 'utf8' }).trim().split(/\s+/);
    const mayOpen = (most) => execFileSync('prlimit', ['--pid', pid, `--nofile=${most}:${hard}`]);
    try {
        mayOpen(Math.floor(open / 0.8) - 1); // with room for the doctor's own call
        await finds({ check: 'open files', saw: /^ai \w{8} has \d+ of \d+ open files$/, todo: 'consefilesfew' });
    } finally {
        mayOpen(soft);
    }
    await untilWell();
});

test('a certificate that ends soon', async () => {
    const cert = path.join(dir, 'cert.pem'), key = path.join(dir, 'key.pem');
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '5', '-subj', '/CN=conse.example', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    await system.term('gateway');
    system.own.gateway = { CONSE_TLS_CERT: cert, CONSE_TLS_KEY: key };
    await system.start('gateway');
    const env = { CONSE_URL: system.url.replace('http:', 'https:'), CONSE_TLS_CERT: cert, CONSE_TLS_KEY: key };
    try {
        await finds({ check: 'certificate', saw: /^the certificate of gateway \w{8} ends in [45]\.\d days$/, todo: 'consecertificateends', env });
        fs.chmodSync(key, 0o644);
        await finds({ check: 'secrets', saw: new RegExp(`^CONSE_TLS_KEY ${key}: others may read`), todo: 'what-there-is-to-keep', besides: ['certificate'], env });
    } finally {
        await system.term('gateway');
        delete system.own.gateway;
        await system.start('gateway');
    }
    await untilWell();
});

test('settings that a service would not start with', async () => {
    await finds({ check: 'settings', saw: /CONSE_LOGLEVEL is no setting of Conse; the nearest is CONSE_LOG_LEVEL$/, todo: 'before-a-start', env: { CONSE_LOGLEVEL: 'info' } });
    await finds({ check: 'settings', saw: /CONSE_DRAIN must be a duration/, todo: 'before-a-start', env: { CONSE_DRAIN: 'soon' } });
});

test('secrets that others may read', async () => {
    const keys = path.join(system.env.CONSE_DATA, 'keys'), [key] = fs.readdirSync(keys), bus = path.join(dir, 'webhook');
    fs.writeFileSync(bus, 'secret', { mode: 0o604 });
    fs.chmodSync(bus, 0o604);
    await finds({ check: 'secrets', saw: new RegExp(`^CONSE_OTP_WEBHOOK_TOKEN_FILE ${bus}: .*mode 0604`), todo: 'what-there-is-to-keep', env: { CONSE_OTP_WEBHOOK_TOKEN_FILE: bus } });
    for (const [file, mode] of [[path.join(keys, key), 0o600], [path.join(system.env.CONSE_DATA, 'auth.db'), 0o600], [keys, 0o700]]) {
        fs.chmodSync(file, mode | 0o44);
        await finds({ check: 'secrets', saw: new RegExp(`^${file}: others may read or write it \\(mode 0[67]44\\); chmod [67]00$`), todo: 'what-there-is-to-keep' });
        fs.chmodSync(file, mode);
    }
    await untilWell();
});

test('a store whose file is damaged, and one without its reserve', async () => {
    const file = path.join(system.env.CONSE_DATA, 'ai.db'), whole = fs.readFileSync(file), ballast = path.join(system.env.CONSE_DATA, 'events.ballast');
    await system.term('ai');
    const stored = fs.readFileSync(file), spoilt = Buffer.from(stored);
    spoilt.fill(0x5a, spoilt.length >> 2, spoilt.length - (spoilt.length >> 2));
    fs.writeFileSync(file, spoilt);
    await finds({ check: 'stores', saw: /^ai's file is damaged: /, todo: 'consestorecorrupt', besides: ['calls', 'living'] });
    fs.writeFileSync(file, stored);
    await system.start('ai');
    await untilWell();
    assert.ok(whole.length);
    fs.truncateSync(ballast, 3 << 20);
    await finds({ check: 'stores', saw: /^events has 3 of the 32 MiB in reserve/, todo: 'consestorefull' });
    fs.truncateSync(ballast, 32 << 20);
    await untilWell();
});

test('copies that are old, spoilt, untried, or not there', async () => {
    const other = path.join(dir, 'old'), copy = path.join(other, 'all-1'), metrics = path.join(other, 'conse.prom');
    fs.cpSync(backups, other, { recursive: true });
    const days = (count) => Date.now() - count * DAY_MS;
    const tell = (ms, seconds = 1) => fs.writeFileSync(metrics, `conse_backup_last_verified_seconds ${ms / 1000}\nconse_backup_restore_seconds ${seconds}\n`);
    const old = (saw) => finds({ check: 'backups', saw, todo: 'consebackupold', folder: other });
    tell(days(1.9));
    await untilWell({ folder: other });
    tell(days(3));
    await old(/^the newest copy that a drill has restored is of /);
    fs.rmSync(metrics);
    await old(/^no drill has told/);
    tell(days(1), 4000);
    assert.ok((await doctor({ folder: other })).findings.some(({ check, status, saw }) => check === 'backups' && status === 'warning' && /67 minutes/.test(saw)));
    tell(days(1));
    rewriteManifest(copy, (manifest) => (manifest.moment_ms = days(3)));
    await old(/^the newest copy is of /);
    fs.appendFileSync(path.join(copy, 'manifest.json'), ' ');
    await old(/^1 copies have a manifest that is spoilt$/);
    fs.rmSync(copy, { recursive: true });
    await old(/^there is no copy that is whole$/);
    await finds({ check: 'backups', saw: /can't be opened$/, todo: 'consebackupold', folder: path.join(dir, 'nowhere') });
});

test('a cluster whose node is away', async () => {
    const solana = path.join(dir, 'solana.json'), seed = crypto.randomBytes(32), holder = makeHolder(seed);
    fs.writeFileSync(solana, JSON.stringify([...seed, ...holder.publicKey]), { mode: 0o600 });
    await system.term('chain');
    system.own.chain = {
        CONSE_SOLANA_RPC: `http://127.0.0.1:${await freePort()}`, CONSE_SOLANA_KEY_FILE: solana,
        CONSE_SOLANA_POOL: makeHolder(crypto.randomBytes(32)).address, CONSE_SOLANA_REVENUE: makeHolder(crypto.randomBytes(32)).address,
    };
    await system.start('chain');
    await finds({ check: 'cluster', saw: /the node is away or behind/, todo: 'conseclusteraway' });
});

test('processes on a shared store: one that auth does not hear of, one whose settings are other ones', async () => {
    const strays = { 'events-2': (place) => ({ CONSE_AUTH_PEERS: `ipc://${place}/run/nobody.ipc` }), 'ai-2': () => ({ CONSE_AI_QUEUE: '300' }) };
    const shared = await startSystem({ services: EVERY_SERVICE, replicas: 2, own: (name, place) => strays[name]?.(place) ?? {} });
    try {
        const of = { of: shared, besides: ['replicas', 'in force'] };
        await finds({ check: 'replicas', saw: /^events at ipc:\S+events-2\.ipc lives, and auth does not hear of it/, todo: 'consedown', ...of });
        await finds({ check: 'in force', saw: /^CONSE_AI_QUEUE is (256|300) at ai \w{8}, and (300|256) at \w{8}$/, todo: 'before-a-start', ...of });
        for (const name of Object.keys(strays)) {
            await shared.term(name);
            for (const setting of Object.keys(strays[name](''))) delete shared.own[name][setting];
            await shared.start(name);
        }
        await untilWell({ of: shared });
    } finally {
        await shared.stop();
    }
});
