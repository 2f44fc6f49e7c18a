// Every field of every request, as the specification has it, given wrongly: missing, of another type, too long, with
// control characters, out of its range, unknown. The answer is 400 and names the field, whatever the state and whoever
// owns the object.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LIMITS } from './parts/games.mjs';
import { call, logIn, signUpAs } from './parts/people.mjs';
import { EVERY_SERVICE, startSystem } from './parts/system.mjs';

const ID = '01890000-0000-7000-8000-00000000abcd';
let system, dev, spec;

before(async () => {
    system = await startSystem({ services: EVERY_SERVICE, env: LIMITS });
    dev = await signUpAs(system, 'careful', 'dev');
    spec = await (await fetch(`${system.url}/openapi.json`)).json();
});

after(() => system?.stop());

const resolve = (schema) => (schema.$ref ? resolve(schema.$ref.slice(2).split('/').reduce((at, key) => at[key], spec)) : schema);
const typeOf = (schema) => [schema.type].flat().find((type) => type !== 'null');

// Something that the schema allows.
function sample(given) {
    const schema = resolve(given);
    if (schema.examples) return schema.examples[0];
    if (schema.enum) return schema.enum[0];
    switch (typeOf(schema)) {
    case 'boolean': return true;
    case 'integer': return schema.minimum ?? 1;
    case 'array': return [sample(schema.items)];
    case 'object': return sampleObject(schema);
    default: return sampleText(schema);
    }
}

function sampleText({ pattern, format, contentEncoding, minLength = 1, maxLength = 256 }) {
    if (contentEncoding) return Buffer.alloc(32).toString('base64');
    if (format === 'date-time') return '2030-01-01T00:00:00Z';
    const forms = [ID, `${ID}.table`, '+989121234567', '2030-01-01T20:00:00', 'UTC', '11111111111111111111111111111111', '1', 'a-name', '9s', 'x'.repeat(minLength)];
    const fits = forms.find((text) => text.length >= minLength && text.length <= maxLength && new RegExp(pattern ?? '', 'u').test(text));
    assert.ok(fits, `no sample of ${pattern}`);
    return fits;
}

const sampleObject = (schema) => Object.fromEntries((schema.required ?? []).map((name) => [name, sample(schema.properties[name])]));

// [what is wrong, the value] of one field; undefined leaves it out.
function wrongs(name, given, required) {
    const schema = resolve(given);
    const type = typeOf(schema);
    const all = [];
    if (required) all.push(['missing', undefined]);
    all.push(['of another type', type === 'object' || type === 'array' ? 'x' : { a: 1 }]);
    if (schema.enum) all.push(['no such word', 'NO_SUCH_WORD']);
    if (schema.maxLength && !schema.contentEncoding) all.push(['one character too long', (schema.maxLength > 1000 ? 'x' : 'م').repeat(schema.maxLength + 1)]);
    if (type === 'string' && !schema.enum && !schema.contentEncoding && schema.format !== 'date-time') all.push(['with a control character', 'a\u0007b']);
    if (type === 'integer' && schema.maximum !== undefined) all.push(['too large', Number.isSafeInteger(schema.maximum) ? schema.maximum + 1 : '9'.repeat(20)]);
    if (type === 'integer' && schema.minimum !== undefined) all.push(['too small', schema.minimum - 1]);
    if (type === 'array' && schema.maxItems) all.push(['too many', Array.from({ length: schema.maxItems + 1 }, () => sample(schema.items))]);
    return all.map(([what, value]) => ({ name, what, value }));
}

// GraphQL says in its own form what is wrong: graphql_http.test.mjs.
const OWN_FORM = ['/graphql'];

function operations() {
    const all = [];
    for (const [path, verbs] of Object.entries(spec.paths).filter(([path]) => !OWN_FORM.includes(path)))
        for (const [verb, operation] of Object.entries(verbs)) {
            const parameters = (operation.parameters ?? []).map(resolve);
            const body = operation.requestBody?.content?.['application/json']?.schema;
            all.push({ verb: verb.toUpperCase(), path, parameters, body: body && resolve(body) });
        }
    return all;
}

// A path with an id in each place, and what each place is called.
const filled = ({ path, parameters }, wrong) =>
    path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(wrong?.name === name ? wrong.value : sample(parameters.find((p) => p.in === 'path' && p.name === name).schema)));

const fieldOf = (reply) => reply.body.errors?.[0]?.field ?? '';
const isOf = (field, name) => field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`);

async function judge(found, operation, wrong, reply) {
    const named = isOf(fieldOf(reply), wrong.name);
    if (reply.status !== 400 || !named)
        found.push(`${operation.verb} ${operation.path}: ${wrong.name} ${wrong.what}: ${reply.status} ${reply.body.code} ${fieldOf(reply)}`);
}

test('every field of every body', async () => {
    const found = [];
    let tried = 0;
    for (const operation of operations().filter(({ body }) => body)) {
        const good = sampleObject(operation.body);
        const fields = Object.entries(operation.body.properties ?? {});
        const cases = fields.flatMap(([name, schema]) => wrongs(name, schema, (operation.body.required ?? []).includes(name)));
        for (const wrong of [...cases, { name: 'no_such_field', what: 'unknown', value: 1 }]) {
            const body = { ...good, [wrong.name]: wrong.value };
            await judge(found, operation, wrong, await call(system, operation.verb, filled(operation), { token: dev.token, body }));
            tried++;
        }
    }
    assert.deepEqual(found, []);
    assert.ok(tried > 300, `${tried} cases`);
});

// Longest as characters, whatever bytes they have. Whether the request is then accepted depends on more than its length.
test('the longest text of every field is not too long', async () => {
    const found = [];
    let wordy = await signUpAs(system, 'wordy', 'dev');
    let tried = 0;
    for (const operation of operations()) {
        const body = operation.body && sampleObject(operation.body);
        const inBody = Object.entries(operation.body?.properties ?? {}).map(([name, schema]) => ({ name, schema }));
        const inQuery = operation.parameters.filter((p) => p.in === 'query').map((p) => ({ ...p, query: true }));
        for (const { name, schema, query } of [...inBody, ...inQuery])
            for (const letter of ['م', '🐺']) {
                const { maxLength, pattern, contentEncoding } = resolve(schema);
                if (!maxLength || contentEncoding || !new RegExp(pattern ?? '', 'u').test(letter.repeat(maxLength))) continue;
                const value = letter.repeat(maxLength), wrong = { name, what: `${maxLength} of ${letter}` };
                const path = query ? `${filled(operation)}?${new URLSearchParams({ [name]: value })}` : filled(operation);
                const reply = await call(system, operation.verb, path, { token: wordy.token, body: query ? body : { ...body, [name]: value } });
                if (path === '/auth/logout') wordy = await logIn(system, 'wordy');
                assert.ok(reply.status !== 401 || path.startsWith('/auth/'), `${operation.verb} ${path}: ${reply.body.code}`);
                if (reply.status >= 500 || (reply.status === 400 && isOf(fieldOf(reply), name) && /characters|bytes/.test(reply.body.detail)))
                    found.push(`${operation.verb} ${operation.path}: ${wrong.name} ${wrong.what}: ${reply.status} ${reply.body.detail}`);
                tried++;
            }
    }
    assert.deepEqual(found, []);
    assert.ok(tried > 100, `${tried} cases`);
});

test('every parameter of every query and path', async () => {
    const found = [];
    let tried = 0;
    for (const operation of operations()) {
        const body = operation.body && sampleObject(operation.body);
        for (const parameter of operation.parameters.filter((p) => p.in === 'query')) {
            const texts = wrongs(parameter.name, parameter.schema, parameter.required).filter(({ value }) => typeof value === 'string' || typeof value === 'number');
            for (const wrong of texts) {
                const needed = Object.fromEntries(operation.parameters.filter((p) => p.in === 'query' && p.required).map((p) => [p.name, sample(p.schema)]));
                const query = new URLSearchParams({ ...needed, [wrong.name]: wrong.value });
                await judge(found, operation, wrong, await call(system, operation.verb, `${filled(operation)}?${query}`, { token: dev.token, body }));
                tried++;
            }
        }
        for (const parameter of operation.parameters.filter((p) => p.in === 'path')) {
            const wrong = { name: parameter.name, what: 'no id', value: 'a\u0007b' };
            await judge(found, operation, wrong, await call(system, operation.verb, filled(operation, wrong), { token: dev.token, body }));
            tried++;
        }
    }
    assert.deepEqual(found, []);
    assert.ok(tried > 100, `${tried} cases`);
});
