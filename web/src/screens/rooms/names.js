// How a room is called, and for whose eyes it is.
import { nameOf, t } from '../../words/words.js';

/** @param {string} part of a room's id, behind its event's */
export const isPrivate = (part) => /^(side|god)\./.test(part);

/** @param {{id: string}} room */
export const partOf = (room) => room.id.slice(room.id.indexOf('.') + 1);

/** @param {any} room @param {string} reader user id */
export function nameOfRoom(room, reader) {
    if (room.kind === 'SIDE') return nameOf(room.side);
    if (room.kind !== 'GOD') return t(`rooms.kind.${room.kind}`);
    return partOf(room) === `god.${reader}` ? t('rooms.kind.GOD') : room.player.username;
}

/** Who leads the event writes and reads everywhere. @param {any} event @param {string} reader */
export const isLed = (event, reader) => event.god_id === reader || event.assistants.some((/** @type {any} */ one) => one.id === reader);
