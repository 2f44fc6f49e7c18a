// What the reference implementation says, and which answers of ours agree with it.
import { GraphQLError, isExecutableDefinitionNode, NoFragmentCyclesRule, parse, print, validate } from 'graphql';
import { ofFields, ofText, whileReading } from './limits.mjs';

const decode = (bytes) => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

const tries = (work) => {
  try {
    return work();
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    if (error instanceof RangeError) return undefined; // its stack was too small
    throw error;
  }
};

// true, false, or undefined when it gave up.
const isValid = (schema, document) => {
  const errors = tries(() => validate(schema, document));
  if (errors === undefined || errors instanceof GraphQLError) return errors && false;
  const told = errors.filter(({ message }) => !message.includes('aborted'));
  if (told.length > 0) return false;
  return errors.length > 0 ? undefined : true;
};

const hasCycle = (schema, document) => (tries(() => validate(schema, document, [NoFragmentCyclesRule])) ?? [1]).length !== 0;

const readable = (bytes, limits, text) => {
  if (bytes.length > limits.bytes) return { reasons: ['GRAPHQL_TOO_LONG'] };
  if (text === undefined || text.includes('\0')) return { reasons: ['GRAPHQL_SYNTAX'] };
  return undefined;
};

// {reasons}: refused, for one of these. {printed}: accepted. undefined: it has no verdict.
export const expected = (bytes, schema, limits) => {
  const text = decode(bytes);
  const unread = readable(bytes, limits, text);
  if (unread) return unread;
  const reading = whileReading(text, limits);
  const document = tries(() => parse(text));
  if (document === undefined) return undefined;
  if (document instanceof GraphQLError || !document.definitions.every(isExecutableDefinitionNode)) return { reasons: ['GRAPHQL_SYNTAX', ...reading] };
  if (reading.length > 0) return { reasons: reading };
  const limit = ofText(document, limits);
  if (limit) return { reasons: [limit] };
  const valid = isValid(schema, document);
  if (valid === undefined) return undefined;
  const fields = valid || !hasCycle(schema, document) ? tries(() => ofFields(document, limits)) : undefined;
  if (valid) return fields ? { reasons: [fields] } : { printed: print(document) };
  return { reasons: ['GRAPHQL_INVALID', ...(fields ? [fields] : [])] };
};
