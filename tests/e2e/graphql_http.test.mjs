// GraphQL over HTTP: the audits of the reference implementation, introspection, what is refused and how.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import { ask } from './parts/graphql.mjs';
import { call, ok, prove, signUp } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const RESPONSE = 'application/graphql-response+json';
let system;
let zoe;
let reader; // a token of hers that may only read

before(async () => {
    system = await startSystem({ services: ['auth', 'gateway'], env: { CONSE_LIMIT_AUTH: '60/0.001', CONSE_LIMIT_DEFAULT: '100000/100000' } });
    zoe = await signUp(system, 'zoe');
    await prove(system, zoe.token);
    const { key } = await ok(system, 'POST', '/auth/api-keys', { token: zoe.token, body: { name: 'screen', read_only: true } });
    reader = (await ok(system, 'POST', '/auth/api-keys/token', { body: { key } })).access_token;
});

after(() => system?.stop());

const get = (parameters, headers = {}) =>
    call(system, 'GET', `/graphql?${new URLSearchParams(parameters)}`, { headers });

test('every audit is passed, without warning or notice', async () => {
    const results = [];
    for (const audit of serverAudits({ url: `${system.url}/graphql` })) results.push(await audit.fn());
    assert.ok(results.length >= 60);
    assert.deepEqual(results.filter(({ status }) => status !== 'ok').map(({ id, name, reason }) => ({ id, name, reason })), []);
});

test('introspection leads to the schema that is printed, byte for byte', async () => {
    for (const options of [{}, { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true }]) {
        const { status, body } = await ask(system, getIntrospectionQuery(options));
        assert.equal(status, 200);
        assert.equal(body.errors, undefined);
        const text = await fetch(`${system.url}/graphql/schema.graphql`).then((reply) => reply.text());
        assert.equal(printSchema(buildClientSchema(body.data)), text);
        assert.ok(body.extensions.cost > 0);
    }
});

test('an answer tells what it cost, and of whom it is', async () => {
    const { body, headers } = await ask(system, '{ me { id username } }', { token: zoe.token });
    assert.deepEqual(body, { data: { me: { id: zoe.id, username: 'zoe' } }, extensions: { cost: 2 } });
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.ok(Number(headers.get('conse-time')) > 0);
});

test('a token is renewed on a socket only', async () => {
    const { status, body } = await ask(system, 'mutation { renewToken(accessToken: "x") { expiresAt } }', { token: zoe.token });
    assert.equal(status, 200);
    assert.equal(body.data.renewToken, null);
    assert.deepEqual([body.errors[0].extensions.code, body.errors[0].extensions.status], ['UPGRADE_REQUIRED', 426]);
});

test('a field that is refused says why; the others are there', async () => {
    const { status, body, headers } = await ask(system, 'query Q {\n  me { id }\n  jwks { keys { kty } }\n}', { operationName: 'Q' });
    assert.equal(status, 200);
    assert.equal(body.data.me, null);
    assert.equal(body.data.jwks.keys[0].kty, 'OKP');
    const [error] = body.errors;
    assert.deepEqual(error.path, ['me']);
    assert.deepEqual(error.locations, [{ line: 2, column: 3 }]);
    assert.equal(error.extensions.code, 'TOKEN_INVALID');
    assert.equal(error.extensions.status, 401);
    assert.equal(error.extensions.traceId, headers.get('traceparent').split('-')[1]);
});

test('a service that is away is told of each field that needs it', async () => {
    const { body } = await ask(system, '{ me { id } sides { id } }', { token: zoe.token });
    assert.equal(body.data.me.id, zoe.id);
    assert.equal(body.data.sides, null);
    assert.deepEqual([body.errors[0].extensions.code, body.errors[0].extensions.status], ['SERVICE_AWAY', 503]);
    assert.ok(body.errors[0].extensions.retryAfter > 0);
});

test('a bad token is refused as a whole', async () => {
    const { status, body, headers } = await ask(system, '{ jwks { keys { kid } } }', { token: 'x.y.z' });
    assert.equal(status, 401);
    assert.match(headers.get('www-authenticate'), /invalid_token/);
    assert.match(headers.get('content-type'), /^application\/json/);
    assert.equal(body.errors[0].extensions.code, 'TOKEN_INVALID');
    assert.equal(body.data, undefined);
});

test('levels are those of the passports, of an API key too', async () => {
    const { body } = await ask(system, '{ users { nodes { id } } }', { token: zoe.token });
    assert.equal(body.errors[0].extensions.code, 'LEVEL_TOO_LOW');
});

test('queries may come by GET, mutations may not', async () => {
    const reply = await get({ query: 'query($id: ID!) { __typename user(id: $id) { id } }', variables: JSON.stringify({ id: zoe.id }) }, { Accept: RESPONSE });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('content-type'), `${RESPONSE}; charset=utf-8`);
    assert.equal(reply.body.data.__typename, 'Query');
    for (const accept of [RESPONSE, 'application/json']) {
        const refused = await get({ query: 'mutation { __typename }' }, { Accept: accept });
        assert.equal(refused.status, 405);
        assert.match(refused.headers.get('allow'), /POST/);
        assert.equal(refused.body.errors[0].extensions.code, 'METHOD_NOT_ALLOWED');
    }
});

test('what a form of another page can send is refused', async () => {
    const body = JSON.stringify({ query: 'mutation { logout(input: {}) { done } }' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/x-protobuf', 'application/json, text/plain']) {
        const reply = await fetch(`${system.url}/graphql`, { method: 'POST', headers: { 'Content-Type': type }, body });
        assert.equal(reply.status, 415, type);
        assert.equal((await reply.json()).errors[0].extensions.code, 'MEDIA_TYPE_UNSUPPORTED');
    }
    const none = await fetch(`${system.url}/graphql`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: new Blob([]) });
    assert.equal(none.status, 400);
});

test('the type of the answer is agreed on', async () => {
    const typeFor = async (accept) => {
        const { status, headers } = await ask(system, '{ __typename }', { headers: { Accept: accept } });
        return status === 200 ? headers.get('content-type').split(';')[0] : status;
    };
    assert.equal(await typeFor('*/*'), 'application/json');
    assert.equal(await typeFor('application/*'), 'application/json');
    assert.equal(await typeFor(`${RESPONSE}, application/json`), RESPONSE);
    assert.equal(await typeFor(`${RESPONSE};q=0.5, application/json`), 'application/json');
    assert.equal(await typeFor(`application/json;q=0.9, ${RESPONSE}`), RESPONSE);
    assert.equal(await typeFor('text/html'), 406);
});

test('documents that do not run are 400, or with application/json 200, and have no data', async () => {
    const rows = [
        ['{', undefined, 'GRAPHQL_SYNTAX'],
        ['{ nothing }', undefined, 'GRAPHQL_INVALID'],
        ['subscription { nothing }', undefined, 'GRAPHQL_INVALID'],
        ['subscription { me { __typename } }', undefined, 'GRAPHQL_OPERATION'],
        ['query($a: Int!) { __typename @skip(if: true) events(first: $a) { nodes { id } } }', { a: 'x' }, 'GRAPHQL_VARIABLE'],
        ['query A { __typename } query B { __typename }', undefined, 'GRAPHQL_OPERATION'],
        ['{ events(first: 100) { nodes { players { statuses { status } } } } }', undefined, 'GRAPHQL_TOO_COSTLY'],
        [`{ __typename ${' '.repeat(17000)} }`, undefined, 'GRAPHQL_TOO_LONG'],
    ];
    for (const [query, variables, code] of rows)
        for (const [accept, expected] of [[RESPONSE, 400], ['application/json', 200]]) {
            const { status, body } = await ask(system, query, { variables, headers: { Accept: accept } });
            assert.deepEqual([status, body.errors[0].extensions.code, 'data' in body], [expected, code, false], query.slice(0, 99));
            assert.match(body.errors[0].extensions.traceId, /^[0-9a-f]{32}$/);
        }
});

test('mutations run; their limits are those of their routes', async () => {
    const login = 'mutation($in: LoginInput!) { login(input: $in) { tokenType user { username } } }';
    const good = await ask(system, login, { variables: { in: { username: 'zoe', password: 'correct horse' } } });
    assert.deepEqual(good.body.data, { login: { tokenType: 'Bearer', user: { username: 'zoe' } } });
    const wrong = { username: 'zoe', password: 'wrong wrong' };
    const many = `mutation($in: LoginInput!) { ${Array.from({ length: 20 }, (_, i) => `t${i}: login(input: $in) { tokenType }`).join(' ')} }`;
    const codes = new Set();
    for (let i = 0; i < 6; i++)
        for (const { extensions } of (await ask(system, many, { variables: { in: wrong } })).body.errors) codes.add(extensions.code);
    assert.ok(codes.has('RATE_LIMITED'), [...codes].join());
});

test('a key that may only read reads', async () => {
    assert.equal((await ask(system, '{ me { username } }', { token: reader })).body.data.me.username, 'zoe');
    const codes = async (query) => (await ask(system, query, { token: reader })).body.errors.map(({ extensions }) => extensions.code);
    assert.deepEqual(await codes('mutation { logout(input: {}) { done } }'), ['READ_ONLY']);
    assert.deepEqual(await codes('{ sessions { id } }'), ['KEY_REFUSED']);
});

test('bodies are bounded', async () => {
    const post = async (body) => {
        const reply = await fetch(`${system.url}/graphql`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
        return [reply.status, (await reply.json()).errors[0].extensions.code];
    };
    assert.deepEqual(await post(`{"query":"{ __typename }","variables":{"a":${'['.repeat(20)}${']'.repeat(20)}}}`), [400, 'MALFORMED']);
    assert.deepEqual(await post(`{"query":"{ __typename }","variables":{"a":[${'1,'.repeat(30000)}1]}}`), [400, 'MALFORMED']);
    assert.deepEqual(await post(`{"query":"${' '.repeat(1 << 20)}"}`), [413, 'BODY_TOO_LARGE']);
    assert.deepEqual(await post('{"query":"{ __typename }","query":"{ __typename }"}'), [400, 'MALFORMED']);
    assert.deepEqual(await post('{"query":"{ __typename \\u0000 }"}'), [400, 'MALFORMED']);
    assert.deepEqual(await post('[{"query":"{ __typename }"}]'), [400, 'MALFORMED']);
});
