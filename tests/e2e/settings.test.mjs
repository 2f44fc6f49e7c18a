// What operators set: names that no program has are refused, and --check tells what is in force.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { outside } from './parts/environment.mjs';
import { BIN, EVERY_SERVICE } from './parts/system.mjs';

const PATIENCE_MS = 20000;
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-settings-'));
after(() => fs.rmSync(dir, { recursive: true, force: true }));

const run = (service, env, ...words) =>
    spawnSync(path.join(BIN, `conse-${service}`), words, { env: { ...outside, CONSE_DATA: path.join(dir, 'data'), ...env }, encoding: 'utf8', timeout: PATIENCE_MS });

// {name: default} of all settings, as the programs' own --help has them.
const helped = Object.fromEntries(
    [...EVERY_SERVICE.map((service) => `conse-${service}`), 'consectl', 'conse-up'].flatMap((program) => {
        const { stdout } = spawnSync(path.join(BIN, program), ['--help'], { env: outside, encoding: 'utf8' });
        return [...stdout.matchAll(/^ {2}(CONSE_[A-Z_0-9]+) .*?(?:\[([^\]\n]*)\])?$/gm)].map(([, name, fallback]) => [name, fallback ?? '']);
    }),
);

test('a name that no program knows is refused by each service, with the nearest that one does', () => {
    for (const service of EVERY_SERVICE) {
        const { status, stderr } = run(service, { CONSE_LOGLEVEL: 'debug', CONSE_MAX_STREMS: '5', CONSE_AUTH_STORE_FILES: '' });
        const lines = stderr.trimEnd().split('\n').sort();
        assert.deepEqual([status, lines], [2, [
            `conse-${service}: CONSE_AUTH_STORE_FILES is no setting of Conse; the nearest is CONSE_AUTH_STORE_FILE`,
            `conse-${service}: CONSE_LOGLEVEL is no setting of Conse; the nearest is CONSE_LOG_LEVEL`,
            `conse-${service}: CONSE_MAX_STREMS is no setting of Conse; the nearest is CONSE_MAX_STREAMS`,
        ]]);
    }
    assert.equal(fs.existsSync(path.join(dir, 'data')), false, 'and nothing was begun');
});

test('one file of settings serves all programs: what any of them knows is known to each', () => {
    assert.ok(Object.keys(helped).length > 150 && helped.CONSE_URL === '' && helped.CONSE_CLUSTER_PORT === '8899', JSON.stringify(helped));
    for (const service of EVERY_SERVICE) {
        const { status, stderr } = run(service, { ...helped, CONSE_DISCORD_TOKEN_FILE: '', CONSE_BUS_KEY_FILE: '', CONSE_NOTHING: '' });
        assert.deepEqual([status, stderr.match(/\S+ is no setting/g)], [2, ['CONSE_NOTHING is no setting']]);
    }
});

const shownBy = (stdout) => Object.fromEntries([...stdout.matchAll(/^(CONSE_\w+)=(.*) \((.+)\)$/gm)].map(([, name, value, from]) => [name, { value, from }]));

test('--check tells each setting in force and where it is from, no secret, and begins nothing', () => {
    const key = path.join(dir, 'bus');
    fs.writeFileSync(key, `${'ab'.repeat(32)}\n`, { mode: 0o600 });
    for (const service of EVERY_SERVICE) {
        const { status, stdout, stderr } = run(service, { CONSE_LOG_LEVEL: 'warn', CONSE_BUS_KEY_FILE: key, CONSE_STORE: 'mongodb://ada:s3cret@localhost/x' }, '--check');
        assert.deepEqual([status, stderr], [0, '']);
        const shown = shownBy(stdout);
        const own = run(service, {}, '--help').stdout.match(/^ {2}CONSE_\w+/gm).map((name) => name.trim());
        assert.deepEqual(Object.keys(shown), own, 'all of --help');
        assert.equal(stdout.trimEnd().split('\n').length, own.length);
        assert.deepEqual([shown.CONSE_LOG_LEVEL, shown.CONSE_LOG_FORMAT], [{ value: 'warn', from: 'environment' }, { value: 'logfmt', from: 'default' }]);
        assert.deepEqual(shown.CONSE_BUS_KEY, { value: '***', from: `file ${key}` });
        if (service !== 'gateway') assert.deepEqual(shown.CONSE_STORE, { value: '***', from: 'environment' });
        assert.doesNotMatch(stdout, /s3cret|abab/);
    }
    assert.equal(fs.existsSync(path.join(dir, 'data')), false);
});

test('--check tells all that is wrong, and ends with 2', () => {
    const { status, stdout, stderr } = run('auth', { CONSE_LOGLEVEL: 'x', CONSE_LOG_LEVEL: 'loud', CONSE_DRAIN: '11', CONSE_OTP_TRIES: '0', CONSE_BUS_KEY_FILE: path.join(dir, 'none') }, '--check');
    const lines = stderr.trimEnd().split('\n').map((line) => line.replace(/^conse-auth: (CONSE_\w+).*/, '$1'));
    assert.deepEqual([status, stdout, lines], [2, '', ['CONSE_LOGLEVEL', 'CONSE_LOG_LEVEL', 'CONSE_BUS_KEY_FILE', 'CONSE_DRAIN', 'CONSE_OTP_TRIES']]);
    for (const [name, value] of Object.entries({ CONSE_AUTH_LISTEN: 'tcp://0.0.0.0:7451', CONSE_BUS_KEY: 'short' })) {
        const one = run('auth', { [name]: value }, '--check');
        assert.deepEqual([one.status, one.stderr.split('\n').length], [2, 2], one.stderr);
        assert.match(one.stderr, new RegExp(name === 'CONSE_BUS_KEY' ? name : 'CONSE_AUTH_LISTEN|CONSE_BUS_KEY'));
    }
    assert.equal(fs.existsSync(path.join(dir, 'data')), false);
});
