// docker-compose.yml against the call graph, without Docker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readGraph } from '../../deploy/graph/graph.mjs';
import { checkCompose } from './checks/compose.mjs';
import { settingsOf } from './checks/settings.mjs';
import { printedSecrets, read } from './render.mjs';

const compose = parse(read('docker-compose.yml'), { merge: true });
const context = { graph: readGraph(), secrets: printedSecrets(), settings: settingsOf(read('.env.example')) };

test('containers meet whom they have to do with, and have what they need', () => {
    assert.deepEqual(checkCompose(compose, context), []);
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
    'a misspelt setting': ({ services }) => (services.ai.environment.CONSE_AI_STOREFILE = '/x'),
};
for (const [name, change] of Object.entries(MUTATIONS))
    test(`finds ${name}`, () => {
        const changed = structuredClone(compose);
        change(changed);
        assert.notDeepEqual(checkCompose(changed, context), []);
    });
