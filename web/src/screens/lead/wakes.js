// Who wakes in a night, and in which order (docs: Role.Wakes in proto/events.proto).

/** @param {any} role @param {number} night from 1 @param {any} player */
function wakes(role, night, player) {
    switch (role.wakes) {
        case 'FIRST': return night === 1;
        case 'EVERY': return true;
        case 'ODD': return night % 2 === 1;
        case 'EVEN': return night % 2 === 0;
        case 'EVERY_N': return role.n > 0 && night % role.n === 0;
        case 'ONCE': return player.abilities_left !== 0;
        default: return false;
    }
}

/**
 * The players whose true role is called in the event's open night. The closing of a night ends a day, so a night has its day's number.
 * @param {any} event as its host sees it @param {any[]} roles of the catalogue
 * @returns {{role: any, player: any}[]}
 */
export function wakesTonight(event, roles) {
    const byId = new Map(roles.map((role) => [role.id, role]));
    const night = event.phase?.day ?? 1;
    return event.players
        .map((/** @type {any} */ player) => ({ player, role: byId.get(player.role_id) }))
        .filter((/** @type {any} */ { player, role }) => role?.night_order > 0 && wakes(role, night, player))
        .sort((/** @type {any} */ one, /** @type {any} */ two) => one.role.night_order - two.role.night_order || one.player.seat - two.player.seat);
}
