// What is selected, and in which order it is answered: as the reference implementation does it over the same values.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildSchema, execute, getNamedType, isCompositeType, isObjectType, parse, validate } from 'graphql';
import { ask, selectionOf, told } from './parts/graphql.mjs';
import { as, LIMITS, makeDeck, makeGod, openEvent, seatAll, signUpMany } from './parts/games.mjs';
import { ok } from './parts/people.mjs';
import { startSystem } from './parts/system.mjs';

const DOCUMENTS = 400;
const SEED = Number(process.env.GRAPHQL_SEED ?? 1);
let system;
let schema;
let isShown;
let event; // as GraphQL tells it
let token;

before(async () => {
    system = await startSystem({ env: LIMITS });
    schema = buildSchema(await fetch(`${system.url}/graphql/schema.graphql`).then((reply) => reply.text()));
    const api = await ok(system, 'GET', '/openapi.json');
    const methods = new Set(Object.values(api.paths).flatMap((verbs) => Object.values(verbs).map(({ summary }) => summary)));
    isShown = (type, field) => !methods.has(field.description);
    const god = await makeGod(system, 'gandalf');
    const opened = await openEvent(system, god, await makeDeck(system, god), { max_players: 6 });
    const players = await signUpMany(system, 'player', 4);
    await seatAll(system, opened, players);
    const act = as(system, god, opened);
    await act('POST', '/lock', {});
    await act('POST', '/reveal', {});
    await act('POST', '/phases', { kind: 'NIGHT', timer: '600s' });
    await act('PATCH', `/players/${players[0].id}`, { status: 'SILENT_2_PHASES' });
    token = god.token;
    event = told((await ok(system, 'GET', `/events/${opened.id}`, { token })).event, schema.getType('Event'), isShown);
});

after(() => system?.stop());

// The same sequence for a seed.
function makeDice(seed) {
    let state = seed >>> 0;
    return (most) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * most);
    };
}

// Documents with aliases, fragments in fragments, conditions, and fields that come several times.
class Document {
    constructor(dice) {
        this.dice = dice;
        this.fragments = [];
        this.aliases = 0;
        this.directives = 0;
    }

    condition() {
        if (this.dice(6) || this.directives++ > 40) return '';
        return ` @${this.dice(2) ? 'skip' : 'include'}(if: ${['true', 'false', '$yes', '$no'][this.dice(4)]})`;
    }

    // A type's field has one alias wherever it is, so that fields of one name never differ.
    field(type, depth) {
        const fields = Object.values(type.getFields()).filter((field) => field.args.length === 0 && isShown(type, field) && isObjectOrLeaf(field));
        if (this.dice(12) === 0) return `__typename${this.condition()}`;
        const field = fields[this.dice(fields.length)];
        const alias = this.dice(5) === 0 && this.aliases++ < 25 ? `a_${field.name}: ` : '';
        const inner = getNamedType(field.type);
        if (!isCompositeType(inner)) return `${alias}${field.name}${this.condition()}`;
        if (depth === 0) return '__typename';
        return `${alias}${field.name}${this.condition()} ${this.selections(inner, depth - 1)}`;
    }

    selections(type, depth) {
        const parts = Array.from({ length: 1 + this.dice(4) }, () => this.selection(type, depth));
        return `{ ${parts.join(' ')} }`;
    }

    selection(type, depth) {
        const kind = depth > 0 ? this.dice(10) : 9;
        if (kind === 0) return `... ${this.dice(2) ? `on ${type.name}` : ''}${this.condition()} ${this.selections(type, depth - 1)}`;
        if (kind === 1) return this.spread(type, depth);
        return this.field(type, depth);
    }

    spread(type, depth) {
        const known = this.fragments.filter((fragment) => fragment.type === type && fragment.depth <= depth);
        if (known.length && this.dice(2)) return `...${known[this.dice(known.length)].name}${this.condition()}`;
        if (this.fragments.length > 30) return '__typename';
        const fragment = { name: `F${this.fragments.length}`, type, depth: depth - 1 };
        const text = this.selections(type, depth - 1); // before it is known, so that none has itself
        fragment.name = `F${this.fragments.length}`;
        fragment.text = `fragment ${fragment.name} on ${type.name} ${text}`;
        this.fragments.push(fragment);
        return `...${fragment.name}${this.condition()}`;
    }

    text() {
        const body = this.selections(schema.getType('Event'), 4);
        const use = '__typename @skip(if: $yes) __typename @skip(if: $no)'; // or they would be unused
        return [`query Q($id: ID!, $yes: Boolean! = true, $no: Boolean!) { ${use} event(id: $id) ${body} }`, ...this.fragments.map(({ text }) => text)].join(' ');
    }
}

const isObjectOrLeaf = (field) => !isCompositeType(getNamedType(field.type)) || isObjectType(getNamedType(field.type));

test('random documents are answered as the reference answers them', async () => {
    const variables = { id: event.id, no: false };
    let answered = 0;
    for (let i = 0; i < DOCUMENTS; i++) {
        const query = new Document(makeDice(SEED * 1000003 + i)).text();
        const document = parse(query);
        assert.deepEqual(validate(schema, document).map(String), [], query);
        const { body } = await ask(system, query, { token, variables });
        if (body.errors) { // our limits: too long, too deep, too dear
            assert.match(body.errors[0].extensions.code, /^GRAPHQL_TOO_/, JSON.stringify(body.errors[0]));
            continue;
        }
        const expected = execute({ schema, document, rootValue: { event }, variableValues: variables });
        assert.equal(JSON.stringify(body.data), JSON.stringify(expected.data), query);
        answered++;
    }
    assert.ok(answered > DOCUMENTS / 2, `${answered}`);
});

test('a whole event is answered in the order in which it is asked for', async () => {
    const query = `query($id: ID!) { event(id: $id) ${selectionOf(schema.getType('Event'), isShown)} }`;
    const { body } = await ask(system, query, { token, variables: { id: event.id } });
    const expected = execute({ schema, document: parse(query), rootValue: { event }, variableValues: { id: event.id } });
    assert.equal(JSON.stringify(body.data), JSON.stringify(expected.data));
});
