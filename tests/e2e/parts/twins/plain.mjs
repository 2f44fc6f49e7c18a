// What each of two evenings has by chance, made equal in a text as somebody was given it. This is all that is taken out of a comparison:
// - ids, names and codes of this evening are replaced by words, as long as they are;
// - hashes, which commit to what is hidden, secrets, salts, signatures and packed entries, whose fields stand beside them, by as many #;
// - cursors' epochs, which are made of ids, and the numbers of calls, by words;
// - of who is there, a cursor's number, which is a sum over the state with its ids;
// - times, which have no fraction when a second is whole, and pauses before a retry, which are drawn, by words of one length.
const HASHES = /"(commitments|further_?[rR]oot|root|secret|salt|hash|deck_?[hH]ash|signature|payload|siblings|nonce_?[hH]ashes|leaf)":("[^"]*"|\[[^\]]*\])/g;
const EPOCH = /\b[a-z2-7]{8}(?=\.\d)/g;
const CALL = /"(trace_id|traceId)":"[0-9a-f]{32}"/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g;
const STATE = /EPOCH---\.\d+/g;
const PAUSE = /"retry_ms":\d+|^retry: \d+$/gm;

const asLong = (word, value) => {
    if (word.length > value.length) throw new Error(`${word} is longer than ${value}`);
    return word.padEnd(value.length, '-');
};

const ofPresence = (text) => (/presence/i.test(text) ? text.replace(STATE, 'EPOCH---.STATE') : text);

export const plainOf = ({ random }) => (text) =>
    ofPresence(random.reduce((plain, [value, word]) => plain.replaceAll(value, asLong(word, value)), text)
        .replace(HASHES, (_, name, value) => `"${name}":${value.replace(/[^"[\],]/g, '#')}`)
        .replace(EPOCH, 'EPOCH---').replace(CALL, '"$1":"CALL"').replace(TIME, 'TIME').replace(PAUSE, 'PAUSE'));

// A head, which comes by the clock: every 15 s, whatever happens.
export const isHead = (frame) => /^event: head$/m.test(frame) || /^(id: [^\n]+\n)?(: \d+\n*)+$/.test(frame) || /^\{"type":"ping","payload":\{"server_time":\d+(,"cursors":\{[^}]*\})?\}\}$/.test(frame);
