// A list that comes in pages.
import { useEffect, useState } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { get } from '../../core/calls.js';

const PATIENCE_MS = 200; // after the last letter

/** @param {string} path @param {string} name of the list in the answer @param {Record<string, string>} query */
export function usePages(path, name, query = {}) {
    const [page, set] = useState(/** @type {{list: any[], next: string} | null} */ (null));
    const { busy, problem, run } = useTap();
    const asked = new URLSearchParams(query).toString();
    /** @param {string} [next] @param {AbortSignal} [signal] */
    const load = (next = '', signal) =>
        run(async () => {
            const answer = await get(`${path}?${new URLSearchParams({ ...query, ...(next && { page_token: next }) })}`, { signal });
            if (!signal?.aborted) set((old) => ({ list: [...(next && old ? old.list : []), ...answer[name]], next: answer.next_page_token }));
        });
    useEffect(() => {
        const stop = new AbortController();
        const timer = setTimeout(() => load('', stop.signal), PATIENCE_MS);
        return () => (clearTimeout(timer), stop.abort());
    }, [path, asked]);
    return { page, busy, problem, more: () => load(page?.next), again: () => load() };
}
