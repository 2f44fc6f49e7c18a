// The description of the API: valid by a validator that is not ours, true for what the gateway replies, and shown by /docs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { chromium } from 'playwright-core';
import { startSystem } from './system.mjs';
import { call, ok, signUp } from './people.mjs';

let system;
let api;
let zoe;

before(async () => {
    system = await startSystem({ services: ['auth', 'gateway'], env: { CONSE_LIMIT_AUTH: '100000/100000' } });
    api = await ok(system, 'GET', '/openapi.json');
    zoe = await signUp(system, 'zoe');
});

after(() => system?.stop());

test('the description is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(api));
    assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
    assert.equal(validator.version, '3.1');
});

test('operations are whole: ids are unique, parameters stand in the path, references lead somewhere', () => {
    const ids = new Set();
    const follow = (ref) => ref.slice(2).split('/').reduce((at, key) => at?.[key], api);
    JSON.stringify(api, (key, value) => {
        if (key === '$ref') assert.ok(follow(value), value);
        return value;
    });
    for (const [path, verbs] of Object.entries(api.paths)) for (const operation of Object.values(verbs)) {
        assert.ok(!ids.has(operation.operationId), operation.operationId);
        ids.add(operation.operationId);
        const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
        const declared = operation.parameters.filter((p) => p.in === 'path').map((p) => p.name).sort();
        assert.deepEqual(declared, named, path);
        assert.ok(operation.summary, operation.operationId);
    }
    assert.ok(ids.size >= 60);
});

test('replies are as described', async () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    ajv.addSchema({ $id: 'api', ...api });
    const check = (reply, path, verb) => {
        const operation = api.paths[path][verb];
        let response = operation.responses[reply.status];
        assert.ok(response, `${verb} ${path} ${reply.status} is not described`);
        if (response.$ref) response = api.components.responses[response.$ref.split('/').pop()];
        const content = response.content?.['application/json'] ?? response.content?.['application/problem+json'];
        const validate = ajv.compile({ $ref: `api${content.schema.$ref}` });
        assert.ok(validate(reply.body), `${verb} ${path}: ${JSON.stringify(validate.errors)}`);
    };
    const body = { username: 'zoe', password: 'correct horse' };
    check(await call(system, 'POST', '/auth/login', { body }), '/auth/login', 'post');
    check(await call(system, 'POST', '/auth/signup', { body }), '/auth/signup', 'post');
    check(await call(system, 'POST', '/auth/login', { body: { ...body, password: 'wrong wrong' } }), '/auth/login', 'post');
    check(await call(system, 'POST', '/auth/login', { body: { username: 7 } }), '/auth/login', 'post');
    check(await call(system, 'GET', '/auth/me', { token: zoe.token }), '/auth/me', 'get');
    check(await call(system, 'GET', '/auth/me'), '/auth/me', 'get');
    check(await call(system, 'GET', '/auth/users', { token: zoe.token }), '/auth/users', 'get');
    check(await call(system, 'GET', '/.well-known/jwks.json'), '/.well-known/jwks.json', 'get');
    check(await call(system, 'GET', '/.well-known/conse'), '/.well-known/conse', 'get');
    check(await call(system, 'GET', '/events/01a204b8-c493-744e-8dfd-817a593ee278'), '/events/{event_id}', 'get'); // events is away
});

test('the page shows every operation and sends requests', async () => {
    const path = execFileSync('sh', ['-c', 'command -v chromium']).toString().trim();
    const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
    try {
        const page = await browser.newPage();
        const faults = [];
        page.on('pageerror', (error) => faults.push(error.message));
        page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
        await page.goto(`${system.url}/`);
        assert.equal(new URL(page.url()).pathname, '/docs');
        await page.waitForSelector('details.op');
        const count = Object.values(api.paths).reduce((sum, verbs) => sum + Object.keys(verbs).length, 0);
        assert.equal(await page.locator('details.op').count(), count);
        const login = page.locator('[id="auth.Login"]');
        await login.locator('summary').click();
        await login.locator('textarea').fill('{"username":"zoe","password":"correct horse"}');
        await login.getByRole('button', { name: 'Send' }).click();
        await login.locator('pre', { hasText: '200 OK' }).waitFor();
        const me = page.locator('[id="auth.GetMe"]');
        await me.locator('summary').click();
        await me.getByRole('button', { name: 'Send' }).click();
        await me.locator('pre', { hasText: '"username": "zoe"' }).last().waitFor();
        if (process.env.CONSE_SCREENSHOT) await page.screenshot({ path: process.env.CONSE_SCREENSHOT });
        await page.getByPlaceholder('Filter').fill('ballot');
        assert.equal(await page.locator('details.op:visible').count(), 1);
        await page.setViewportSize({ width: 390, height: 800 });
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 390));
        assert.deepEqual(faults, []);
    } finally {
        await browser.close();
    }
});
