// A side has a colour, a shape and its first letter: nothing is told by colour alone.
import { signal } from '@preact/signals';
import { get } from '../core/calls.js';
import { nameOf } from '../words/words.js';

/** The catalogue's sides by id. @type {import('@preact/signals').Signal<Record<string, any>>} */
export const sides = signal({});
/** @type {Promise<void> | undefined} */
let asked;

export function loadSides() {
    asked ??= get('/sides').then((answer) => {
        sides.value = Object.fromEntries(answer.sides.map((/** @type {any} */ side) => [side.id, side]));
    }, () => {
        asked = undefined;
    });
    return asked;
}

const KNOWN = ['citizen', 'mafia', 'independent', 'black-army', 'corona', 'unknown', 'special-unknown', 'twin'];

/** @param {{id: string, name?: string}} props */
export function SideMark({ id, name }) {
    const side = sides.value[id];
    const slug = KNOWN.includes(side?.slug) ? side.slug : 'unknown';
    return <span class={`side side-${slug}`} aria-hidden="true">{[...(nameOf(side) || name || '?')][0]}</span>;
}
