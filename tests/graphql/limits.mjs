// Our limits, counted a second time, over the reference implementation's own tokens and nodes.
import { Kind, Lexer, Source, TokenKind, visit } from 'graphql';

const UNBOUND = 1 << 20;
export const OPEN = { bytes: 16384, tokens: 1000, nesting: 48, aliases: 30, directives: 50, fragments: 50, operations: 20, depth: 10, schemaDepth: 16, roots: 20, schemas: 1, fields: 2000 };
export const LIFTED = { ...OPEN, bytes: UNBOUND, tokens: UNBOUND, nesting: 200, aliases: UNBOUND, directives: UNBOUND, fragments: UNBOUND, operations: UNBOUND, depth: UNBOUND, schemaDepth: UNBOUND, roots: UNBOUND, schemas: UNBOUND, fields: 200000 };

// What is met before any node is made: both may be passed, then either may be told.
export const whileReading = (text, limits) => {
  if (Buffer.byteLength(text) > limits.bytes) return ['GRAPHQL_TOO_LONG'];
  const lexer = new Lexer(new Source(text));
  let tokens = 0;
  let depth = 0;
  let deepest = 0;
  try {
    while (lexer.advance().kind !== TokenKind.EOF) {
      tokens += 1;
      if (lexer.token.kind === TokenKind.BRACE_L || lexer.token.kind === TokenKind.BRACKET_L) depth += 1;
      if (lexer.token.kind === TokenKind.BRACE_R || lexer.token.kind === TokenKind.BRACKET_R) depth -= 1;
      deepest = Math.max(deepest, depth);
    }
  } catch {
    // What stands before the bad character counts.
  }
  return [...(tokens > limits.tokens ? ['GRAPHQL_TOO_MANY_TOKENS'] : []), ...(deepest > limits.nesting ? ['GRAPHQL_TOO_DEEP'] : [])];
};

export const ofText = (document, limits) => {
  const counts = { aliases: 0, directives: 0 };
  visit(document, {
    Field: ({ alias }) => { counts.aliases += alias ? 1 : 0; },
    Directive: () => { counts.directives += 1; },
  });
  const of = (kind) => document.definitions.filter((definition) => definition.kind === kind).length;
  if (counts.aliases > limits.aliases) return 'GRAPHQL_TOO_MANY_ALIASES';
  if (counts.directives > limits.directives) return 'GRAPHQL_TOO_MANY_DIRECTIVES';
  if (of(Kind.FRAGMENT_DEFINITION) > limits.fragments) return 'GRAPHQL_TOO_MANY_FRAGMENTS';
  return of(Kind.OPERATION_DEFINITION) > limits.operations ? 'GRAPHQL_TOO_MANY_OPERATIONS' : undefined;
};

// With fragments in their places; of a document whose fragments have no cycle.
export const ofFields = (document, limits) => {
  const fragments = new Map(document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]));
  const known = new Map();
  const measure = (set) => {
    if (known.has(set)) return known.get(set);
    const all = { fields: 0, roots: 0, schemas: 0, plain: 0, schema: 0, any: 0 };
    const join = (part) => {
      for (const sum of ['fields', 'roots', 'schemas']) all[sum] += part[sum];
      for (const most of ['plain', 'schema', 'any']) all[most] = Math.max(all[most], part[most]);
    };
    for (const each of set?.selections ?? []) {
      if (each.kind === Kind.FRAGMENT_SPREAD) join(measure(fragments.get(each.name.value)?.selectionSet));
      if (each.kind === Kind.INLINE_FRAGMENT) join(measure(each.selectionSet));
      if (each.kind !== Kind.FIELD) continue;
      const inner = measure(each.selectionSet);
      const begins = each.name.value === '__schema' || each.name.value === '__type';
      join({
        fields: 1 + inner.fields,
        roots: 1,
        schemas: each.name.value === '__schema' ? 1 : 0,
        plain: begins ? 0 : 1 + inner.plain,
        schema: begins ? 1 + inner.any : inner.schema,
        any: 1 + inner.any,
      });
    }
    known.set(set, all);
    return all;
  };
  let fields = 0;
  for (const operation of document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)) {
    const found = measure(operation.selectionSet);
    fields += found.fields;
    if (found.plain > limits.depth || found.schema > limits.schemaDepth) return 'GRAPHQL_TOO_DEEP';
    if (found.roots > limits.roots || found.schemas > limits.schemas) return 'GRAPHQL_TOO_MANY_ROOTS';
  }
  return fields > limits.fields ? 'GRAPHQL_TOO_WIDE' : undefined;
};
