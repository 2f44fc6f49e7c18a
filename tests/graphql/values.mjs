// Literals, and variables in their places.
import { getNamedType, getNullableType, isEnumType, isInputObjectType, isListType, isNonNullType, isRequiredInputField } from 'graphql';

const STRINGS = ['""', '"a"', '"on"', '"h\\u00e9\\u{1F600}\\uD83D\\uDE00\\n\\\\ \\" \\/"', '"é😀 # no comment"', '"\\u0000\\u0085\\u007f"', '""""""',
  '"""block"""', '"""\n    two\n      lines \\""" here\n\n  less\n  """', '"""ends with quote\\""""""', '"""\\"""', '""" a "b" \\ """', '"""\r\n\ttab\r  cr\n"""',
  '"""ends in a slash\\\n"""', `"${'long '.repeat(20)}"`, `"""${'long é '.repeat(12)}"""`, '"\t\u0001\u009f\ufeff"'];
const INTS = ['0', '-0', '7', '-1', '2147483647', '2147483648', '-2147483648', '-2147483649', '99999999999999999999'];
const FLOATS = ['0.5', '-1.25e10', '3E-7', '0e0', '1e999'];

export class Values {
  constructor(source, scope) {
    this.source = source; // of choices
    this.scope = scope; // {variables: Map of type to name, used: Set, strange: share of what is wrong}
  }

  any(depth) {
    const { pick, below, chance, times } = this.source;
    if (depth > 0 && chance(0.25)) return `[${times(below(3), () => this.any(depth - 1)).join(', ')}]`;
    if (depth > 0 && chance(0.25)) return `{${times(below(3), (i) => `${pick(['a', 'b', 'c'])}${i}: ${this.any(depth - 1)}`).join(', ')}}`;
    if (chance(0.1)) return this.variable(pick(['String', '[[Int]]', 'ID!', 'DateTime']));
    return pick([pick(STRINGS), pick(INTS), pick(FLOATS), 'true', 'null', 'OPEN', 'on', 'fragment']);
  }

  variable(type) {
    const { variables, used } = this.scope;
    if (!variables.has(type)) variables.set(type, `v${variables.size}`);
    used.add(type);
    return `$${variables.get(type)}`;
  }

  // A variable of the type, or of one that is stricter or looser.
  variableFor(type) {
    const { chance } = this.source;
    const text = String(type);
    if (chance(0.2) && !text.endsWith('!')) return this.variable(`${text}!`);
    if (chance(this.scope.strange) && text.endsWith('!')) return this.variable(text.slice(0, -1));
    return this.variable(text);
  }

  scalar(name) {
    const { pick, chance } = this.source;
    switch (name) {
      case 'String': return pick(STRINGS);
      case 'ID': return chance(0.7) ? pick(STRINGS) : pick(INTS);
      case 'Int': return pick(chance(0.9) ? INTS.slice(0, 5) : INTS);
      case 'Float': return chance(0.7) ? pick(FLOATS) : pick(INTS);
      case 'Boolean': return pick(['true', 'false']);
      default: return this.any(2);
    }
  }

  object(type, depth) {
    const { chance, pick } = this.source;
    const fields = Object.values(type.getFields());
    const strange = () => chance(this.scope.strange);
    if (type.isOneOf && !strange()) {
      const only = pick(fields.slice(0, depth > 0 ? undefined : 2));
      return `{${only.name}: ${this.present(only.type, depth - 1)}}`;
    }
    const given = fields.filter((field) => (isRequiredInputField(field) ? !strange() : depth > 0 && chance(0.3)));
    const texts = given.map((field) => `${field.name}: ${this.of(field.type, depth - 1)}`);
    if (strange()) texts.push(`odd: ${this.any(1)}`);
    if (strange() && texts.length) texts.push(texts[0]);
    return `{${texts.join(', ')}}`;
  }

  // Not null.
  present(type, depth) {
    const bare = getNullableType(type);
    const { below, times, chance, pick } = this.source;
    if (chance(this.scope.strange)) return this.any(2);
    if (isListType(bare)) {
      if (chance(0.2)) return this.of(bare.ofType, depth);
      return `[${times(below(4), () => this.of(bare.ofType, depth)).join(', ')}]`;
    }
    const named = getNamedType(bare);
    if (isEnumType(named)) return pick(named.getValues()).name;
    return isInputObjectType(named) ? this.object(named, depth) : this.scalar(named.name);
  }

  of(type, depth) {
    const { chance } = this.source;
    if (this.scope.variables && chance(0.25)) return this.variableFor(type);
    if (!isNonNullType(type) && chance(0.1)) return 'null';
    return this.present(type, depth);
  }
}
