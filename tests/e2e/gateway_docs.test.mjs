// The description of the API: valid by a validator that is not ours, and true for what the gateway replies.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { startSystem } from './parts/system.mjs';
import { call, ok, signUp } from './parts/people.mjs';

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
    for (const [verb, path] of [['delete', '/auth/me'], ['get', '/auth/me/export']]) // without a proof
        check(await call(system, verb.toUpperCase(), path, { token: zoe.token }), path, verb);
    check(await call(system, 'GET', '/.well-known/jwks.json'), '/.well-known/jwks.json', 'get');
    check(await call(system, 'GET', '/.well-known/conse'), '/.well-known/conse', 'get');
    check(await call(system, 'GET', '/events/01a204b8-c493-744e-8dfd-817a593ee278'), '/events/{event_id}', 'get'); // events is away
});

// The patterns of the description against what they stand for.
const patternOf = (type, field) => new RegExp(api.components.schemas[type].properties[field].pattern, 'u');

test('numbers in strings: their patterns are exact', () => {
    const score = patternOf('events.ScoreRequest', 'score');
    for (let n = 0; n < 2000; n++) for (const text of [`${n}`, `0${n}`, `00${n}`]) assert.equal(score.test(text), n <= 255, text);
    for (const text of ['', '-1', '1.0', '1e1', ' 1', '1 ', '0x1', '1\n']) assert.ok(!score.test(text), JSON.stringify(text));
    const max = patternOf('events.CreateEventRequest', 'max_players');
    for (let n = 0; n < 2000; n++) assert.equal(max.test(`${n}`), n >= 1 && n <= 100, String(n));
    const from = new RegExp(api.paths['/events/{event_id}/log'].get.parameters.find((parameter) => parameter.name === 'from').schema.pattern, 'u');
    for (const [text, good] of [['0', true], ['18446744073709551615', true], ['18446744073709551616', false], ['9'.repeat(19), true], ['2' + '0'.repeat(19), false], ['1' + '0'.repeat(20), false]])
        assert.equal(from.test(text), good, text);
});

// Tokens of API keys: some methods refuse them all, and those that read only may but read.
test('403 is described wherever a token may be too little', () => {
    for (const [path, verbs] of Object.entries(api.paths)) for (const [verb, operation] of Object.entries(verbs))
        if (verb !== 'get' && operation.security.some((way) => way.bearer)) assert.ok(operation.responses['403'], `${verb} ${path}`);
    for (const path of ['/auth/sessions', '/auth/api-keys', '/auth/blocks']) assert.ok(api.paths[path].get.responses['403'], path);
    assert.ok(!api.paths['/auth/me'].get.responses['403']);
});

test('durations: their patterns know their longest', () => {
    const timer = patternOf('events.OpenPhaseRequest', 'timer');
    const wait = new RegExp(api.paths['/events/{event_id}/log'].get.parameters.find((parameter) => parameter.name === 'wait').schema.pattern, 'u');
    for (const text of ['0s', '90s', '3.5s', '604799.999999999s', '604800s', '604800.000s', '0604800s', '-0s']) assert.ok(timer.test(text), text);
    for (const text of ['604800.1s', '604801s', '-1s', '1', 's', '.5s', '1.s', '1.0000000000s', '1 s']) assert.ok(!timer.test(text), text);
    for (const text of ['-1s', '315576000000s', '315576000000.5s']) assert.ok(wait.test(text), text);
    assert.ok(!wait.test('315576000001s'));
});

test('wall times: their pattern knows the days of months and leap years', () => {
    const local = patternOf('events.LocalTime.Input', 'local');
    const two = (n) => String(n).padStart(2, '0');
    for (const year of [1969, 1970, 1972, 1999, 2000, 2026, 2028, 2100, 2400, 2800, 9996, 9999])
        for (let month = 0; month <= 13; month++)
            for (let day = 0; day <= 32; day++) {
                const date = new Date(Date.UTC(year, month - 1, day));
                const good = year >= 1970 && month >= 1 && month <= 12 && day >= 1 && date.getUTCDate() === day;
                assert.equal(local.test(`${year}-${two(month)}-${two(day)}T12:30:00`), good, `${year}-${month}-${day}`);
            }
    for (const time of ['24:00:00', '12:60:00', '12:00:60', '1:00:00', '12:00']) assert.ok(!local.test(`2026-12-01T${time}`), time);
});

test('base64: its pattern takes both alphabets, padded or not, of the right length', () => {
    const nonce = patternOf('events.ReserveRequest', 'nonce');
    for (let i = 0; i < 200; i++) {
        const bytes = crypto.randomBytes(32);
        for (const text of [bytes.toString('base64'), bytes.toString('base64').replace('=', ''), bytes.toString('base64url'), `${bytes.toString('base64url')}=`]) assert.ok(nonce.test(text), text);
        assert.ok(!nonce.test(crypto.randomBytes(31).toString('base64')));
        assert.ok(!nonce.test(crypto.randomBytes(33).toString('base64')));
    }
    assert.ok(nonce.test('')); // it need not be given
});

test('texts have no control characters, ids may have upper case', () => {
    const name = patternOf('events.CreateGroupRequest', 'name'), description = patternOf('events.CreateGroupRequest', 'description');
    for (let point = 0; point < 0x3000; point++) {
        const text = `a${String.fromCodePoint(point)}b`;
        const control = point < 0x20 || (point >= 0x7f && point < 0xa0) || point === 0x2028 || point === 0x2029 || (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
        assert.equal(name.test(text), !control, point.toString(16));
        assert.equal(description.test(text), !control || [9, 10, 13].includes(point), point.toString(16));
    }
    const group = patternOf('events.CreateEventRequest', 'group_id');
    assert.ok(group.test('01890000-0000-7000-8000-00000000000A') && !group.test(''));
    const target = patternOf('events.UseAbilityRequest', 'target_id');
    assert.ok(target.test('') && target.test('01890000-0000-7000-8000-00000000000a') && !target.test('x'));
});
