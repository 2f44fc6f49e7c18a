// Documents: from the schema by the grammar, some with faults; mutations of those; noise.
import { doTypesOverlap, getNamedType, isCompositeType, isRequiredArgument, isUnionType, Lexer, Source, TokenKind, typeFromAST, parseType } from 'graphql';
import { Values } from './values.mjs';

const ALIASES = ['x', 'y', 'name', 'id', 'count', 'state'];
const DESCRIPTIONS = ['"says"', '"""says\n  more"""', '""'];

// One document by the grammar. `strange` is the share of choices that are wrong on purpose.
class Grammar {
  constructor(source, schema, strange) {
    Object.assign(this, { source, schema, strange });
    this.variables = new Map();
    this.composite = Object.values(schema.getTypeMap()).filter((type) => isCompositeType(type) && !type.name.startsWith('__'));
    this.count = source.chance(0.5) ? 0 : 1 + source.below(5);
    this.conditions = source.times(this.count, () => source.pick(this.composite));
  }

  odd() {
    return this.source.chance(this.strange);
  }

  // What a definition uses.
  begin() {
    this.used = new Set();
    this.spread = new Set();
    this.values = new Values(this.source, { variables: this.variables, used: this.used, strange: this.strange });
  }

  directives() {
    const { chance, pick } = this.source;
    let text = '';
    while (chance(0.08)) {
      const name = this.odd() ? pick(['nope', 'deprecated', 'oneOf', 'include']) : pick(['include', 'skip']);
      text += ` @${name}${this.odd() ? '' : `(if: ${this.values.of(typeFromAST(this.schema, parseType('Boolean!')), 0)})`}`;
    }
    return text;
  }

  args(field) {
    const { chance } = this.source;
    const given = field.args.filter((arg) => (isRequiredArgument(arg) ? !this.odd() : chance(0.3)));
    const texts = given.map((arg) => `${arg.name}: ${this.values.of(arg.type, 2)}`);
    if (this.odd()) texts.push(`odd: ${this.values.any(1)}`);
    if (texts.length && this.odd()) texts.push(texts[0]);
    return texts.length ? `(${texts.join(', ')})` : '';
  }

  field(type, depth) {
    const { chance, pick } = this.source;
    const fields = isUnionType(type) ? [] : Object.values(type.getFields()).filter((field) => depth > 0 || !isCompositeType(getNamedType(field.type)));
    const alias = chance(0.08) ? `${pick(ALIASES)}: ` : '';
    if (this.odd()) return `${alias}${pick(['nope', '__schema', '__type', 'cursor'])}`;
    if (fields.length === 0 || chance(0.05)) return `${alias}__typename${this.directives()}`;
    const field = pick(fields);
    const inner = isCompositeType(getNamedType(field.type)) !== this.odd() ? ` ${this.selections(getNamedType(field.type), depth - 1)}` : '';
    return `${alias}${field.name}${this.args(field)}${this.directives()}${inner}`;
  }

  inline(type, depth) {
    const { chance, pick } = this.source;
    if (chance(0.2)) return `...${this.directives()} ${this.selections(type, depth)}`;
    const fits = this.composite.filter((other) => doTypesOverlap(this.schema, other, type) || this.odd());
    if (this.odd()) return `... on ${pick(['Nope', 'State', 'Filter', 'Int'])} { x }`;
    const on = fits.length ? pick(fits) : type;
    return `... on ${on.name}${this.directives()} ${this.selections(on, depth)}`;
  }

  spreadOf(type) {
    const fits = this.conditions.map((on, i) => [on, i]).filter(([on, i]) => (i > this.index || this.odd()) && (doTypesOverlap(this.schema, on, type) || this.odd()));
    if (this.odd()) return '...Nope';
    if (fits.length === 0) return '__typename';
    const i = this.source.pick(fits)[1];
    this.spread.add(i);
    return `...F${i}${this.directives()}`;
  }

  selections(type, depth) {
    const { below, chance, times } = this.source;
    if (!isCompositeType(type)) return '{ x }';
    const texts = times(1 + below(depth > 1 ? 4 : 3), () => {
      if (depth > 0 && chance(0.12)) return this.inline(type, depth - 1);
      return chance(0.18) ? this.spreadOf(type) : this.field(type, depth);
    });
    return `{ ${texts.join(' ')} }`;
  }

  description() {
    return this.source.chance(0.04) ? `${this.source.pick(DESCRIPTIONS)} ` : '';
  }

  fragment(index) {
    this.begin();
    this.index = index;
    const body = this.selections(this.conditions[index], 2);
    const text = `${this.description()}fragment F${this.odd() ? 0 : index} on ${this.conditions[index].name}${this.odd() ? this.directives() : ''} ${body}`;
    return { text, used: this.used, spread: this.spread };
  }

  operation(fragments, named) {
    const { pick, chance } = this.source;
    this.begin();
    this.index = -1;
    const kind = pick(['query', 'query', 'query', 'mutation', 'subscription']);
    const root = { query: this.schema.getQueryType(), mutation: this.schema.getMutationType(), subscription: this.schema.getSubscriptionType() }[kind];
    const one = kind === 'subscription' && !this.odd();
    const body = one ? `{ ${chance(0.2) ? this.inline(root, 2) : this.field(root, 3)} }` : this.introspection(kind) ?? this.selections(root, 3);
    const reached = this.reach(fragments);
    const types = new Set([this.used, ...[...reached].map((i) => fragments[i].used)].flatMap((set) => [...set]));
    const declared = [...types].filter(() => !this.odd()).map((type) => this.declare(type));
    if (this.odd()) declared.push('$extra: Int');
    if (declared.length && this.odd()) declared.push(declared[0]);
    const head = `${this.description()}${kind}${named ? ` ${this.odd() ? 'A' : named}` : ''}${declared.length ? `(${declared.join(', ')})` : ''}`;
    const short = kind === 'query' && !named && declared.length === 0 && chance(0.7);
    return { text: short ? body : `${head}${this.odd() ? this.directives() : ''} ${body}`, reached };
  }

  introspection(kind) {
    const { chance, pick } = this.source;
    if (kind !== 'query' || !chance(0.06)) return undefined;
    const nest = (depth) => (depth === 0 ? 'name' : `${pick(['fields { name type', 'ofType', 'possibleTypes', 'inputFields { name type', 'interfaces', 'fields { type'])} { ${nest(depth - 1)} }`);
    const close = (text) => text + ' }'.repeat((text.match(/{/g) ?? []).length - (text.match(/}/g) ?? []).length);
    const inner = close(nest(this.source.below(5)));
    return pick([`{ __schema { types { ${inner} } } }`, `{ __type(name: "Event") { ${inner} x: name } }`, `{ __schema { queryType { name } } a: __schema { types { kind } } }`]);
  }

  declare(type) {
    const { chance, pick } = this.source;
    const shown = this.odd() ? pick(['Int', 'String!', '[Int]', 'Event', 'Nope', '[[String!]!]']) : type;
    const known = typeFromAST(this.schema, parseType(shown));
    const plain = new Values(this.source, { strange: this.strange, variables: undefined });
    plain.variable = () => '1';
    const preset = chance(0.2) && known && !isCompositeType(getNamedType(known)) ? ` = ${plain.of(known, 1)}` : '';
    return `${this.description()}$${this.variables.get(type)}: ${shown}${preset}`;
  }

  reach(fragments) {
    const reached = new Set(this.spread);
    for (const i of reached) fragments[i]?.spread.forEach((j) => reached.add(j));
    return reached;
  }

  document() {
    const fragments = this.source.times(this.count, (i) => this.fragment(i));
    const count = this.source.chance(0.85) ? 1 : 2 + this.source.below(2);
    const operations = this.source.times(count, (i) => this.operation(fragments, count > 1 || this.source.chance(0.5) ? 'ABC'[i] : ''));
    const used = new Set(operations.flatMap((operation) => [...operation.reached]));
    const kept = fragments.filter((_, i) => used.has(i) || this.odd());
    const all = [...operations, ...kept].map(({ text }) => text);
    return (this.source.chance(0.2) ? all.reverse() : all).join(' ');
  }
}

const tokensOf = (text) => {
  const lexer = new Lexer(new Source(text));
  const tokens = [];
  try {
    while (lexer.advance().kind !== TokenKind.EOF) tokens.push(text.slice(lexer.token.start, lexer.token.end));
  } catch {
    tokens.push(text.slice(lexer.token.end));
  }
  return tokens;
};

const BETWEEN = [' ', ' ', '\n', '\r\n', '\r', ',', '\t', ' # a comment "é\n', '\ufeff', '  '];
const space = (source, tokens) => tokens.map((token) => token + (source.chance(0.9) ? ' ' : source.pick(BETWEEN))).join('');

const STRAY = ['{', '}', '(', ')', '[', ']', ':', '!', '$', '@', '...', '=', '|', '&', 'on', 'fragment', 'query', 'null', 'true', '"', '"""', '0', '01', '1.', '-', '1.5e', '..', '😀', "'",
  'type A { a: Int }', 'extend', 'x', '__typename', '"\\u{110000}"', '"\\uD800"', '"\\u{0}"', '"\\u{00000041}"', '"\\u{000000041}"', '#'];

const mutate = (source, text) => {
  const tokens = tokensOf(text);
  source.times(1 + source.below(3), () => {
    const at = source.below(tokens.length);
    const other = source.below(tokens.length);
    switch (source.below(4)) {
      case 0: tokens.splice(at, 1); break;
      case 1: tokens.splice(at, 0, tokens[other]); break;
      case 2: [tokens[at], tokens[other]] = [tokens[other], tokens[at]]; break;
      default: tokens.splice(at, source.below(2), source.pick(STRAY));
    }
  });
  return space(source, tokens);
};

// Bytes, so that what is no UTF-8 comes too.
const noise = (source, text) => {
  const bytes = [...Buffer.from(text)];
  source.times(1 + source.below(3), () => {
    const at = source.below(bytes.length + 1);
    switch (source.below(3)) {
      case 0: bytes.splice(at, 1 + source.below(4)); break;
      case 1: bytes.splice(at, 0, source.chance(0.8) ? 0x20 + source.below(0x5f) : source.below(256)); break;
      default: bytes[at] = source.chance(0.8) ? 0x20 + source.below(0x5f) : source.below(256);
    }
  });
  return Buffer.from(bytes);
};

// What passes a limit, or nearly.
const large = (source) => {
  const near = (most) => most - 2 + source.below(4);
  const many = (count, make) => source.times(count, make).join(' ');
  const deep = (count, open, inner, close) => open.repeat(count) + inner + close.repeat(count);
  return source.pick([
    () => `{ ${many(near(31), (i) => `a${i}: __typename`)} }`,
    () => `{ ${many(near(500), () => '__typename __typename')} }`,
    () => `{ ${many(near(51), (i) => `pet @include(if: true) { ... on Event { c${i % 3 ? '' : 'o'}: name } }`)} }`,
    () => `{ self { ${many(near(51), () => '__typename @skip(if: false)')} } }`,
    () => `{ self { ${many(near(51), (i) => `...F${i}`)} } } ${many(near(51), (i) => `fragment F${i} on Query { __typename }`)}`,
    () => many(near(21), (i) => `query Q${i} { __typename }`),
    () => `{ ${many(near(21), () => '__typename')} }`,
    () => `{ ${deep(near(11), 'self { ', '__typename ', '} ')} }`,
    () => `{ self { ...F0 } } ${many(9, (i) => `fragment F${i} on Query { self { ...F${i + 1} } }`)} fragment F9 on Query { __typename }`,
    () => `{ __type(name: "A") { ${deep(near(15), 'ofType { ', 'name ', '} ')} } }`,
    () => `{ ${deep(near(48), '... { ', '__typename ', '} ')} }`,
    () => `{ flag(number: ${deep(near(47), '[', '', ']')}) }`,
    () => `query ($v: ${deep(near(48), '[', 'Int', ']')}) { flag(number: {a: $v}) }`,
    () => `{ ${many(4, (i) => `...F${i}`)} } ${many(5, (i) => `fragment F${i} on Query { ${i < 4 ? `self { ...F${i + 1} } self { ...F${i + 1} } ` : many(near(100), () => '__typename')} }`)}`,
    () => `{ __schema { ${many(near(2), () => '')} description } ${source.chance(0.5) ? '__schema { description }' : ''} }`,
    () => `{ __typename #${'x'.repeat(16384 - 17 + source.below(4))}\n}`,
  ])();
};

export const documents = (source, schema, count) => {
  const make = () => new Grammar(source, schema, source.pick([0, 0, 0, 0.01, 0.05])).document();
  return source.times(count, () => {
    const kind = source.below(100);
    if (kind < 4) return Buffer.from(large(source));
    if (kind < 62) return Buffer.from(source.chance(0.3) ? space(source, tokensOf(make())) : make());
    if (kind < 90) return Buffer.from(mutate(source, make()));
    return noise(source, make());
  });
};
