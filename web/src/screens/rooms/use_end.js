// A page that grows below: whoever is at its end stays there, whoever reads above is left alone.
import { useLayoutEffect, useRef } from 'preact/hooks';

const NEAR = 160; // px

const root = () => document.documentElement;
const toEnd = () => scrollTo(0, root().scrollHeight);

/** @param {boolean} shown @param {number} count of what stands there */
export function useEnd(shown, count) {
    const near = useRef(true);
    useLayoutEffect(() => {
        const look = () => (near.current = root().scrollHeight - innerHeight - scrollY < NEAR);
        addEventListener('scroll', look, { passive: true });
        return () => removeEventListener('scroll', look);
    }, []);
    useLayoutEffect(() => {
        if (shown && near.current) toEnd();
    }, [shown, count]);
    /** What comes above moves nothing. @param {() => Promise<unknown>} load */
    const keepPlace = async (load) => {
        near.current = false;
        const below = root().scrollHeight - scrollY;
        await load();
        requestAnimationFrame(() => scrollTo(0, root().scrollHeight - below));
    };
    /** @param {Element} element */
    const show = (element) => {
        near.current = false;
        element.scrollIntoView({ block: 'center' });
    };
    return { keepPlace, show, end: () => (near.current = true) };
}
