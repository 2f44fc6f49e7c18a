// Cards for a first evening: so many for so many seats, about a quarter of them mafia.

/** In the order in which they join. */
const JOIN = ['mafia-boss', 'doctor', 'detective', 'sheriff', 'mayor', 'hunter', 'surgeon', 'martyr', 'tough-guy', 'judge', 'priest', 'trickster', 'elite', 'saba', 'bodyguard', 'baker'];
const MOVES = 10;

export const LEAST = 4;
export const MOST = JOIN.length;

/** @param {Record<string, any>} roles by id @param {number} seats @returns {any[]} roles */
export function starterOf(roles, seats) {
    const bySlug = new Map(Object.values(roles).filter((role) => !role.disabled && role.copies > 0).map((role) => [role.slug, role]));
    return JOIN.map((slug) => bySlug.get(slug)).filter(Boolean).slice(0, seats);
}

/** @param {Record<string, any>} moves by id */
export const starterMoves = (moves) => Object.values(moves).filter((move) => !move.disabled).slice(0, MOVES);
