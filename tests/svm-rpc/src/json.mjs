/** JSON with BigInt written as a plain number, in full, as a node writes u64. */
export function stringify(value) {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return stringify([...value]);
  if (Array.isArray(value)) return `[${value.map((v) => stringify(v === undefined ? null : v)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, v]) => v !== undefined);
  return `{${fields.map(([k, v]) => `${JSON.stringify(k)}:${stringify(v)}`).join(',')}}`;
}
