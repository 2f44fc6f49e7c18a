// What GraphQL shows, judged by the reference implementation.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildSchema, isEnumType, isInputObjectType, isIntrospectionType, isObjectType, printSchema, validateSchema } from 'graphql';
import { startSystem } from './parts/system.mjs';

let system;
let text;
let schema;

before(async () => {
    system = await startSystem({ services: ['auth', 'gateway'] });
    text = await fetch(`${system.url}/graphql/schema.graphql`).then((reply) => reply.text());
    schema = buildSchema(text);
});

after(() => system?.stop());

test('the schema is valid, and printed as the reference prints it', () => {
    assert.deepEqual(validateSchema(schema).map(String), []);
    assert.equal(printSchema(schema), text);
});

test('names have one style', () => {
    for (const type of Object.values(schema.getTypeMap())) {
        if (isIntrospectionType(type)) continue;
        assert.match(type.name, /^[A-Z][A-Za-z0-9]*$/);
        if (isEnumType(type)) for (const value of type.getValues()) assert.match(value.name, /^[A-Z][A-Z0-9_]*$/);
        if (!isObjectType(type) && !isInputObjectType(type)) continue;
        for (const field of Object.values(type.getFields())) {
            assert.match(field.name, /^[a-z][A-Za-z0-9]*$/);
            for (const argument of field.args ?? []) assert.match(argument.name, /^[a-z][A-Za-z0-9]*$/);
        }
    }
    for (const name of Object.keys(schema.getQueryType().getFields())) assert.doesNotMatch(name, /^(get|list|find|read)[A-Z]/);
    // renewToken is the gateway's own.
    for (const field of Object.values(schema.getMutationType().getFields()).filter(({ name }) => name !== 'renewToken'))
        assert.deepEqual(field.args.map(({ name }) => name).filter((name) => name !== 'input' && name !== 'idempotencyKey'), []);
});

test('it shows what routes show, with their words', async () => {
    const api = await fetch(`${system.url}/openapi.json`).then((reply) => reply.json());
    const told = new Set();
    for (const root of [schema.getQueryType(), schema.getMutationType()])
        for (const field of Object.values(root.getFields()))
            if (!['renewToken', 'sayPresence'].includes(field.name)) told.add(field.description);
    let count = 0;
    for (const verbs of Object.values(api.paths))
        for (const operation of Object.values(verbs)) {
            const [success] = Object.entries(operation.responses).filter(([status]) => status < 300);
            const bodies = [success?.[1], operation.requestBody].map((body) => body?.content).filter(Boolean);
            const shown = operation.tags[0] !== 'gateway' && bodies.every((content) => content['application/json']?.schema); // not what has a form of its own
            assert.equal(told.has(`${operation.summary} ${operation.description}`), shown, operation.operationId);
            count += shown;
        }
    assert.equal(told.size, count);
});

test('a stream is a subscription, which tells what there is, what happens, and how it goes on', () => {
    const more = { room: ['RoomTyping'] }, stateOnly = ['presence'];
    for (const { name, type } of Object.values(schema.getSubscriptionType().getFields())) {
        const members = type.ofType.getTypes().map((member) => member.name);
        assert.equal(type.toString(), `${name[0].toUpperCase()}${name.slice(1)}Update!`);
        const entries = stateOnly.includes(name) ? 0 : 1;
        assert.deepEqual(members.slice(1 + entries), ['StreamLive', 'StreamReset', ...(more[name] ?? [])]);
        assert.equal(members[0], `${name[0].toUpperCase()}${name.slice(1)}Snapshot`);
        for (const member of members.slice(0, 2 + entries)) assert.equal(schema.getType(member).getFields().cursor.type.toString(), 'String!', member);
    }
});

test('it is kept by its tag, and packed', async () => {
    const reply = await fetch(`${system.url}/graphql/schema.graphql`, { headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(reply.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(reply.headers.get('content-encoding'), 'gzip');
    const again = await fetch(reply.url, { headers: { 'If-None-Match': reply.headers.get('etag') } });
    assert.equal(again.status, 304);
});
