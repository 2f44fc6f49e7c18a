// Writes that only the primary has: the server shows them to whoever reads without a read concern, and the proxy takes them out of
// the replies to majority reads, until they are settled.
import { serialize } from 'bson';
import { documentOf, idOf, messageOf } from './frames.mjs';

const keyOf = (id) => Buffer.from(serialize({ id })).toString('hex');
const isMajorityRead = ({ command, document }) => ['find', 'aggregate', 'getMore'].includes(command) && document.readConcern?.level === 'majority';

// {add(request, images), forget(request, images), rule}: images are {id, document}, as they were before the write. rule is for the proxy
// to spoil a majority read with, undefined when nothing lags; it counts in `met` the replies that would have shown what lags.
export function lagBook() {
    const lagging = new Map(); // key of the id, in a collection: the document as the majority has it
    const placeOf = ({ database, collection }, id) => `${database}.${collection}:${keyOf(id)}`;
    const add = (request, images) => images.forEach(({ id, document }) => lagging.set(placeOf(request, id), document));
    const forget = (request, images) => images.forEach(({ id }) => lagging.delete(placeOf(request, id)));
    const ruleFor = (request) => (lagging.size > 0 && isMajorityRead(request) ? rule : undefined);
    const rule = { do: 'hide', met: 0, note: () => {}, released: Promise.resolve() };
    rule.hide = (request, bytes, reply) => {
        const shown = documentOf(reply, { exact: true });
        const batch = shown.cursor?.firstBatch ? 'firstBatch' : 'nextBatch';
        const asMajority = (document) => {
            const place = placeOf(request, document._id);
            if (!lagging.has(place)) return [document];
            rule.met++;
            return lagging.get(place) ? [lagging.get(place)] : [];
        };
        const documents = (shown.cursor?.[batch] ?? []).flatMap(asMajority);
        return messageOf({ ...shown, cursor: { ...shown.cursor, [batch]: documents } }, { answers: idOf(bytes) });
    };
    return { add, forget, ruleFor, rule };
}
