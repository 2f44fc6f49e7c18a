// Server-sent events out of the pieces in which they come.

/** @typedef {{event: string, id: string, data: string, comment: string}} Told */

/** @param {string} block @returns {Told} */
function parse(block) {
    const told = { event: 'message', id: '', data: '', comment: '' };
    for (const line of block.split('\n')) {
        const colon = line.indexOf(':');
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (name === '') told.comment = value;
        else if (name === 'data') told.data += (told.data && '\n') + value;
        else if (name === 'event' || name === 'id') told[name] = value;
    }
    return told;
}

/** Takes text as it comes, and tells whole events. @param {(told: Told) => void} tell */
export function reader(tell) {
    let rest = '';
    return (/** @type {string} */ text) => {
        rest = (rest + text).replace(/\r\n|\r(?=.)/gs, '\n'); // a CR at the end may be half of a line's end
        for (let end; (end = rest.indexOf('\n\n')) >= 0; rest = rest.slice(end + 2)) if (end) tell(parse(rest.slice(0, end)));
    };
}
