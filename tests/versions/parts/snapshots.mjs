// The forms of the snapshots that a MongoDB has, by stream.
import { askerTo } from '../../stores/parts/asker.mjs';

export async function snapshotForms(port) {
    const { ask, close } = askerTo(port);
    const forms = {};
    try {
        for (const { name: $db } of (await ask({ listDatabases: 1, $db: 'admin' })).databases) {
            const { firstBatch } = (await ask({ listCollections: 1, nameOnly: true, $db })).cursor;
            for (const { name } of firstBatch.filter((each) => each.name.startsWith('snapshots_')))
                for (const { _id, e } of (await ask({ find: name, $db })).cursor.firstBatch) forms[_id] = formOf(e.buffer);
        }
    } finally {
        close();
    }
    return forms;
}

// A small number, in field 1.
const formOf = (packed) => (packed[0] === 1 << 3 ? packed[1] : undefined);
