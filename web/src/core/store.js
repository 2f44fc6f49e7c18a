// What this browser keeps, in IndexedDB: `unanswered` (calls whose answer did not come), `queue` (what is not sent yet),
// `nonces` (by event), `settings` (for
// sw.js). Where there is no IndexedDB it lasts as long as the page.
const NAMES = ['unanswered', 'queue', 'nonces', 'settings'];
const VERSION_OF_NAMES = 2;

/** @type {Map<string, Map<string, unknown>>} */
const memory = new Map(NAMES.map((name) => [name, new Map()]));

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) =>
    new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });

/** @type {Promise<IDBDatabase | null> | undefined} */
let opened;

function open() {
    if (typeof indexedDB === 'undefined') return Promise.resolve(null);
    const request = indexedDB.open('conse', VERSION_OF_NAMES);
    request.onupgradeneeded = () => NAMES.forEach((name) => request.result.objectStoreNames.contains(name) || request.result.createObjectStore(name));
    // An older page in another tab keeps its version open.
    const blocked = new Promise((/** @type {(none: null) => void} */ resolve) => (request.onblocked = () => resolve(null)));
    const opening = done(request).then((database) => {
        database.onversionchange = () => database.close();
        return database;
    });
    return Promise.race([opening, blocked]).catch(() => null);
}

/** @param {string} name @param {IDBTransactionMode} mode */
async function shelf(name, mode) {
    const database = await (opened ??= open());
    return database?.transaction(name, mode).objectStore(name);
}

/** @param {string} name @param {string} key @param {unknown} value */
export async function keep(name, key, value) {
    const store = await shelf(name, 'readwrite');
    if (store) await done(store.put(value, key));
    else memory.get(name)?.set(key, value);
}

/** @param {string} name @param {string} key @returns {Promise<any>} */
export async function find(name, key) {
    const store = await shelf(name, 'readonly');
    return store ? done(store.get(key)) : memory.get(name)?.get(key);
}

/** @param {string} name @returns {Promise<any[]>} */
export async function all(name) {
    const store = await shelf(name, 'readonly');
    return store ? done(store.getAll()) : [...(memory.get(name)?.values() ?? [])];
}

/** @param {string} name @param {string} key */
export async function drop(name, key) {
    const store = await shelf(name, 'readwrite');
    if (store) await done(store.delete(key));
    else memory.get(name)?.delete(key);
}
