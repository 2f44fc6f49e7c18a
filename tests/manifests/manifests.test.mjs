// The manifests of deploy/k8s as kustomize renders them: whether Kubernetes would take them, and whether they do what they are for.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { execFileSync, spawnSync } from 'node:child_process';
import { readGraph } from '../../deploy/graph/graph.mjs';
import { checkConduct } from './checks/conduct.mjs';
import { checkPolicies } from './checks/policies.mjs';
import { checkReferences, secretsOf } from './checks/references.mjs';
import { checkSchema } from './checks/schema.mjs';
import { checkSecurity } from './checks/security.mjs';
import { checkSettings, settingsOf } from './checks/settings.mjs';
import { MUTATIONS } from './mutations.mjs';
import { ofKind } from './objects.mjs';
import { printedCertificates, printedSecrets, read, render, renderWith, ROOT } from './render.mjs';

const CHECKS = { schema: checkSchema, security: checkSecurity, references: checkReferences, settings: checkSettings, policies: checkPolicies, conduct: checkConduct };
const OVERLAYS = { dev: {}, prod: { stores: 'elsewhere' }, digitalocean: { stores: 'elsewhere', front: 'private' } };
// `prod` with the components that no overlay takes.
const MORE = ['bus-tls', 'traces', 'upstreams'];
const UPSTREAMS = [{ address: '10.0.0.5', port: 8080 }, { namespace: 'tools', name: 'panel', port: 3000 }, { address: '10.0.0.7', port: 5432 }];
const PLACES = { ...OVERLAYS, more: { stores: 'elsewhere', tls: true, traces: true, upstreams: UPSTREAMS } };

let graph, settings, secrets, certificates, rendered;
before(() => {
    graph = readGraph();
    settings = settingsOf(read('.env.example'));
    secrets = printedSecrets();
    rendered = Object.fromEntries(Object.keys(OVERLAYS).map((name) => [name, render(`overlays/${name}`)]));
    rendered.more = renderWith('overlays/prod', MORE);
    certificates = printedCertificates();
});

// Who fetches secrets has none that the operator makes.
const contextOf = (objects, where, more = {}) => ({ graph, settings, where, secrets: { ...(ofKind(objects, 'ExternalSecret').length ? {} : secrets), ...(where.tls ? certificates : {}), ...more } });

for (const [overlay, where] of Object.entries(PLACES))
    for (const [name, check] of Object.entries(CHECKS))
        test(`${overlay}: ${name}`, async () => {
            const objects = rendered[overlay];
            assert.ok(objects.length > 30);
            assert.deepEqual(await check(objects, contextOf(objects, where)), []);
        });

test('components that no overlay takes', async () => {
    const objects = renderWith('overlays/dev', ['solana']);
    for (const check of Object.values(CHECKS)) assert.deepEqual(await check(objects, contextOf(objects, {}, { solana: ['authority.json'] })), []);
    const scaled = renderWith('overlays/prod', ['stream-scaling']);
    for (const check of Object.values(CHECKS)) assert.deepEqual(await check(scaled, contextOf(scaled, OVERLAYS.prod)), []);
});

// What one component changes the others leave: each by itself, where the stores are beside.
for (const [component, where] of [['bus-tls', { tls: true }], ['traces', { traces: true }], ['upstreams', { upstreams: UPSTREAMS }]])
    test(`${component} by itself`, async () => {
        const objects = renderWith('overlays/dev', [component]);
        for (const check of Object.values(CHECKS)) assert.deepEqual(await check(objects, contextOf(objects, where)), []);
    });

test('servers behind the gateways are those of the settings, and one that no policy can name is refused', () => {
    const policies = (env) => spawnSync('node', ['deploy/graph/upstreams.mjs'], { cwd: ROOT, input: env, encoding: 'utf8' });
    const told = ofKind(rendered.more, 'ConfigMap').find(({ data }) => data?.CONSE_PROXY).data;
    for (const { address, name, port } of UPSTREAMS) assert.ok(`${told.CONSE_PROXY} ${told.CONSE_PROXY_CONNECT}`.includes(`${address ?? `${name}.tools.svc.cluster.local`}:${port}`), address ?? name);
    assert.match(policies('CONSE_PROXY_CONNECT=[fd00::7]:443\n').stdout, /cidr: "fd00::7\/128"\n[^]*port: 443\n/);
    assert.match(policies('CONSE_PROXY=/a/=http://10.0.0.9,authorization\n').stdout, /cidr: "10\.0\.0\.9\/32"\n[^]*port: 80\n/);
    const refused = { 'CONSE_PROXY=/a/=http://panel.internal:3000/': /can't name panel\.internal/, 'CONSE_PROXY=/a/=https://10.0.0.9': /names no server/, 'CONSE_PROXY_CONNECT=10.0.0.9': /has no port/, 'CONSE_URL=x': /neither/ };
    for (const [env, fault] of Object.entries(refused)) {
        const { status, stderr, stdout } = policies(`${env}\n`);
        assert.deepEqual([status, stdout], [1, ''], env);
        assert.match(stderr, fault);
    }
});

test('secrets that are printed and those that are fetched are the same', () => {
    assert.deepEqual(secretsOf(rendered.prod, {}), secrets);
});

test('what is made from the call graph is as it would be made now', () => {
    execFileSync('node', ['deploy/graph/print.mjs', '--check'], { cwd: ROOT, stdio: 'pipe' });
});

test('the graph is what the programs dial', () => {
    const mains = Object.fromEntries(graph.programs.filter((name) => name !== 'operator').map((name) => [name, name === 'gateway' ? 'services/gateway/gateway.c' : `services/${name}/main.c`]));
    for (const [program, file] of Object.entries(mains)) {
        const dialled = (what) => [...read(file).matchAll(new RegExp(`service_${what}_of\\((?:\\w+|\\w+->service), "(\\w+)"`, 'g'))].map(([, to]) => to);
        const from = (pairs) => pairs.filter(([caller]) => caller === program).map(([, to]) => to);
        assert.deepEqual([...new Set(dialled('topics'))].sort(), from(graph.follows), `topics of ${file}`);
        const called = from(graph.calls).filter((to) => to !== program);
        // The gateway calls all services that its routes name.
        const peers = program === 'gateway' ? graph.services : [...new Set(dialled('peers'))].sort();
        assert.deepEqual(peers, called, `calls of ${file}`);
    }
});

for (const { check, name, change, overlay } of MUTATIONS)
    test(`${check} finds ${name}`, async () => {
        const objects = structuredClone(rendered[overlay]);
        change(objects);
        assert.notDeepEqual(objects, rendered[overlay], 'nothing was changed');
        assert.notDeepEqual(await CHECKS[check](objects, contextOf(objects, PLACES[overlay])), []);
    });
