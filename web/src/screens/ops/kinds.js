// What the catalogue has, and what can be written of each.

/**
 * @typedef {{name: string, kind: 'text' | 'long' | 'number' | 'switch' | 'choice' | 'side', most?: number, persian?: boolean, needed?: boolean, once?: boolean, choices?: string[]}} Piece
 * once: said when it is added, and never changed
 * @typedef {{path: string, list: string, pieces: Piece[]}} Kind
 */

/** @type {Piece[]} */
const NAMES = [{ name: 'name', kind: 'text', most: 64, needed: true }, { name: 'name_fa', kind: 'text', most: 128, persian: true }];
/** @type {Piece[]} */
const EFFECTS = [{ name: 'effect', kind: 'long', most: 1024 }, { name: 'effect_fa', kind: 'long', most: 1024, persian: true }];
/** @type {Piece} */
const SLUG = { name: 'slug', kind: 'text', most: 64, needed: true, once: true };
/** @type {Piece} */
const RATE = { name: 'rate', kind: 'number', most: 255 };

/** @type {Record<string, Kind>} */
export const KINDS = {
    roles: {
        path: '/roles', list: 'roles',
        pieces: [
            SLUG, { name: 'side_id', kind: 'side', needed: true, once: true }, ...NAMES, ...EFFECTS,
            { name: 'copies', kind: 'number', most: 100 }, { name: 'abilities', kind: 'number', most: 100 }, RATE,
            { name: 'wakes', kind: 'choice', choices: ['NEVER', 'FIRST', 'EVERY', 'ODD', 'EVEN', 'EVERY_N', 'ONCE'] },
            { name: 'n', kind: 'number', most: 10 }, { name: 'night_order', kind: 'number', most: 1000 },
            { name: 'prompt', kind: 'long', most: 512 }, { name: 'prompt_fa', kind: 'long', most: 512, persian: true }, { name: 'meets', kind: 'switch' },
        ],
    },
    moves: { path: '/last-moves', list: 'last_moves', pieces: [{ name: 'number', kind: 'number', most: 10_000, needed: true, once: true }, ...NAMES, ...EFFECTS, RATE] },
    sides: { path: '/sides', list: 'sides', pieces: [SLUG, ...NAMES, { name: 'meets', kind: 'switch' }] },
};

/** @typedef {Record<string, any>} Written as fields have it: numbers are texts, for they are written digit by digit */

/** @param {Kind} kind @param {any} thing @returns {Written} */
export const writtenOf = ({ pieces }, thing) =>
    Object.fromEntries(pieces.map(({ name, kind }) => [name, kind === 'switch' ? Boolean(thing?.[name]) : kind === 'number' ? String(thing?.[name] ?? 0) : (String(thing?.[name] ?? '').replace(/.*_UNSPECIFIED$/, ''))]));

/**
 * What is sent: all that was said of a new one, what became different of another.
 * @param {Kind} kind @param {any} thing null: a new one @param {Written} written
 */
export function sent(kind, thing, written) {
    const before = writtenOf(kind, thing);
    const differs = (/** @type {Piece} */ { name, once }) => (thing ? !once && written[name] !== before[name] : written[name] !== before[name]);
    return Object.fromEntries(kind.pieces.filter(differs).map(({ name, kind: how }) => [name, how === 'number' ? Number(written[name]) : how === 'switch' ? written[name] : written[name].trim()]));
}
