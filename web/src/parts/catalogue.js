// Roles and last moves by id: they are public, and the same in all games.
import { signal } from '@preact/signals';
import { get } from '../core/calls.js';

/** @type {import('@preact/signals').Signal<Record<string, any>>} */
export const roles = signal({});
/** @type {import('@preact/signals').Signal<Record<string, any>>} */
export const lastMoves = signal({});

/** @param {string} path @param {string} name @param {typeof roles} kept */
function loader(path, name, kept) {
    /** @type {Promise<void> | undefined} */
    let asked;
    return () =>
        (asked ??= get(path).then((answer) => void (kept.value = Object.fromEntries(answer[name].map((/** @type {any} */ one) => [one.id, one]))), () => {
            asked = undefined;
        }));
}

export const loadRoles = loader('/roles?include_disabled=true', 'roles', roles);
export const loadLastMoves = loader('/last-moves?include_disabled=true', 'last_moves', lastMoves);
