// The processes that live and how they do, asked for again while somebody looks.
import { useEffect, useState } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { monoNow } from '../../core/clock.js';
import { NONE, follow } from '../../core/rates.js';

const EVERY_MS = 3000; // as often as processes tell of themselves

export function useServices() {
    const [rates, set] = useState(NONE);
    const { answer, problem, again } = useAsked((signal) => get('/ops/services', { signal }), []);
    useEffect(() => {
        if (answer) set((before) => follow(before, answer.services, monoNow()));
    }, [answer]);
    useEffect(() => {
        const timer = setInterval(() => document.hidden || again(), EVERY_MS);
        return () => clearInterval(timer);
    }, []);
    return { services: /** @type {any[] | undefined} */ (answer?.services), rates, problem, again };
}
