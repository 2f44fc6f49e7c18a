// GraphQL through HTTP, and what a REST reply is in its words.
import { buildSchema, getNamedType, isCompositeType, isEnumType, isListType, isNonNullType, isObjectType } from 'graphql';
import { call, ok } from './people.mjs';

// One operation; the whole reply, as of call.
export const ask = (system, query, { token, variables, headers, ...more } = {}) =>
    call(system, 'POST', '/graphql', { token, headers, body: { query, variables, ...more } });

// As ask, but errors throw.
export async function data(system, query, options) {
    const { status, body } = await ask(system, query, options);
    if (status !== 200 || body.errors) throw new Error(`${status} ${JSON.stringify(body.errors ?? body)} to ${query}`);
    return body.data;
}

export const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

// Fields of the type that are no questions of their own: those that the REST object has. Deeper ones too.
export function selectionOf(type, isShown, depth = 6) {
    const fields = Object.values(type.getFields()).filter((field) => field.args.length === 0 && isShown(type, field));
    const parts = fields.map((field) => {
        const inner = getNamedType(field.type);
        if (!isCompositeType(inner)) return field.name;
        if (!isObjectType(inner) || depth === 0) return '';
        const below = selectionOf(inner, isShown, depth - 1);
        return below && `${field.name} ${below}`;
    });
    const whole = parts.filter(Boolean).join(' ');
    return whole && `{ ${whole} }`;
}

// The REST value as GraphQL tells it, for a selection that was made of the type.
export function told(value, type, isShown) {
    if (isNonNullType(type)) return told(value, type.ofType, isShown);
    if (value === undefined || value === null) return null;
    if (isListType(type)) return value.map((item) => told(item, type.ofType, isShown));
    if (isEnumType(type)) return value.endsWith('_UNSPECIFIED') ? null : value;
    if (!isObjectType(type)) return value;
    const fields = Object.values(type.getFields()).filter((field) => field.args.length === 0 && isShown(type, field));
    return Object.fromEntries(fields.map((field) => [field.name, told(value[snake(field.name)], field.type, isShown)]));
}

// What REST and GraphQL both show: select(name) is all of it of a type, tell(value, name) the REST value in GraphQL's words. What only a
// link gives is not in a REST reply: it is described as the method that it asks.
export async function bothFaces(system) {
    const schema = buildSchema(await fetch(`${system.url}/graphql/schema.graphql`).then((reply) => reply.text()));
    const { paths } = await ok(system, 'GET', '/openapi.json');
    const methods = new Set(Object.values(paths).flatMap((verbs) => Object.values(verbs).map(({ summary }) => summary)));
    const isShown = (type, field) => !methods.has(field.description), typeOf = (name) => schema.getType(name);
    return { schema, isShown, typeOf, select: (name) => selectionOf(typeOf(name), isShown), tell: (value, name) => told(value, typeOf(name), isShown) };
}
