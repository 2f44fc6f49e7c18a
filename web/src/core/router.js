// Where in the console one is: /c/<screen>[/<id>[/<part>]], and / for the first one.
import { signal } from '@preact/signals';

/** @typedef {{screen: string, id: string, part: string, query: URLSearchParams}} Route */

/** @param {string} address @returns {Route} */
export function parse(address) {
    const { pathname, searchParams } = new URL(address, 'http://here');
    const [, first, screen = '', id = '', part = ''] = pathname.split('/').map(decodeURIComponent);
    if (first === '' && searchParams.get('event')) return { screen: 'event', id: searchParams.get('event') ?? '', part: '', query: searchParams };
    return { screen: first === 'c' ? screen : 'explore', id, part, query: searchParams };
}

/** @type {import('@preact/signals').Signal<Route>} */
export const route = signal(parse(typeof location === 'undefined' ? '/' : location.href));

/** @param {string} path @param {{replace?: boolean}} [how] */
export function go(path, { replace = false } = {}) {
    history[replace ? 'replaceState' : 'pushState'](null, '', path);
    route.value = parse(location.href);
    scrollTo(0, 0);
}

/** Links within the console change the screen; others are left to the browser. @param {MouseEvent} click */
function onClick(click) {
    const link = /** @type {Element} */ (click.target).closest?.('a[href^="/c/"], a[href="/"]');
    if (!link || click.defaultPrevented || click.button || click.metaKey || click.ctrlKey || click.shiftKey || link.getAttribute('target')) return;
    click.preventDefault();
    go(link.getAttribute('href') ?? '/');
}

export function begin() {
    if (route.value.screen === 'event' && location.pathname === '/') go(`/c/event/${route.value.id}${location.hash}`, { replace: true });
    addEventListener('popstate', () => (route.value = parse(location.href)));
    document.addEventListener('click', onClick);
}
