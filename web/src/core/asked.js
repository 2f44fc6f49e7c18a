// What a screen asks for when it opens: the answer, or why there is none.
import { useCallback, useEffect, useState } from 'preact/hooks';

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} ask @param {unknown[]} inputs asked again when one of them changes
 */
export function useAsked(ask, inputs) {
    const [state, set] = useState(/** @type {{answer: T | null, problem: any}} */ ({ answer: null, problem: null }));
    const [turn, next] = useState(0);
    useEffect(() => {
        const stop = new AbortController();
        ask(stop.signal).then(
            (answer) => stop.signal.aborted || set({ answer, problem: null }),
            (problem) => stop.signal.aborted || set(({ answer }) => ({ answer, problem })),
        );
        return () => stop.abort();
    }, [...inputs, turn]);
    return { ...state, again: useCallback(() => next((n) => n + 1), []) };
}

/** A tap that waits for its answer: {busy, problem, run}. */
export function useTap() {
    const [state, set] = useState(/** @type {{busy: boolean, problem: any}} */ ({ busy: false, problem: null }));
    /** @param {() => Promise<unknown>} work */
    const run = async (work) => {
        set({ busy: true, problem: null });
        const problem = await work().then(() => null, (fault) => fault);
        set({ busy: false, problem });
        return !problem;
    };
    return { ...state, run };
}
