// Who hears a page: what its live regions say, as a screen reader reads them. A region says what comes into it once it is there; only an
// alert speaks at once.
import { eventually } from '../../e2e/parts/people.mjs';

const listen = () => {
    const LIVE = '[aria-live=polite], [aria-live=assertive], [role=status], [role=alert], [role=log]';
    const known = new WeakMap();
    window.heard = [];
    const textOf = (node) => (node.textContent ?? '').replace(/\s+/g, ' ').trim();
    const say = (region) => {
        const lines = region.matches('[role=log]') ? [...region.children].map(textOf) : [textOf(region)];
        const before = known.get(region);
        known.set(region, lines);
        if (before || region.matches('[role=alert]')) window.heard.push(...lines.filter((line) => line && !before?.includes(line)));
    };
    const hear = () => document.querySelectorAll(LIVE).forEach((region) => {
        if (region.closest('[aria-live=off]')) return;
        if (region.checkVisibility()) say(region);
        else known.delete(region);
    });
    new MutationObserver(hear).observe(document, { subtree: true, childList: true, characterData: true });
};

export const giveEars = (context) => context.addInitScript(listen);

// Everything that was heard since the page was opened.
export const heardBy = (page) => page.evaluate(() => window.heard);

// Until something of the kind is heard, now or before; each is taken once.
export async function hear(page, pattern, withinMs) {
    await eventually(() => page.evaluate(([source, flags]) => {
        const at = window.heard.findIndex((text) => new RegExp(source, flags).test(text));
        if (at >= 0) (window.kept ??= []).push(...window.heard.splice(0, at + 1));
        return at >= 0;
    }, [pattern.source, pattern.flags]), withinMs).catch(async () => {
        throw new Error(`${pattern} is not said, but: ${JSON.stringify(await page.evaluate(() => [window.kept, window.heard]))}`);
    });
}
