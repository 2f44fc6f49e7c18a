// What somebody began to write in a room. It is in this tab alone, and until it is sent or its writer logs out: a page that is loaded again has it.
const PREFIX = 'conse.draft.';
const nameOf = (/** @type {string} */ user, /** @type {string} */ room) => `${PREFIX}${user}.${room}`;

/** @param {string} user @param {string} room */
export function draftOf(user, room) {
    try {
        return sessionStorage.getItem(nameOf(user, room)) ?? '';
    } catch {
        return '';
    }
}

/** @param {string} user @param {string} room @param {string} text '' ends it */
export function keepDraft(user, room, text) {
    try {
        if (text) sessionStorage.setItem(nameOf(user, room), text);
        else sessionStorage.removeItem(nameOf(user, room));
    } catch {
        // it lasts as long as the page
    }
}

/** Everybody's, in all rooms. */
export function dropDrafts() {
    try {
        for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
    } catch {
        // there is none
    }
}
