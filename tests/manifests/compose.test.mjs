// docker-compose.yml against the call graph, without Docker.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readGraph } from '../../deploy/graph/graph.mjs';
import { checkCompose } from './checks/compose.mjs';
import { settingsOf } from './checks/settings.mjs';
import { printedSecrets, read, ROOT } from './render.mjs';

const compose = parse(read('docker-compose.yml'), { merge: true });
const context = { graph: readGraph(), secrets: printedSecrets(), settings: settingsOf(read('.env.example')) };

test('containers meet whom they have to do with, and have what they need', () => {
    assert.deepEqual(checkCompose(compose, context), []);
});

// As docker-compose does: lists of settings and volumes one behind the other.
const TLS = 'deploy/k8s/components/bus-tls/settings.env';
const secure = structuredClone(compose);
for (const [name, { env_file: settings = [], volumes = [], ...rest }] of Object.entries(parse(read('deploy/compose/tls.yml'), { merge: true }).services)) {
    assert.deepEqual(rest, {});
    const service = secure.services[name];
    Object.assign(service, { env_file: [...service.env_file, ...settings], volumes: [...(service.volumes ?? []), ...volumes] });
}

test('with TLS each program has its certificates, and the same addresses as on Kubernetes', () => {
    assert.deepEqual(checkCompose(secure, { ...context, tls: TLS }), []);
    assert.match(read(TLS), /^CONSE_BUS_CERTIFICATES=\/secrets\/certificates$/m);
});

test('certificates of containers are read by their group alone, and each has its own', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-certificates-'));
    try {
        const group = String(process.getgid());
        const made = () => execFileSync('deploy/certificates.sh', [path.join(folder, 'authority'), path.join(folder, 'auth'), 'conse-auth'], { cwd: ROOT, env: { ...process.env, GROUP: group } });
        made();
        assert.deepEqual(fs.readdirSync(path.join(folder, 'auth')).sort(), ['ca.crt', 'conse-auth.crt', 'conse-auth.key']);
        for (const name of fs.readdirSync(path.join(folder, 'auth'))) {
            const { mode, gid } = fs.statSync(path.join(folder, 'auth', name));
            assert.deepEqual([mode & 0o777, gid], [0o440, Number(group)], name);
        }
        assert.equal(fs.statSync(path.join(folder, 'authority/ca.key')).mode & 0o777, 0o600);
        made(); // renewed over files that nobody may write
        const secrets = path.join(folder, 'secrets');
        execFileSync('deploy/compose/certificates.sh', [path.join(folder, 'authority')], { cwd: ROOT, env: { ...process.env, CONSE_SECRETS: secrets, CONSE_GROUP: group } });
        for (const [name, { volumes }] of Object.entries(parse(read('deploy/compose/tls.yml'), { merge: true }).services)) {
            const own = /\/(certificates\/\w+):/.exec(volumes[0])[1];
            const program = name === 'consectl' ? name : `conse-${name}`;
            assert.deepEqual(fs.readdirSync(path.join(secrets, own)).sort(), ['ca.crt', `${program}.crt`, `${program}.key`], name);
        }
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
});

const TLS_MUTATIONS = {
    'a program without certificates': ({ services }) => services.events.volumes.pop(),
    "another program's certificates": ({ services }) => services.ai.volumes.push('./secrets/certificates/chain:/secrets/more:ro'),
    'addresses without TLS': ({ services }) => services.gateway.env_file.pop(),
    'addresses that others replace': ({ services }) => services.auth.env_file.push('deploy/k8s/base/settings.env'),
};
for (const [name, change] of Object.entries(TLS_MUTATIONS))
    test(`finds ${name}`, () => {
        const changed = structuredClone(secure);
        change(changed);
        assert.notDeepEqual(checkCompose(changed, { ...context, tls: TLS }), []);
    });

const MUTATIONS = {
    'a gateway that reaches the stores': ({ services }) => services.gateway.networks.push('stores'),
    'HAProxy among the services': ({ services }) => services.haproxy.networks.push('net'),
    'auth away from the gateways': ({ services }) => (services.auth.networks = ['office', 'stores']),
    'a store that is published': ({ services }) => (services.mongodb.ports = ['7441:7441']),
    'stores that may go out': ({ networks }) => delete networks.stores.internal,
    'a capability': ({ services }) => (services.chain.cap_drop = []),
    'a root that can be written': ({ services }) => (services.auth.read_only = false),
    'memory without a bound': ({ services }) => delete services.redis.mem_limit,
    'a secret that is not there': ({ secrets }) => delete secrets.cache,
    'traces that are shown to the world': ({ services }) => (services.jaeger.ports = ['16686:16686']),
    'traces beside the stores': ({ services }) => services.jaeger.networks.push('stores'),
    'a misspelt setting': ({ services }) => (services.ai.environment.CONSE_AI_STOREFILE = '/x'),
};
for (const [name, change] of Object.entries(MUTATIONS))
    test(`finds ${name}`, () => {
        const changed = structuredClone(compose);
        change(changed);
        assert.notDeepEqual(checkCompose(changed, context), []);
    });
