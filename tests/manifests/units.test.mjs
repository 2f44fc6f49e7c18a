// The units of systemd, without a systemd that runs: what they may do, and whether it is understood.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { settingsOf } from './checks/settings.mjs';
import { read, ROOT } from './render.mjs';

const FOLDER = path.join(ROOT, 'deploy/systemd');
const MOST = 2.0; // of 10, which is a unit that may do everything
const INSTANCES = ['gateway', 'auth', 'events', 'chain', 'ai'];
const services = fs.readdirSync(FOLDER).filter((name) => name.endsWith('.service'));

// Rates a unit as an instance of auth.
function rate(name, change = (text) => text) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-units-'));
    const file = path.join(folder, name.replace('@', '@auth'));
    fs.writeFileSync(file, change(read(`deploy/systemd/${name}`)));
    const { stdout, stderr } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', file], { encoding: 'utf8' });
    fs.rmSync(folder, { recursive: true });
    const found = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout);
    assert.ok(found, stdout + stderr);
    return { exposure: Number(found[1]), said: stderr };
}

for (const name of services)
    test(`${name} may do little`, () => {
        const { exposure, said } = rate(name);
        assert.equal(said, '', 'nothing is misunderstood');
        assert.ok(exposure <= MOST, `${exposure}`);
        assert.ok(rate(name, (text) => text.replace(/^(SystemCallFilter|ProtectSystem|RestrictNamespaces|CapabilityBoundingSet|PrivateDevices)=.*\n/gm, '')).exposure > MOST);
    });

test('services tell that they are ready, and that they live', () => {
    const unit = read('deploy/systemd/conse@.service');
    for (const line of [/^Type=notify$/m, /^WatchdogSec=\d+$/m, /^Restart=always$/m]) assert.match(unit, line);
});

test('what the units name is installed, and nothing of an older console stays', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-install-'));
    const [build, root] = ['build', 'root'].map((name) => path.join(folder, name));
    const put = (file, text) => {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, text, { mode: 0o600 });
    };
    try {
        for (const name of [...INSTANCES.map((each) => `conse-${each}`), 'consectl']) put(path.join(build, 'bin', name), name);
        put(path.join(build, 'web/site.json'), '{}');
        put(path.join(root, 'usr/share/conse/web/assets/old.js'), 'old');
        execFileSync(path.join(FOLDER, 'install.sh'), [build, root]);
        const units = fs.readdirSync(path.join(root, 'etc/systemd/system'));
        for (const name of fs.readdirSync(FOLDER)) if (/\.(service|timer|target)$/.test(name)) assert.ok(units.includes(name), name);
        const named = services.flatMap((name) => [...read(`deploy/systemd/${name}`).matchAll(/^Exec\w+=[-+!]*(\/usr\/lib\/conse\/\S+)/gm)].map(([, file]) => file));
        assert.ok(named.length >= services.length, `${named}`);
        for (const file of named.flatMap((each) => (each.includes('%i') && !each.endsWith('.sh') ? INSTANCES.map((one) => each.replace('%i', one)) : [each])))
            assert.ok(fs.statSync(path.join(root, file)).mode & 0o001, file);
        const web = path.join(root, /\bCONSE_CONSOLE=(\S+)/.exec(read('deploy/systemd/conse@.service'))[1]);
        assert.deepEqual(fs.readdirSync(web), ['site.json']);
        assert.ok(fs.statSync(path.join(web, 'site.json')).mode & 0o004, 'the gateway, a user of its own, reads it');
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
});

test('settings of units are those that programs have', () => {
    const settings = settingsOf(read('.env.example'));
    const files = fs.readdirSync(FOLDER).map((name) => read(`deploy/systemd/${name}`));
    for (const [, name] of files.join('\n').matchAll(/^(?:Environment=.*?)?\b(CONSE_\w+)=/gm)) assert.ok(settings.has(name), name);
});
