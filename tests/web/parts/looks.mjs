// The ways in which a screen is seen: in CI as differently as can be, nightly (CONSE_WEB_ALL) in each size, theme and language.
// CONSE_WEB_LOOKS names those that are wanted: tablet-light-en,desk-dark-fa
import assert from 'node:assert/strict';
import { assertAccessible, assertFits, DESK, openPage, PHONE, picture, rest, signIn, TABLET, visit } from './browser.mjs';

const SIZES = { phone: PHONE, tablet: TABLET, desk: DESK };
const FEW = [{ size: 'phone', theme: 'light', language: 'en' }, { size: 'desk', theme: 'night', language: 'fa' }, { size: 'phone', theme: 'dark', language: 'fa' }];
const EVERY = Object.keys(SIZES).flatMap((size) => ['light', 'dark', 'night'].flatMap((theme) => ['en', 'fa'].map((language) => ({ size, theme, language }))));
const named = process.env.CONSE_WEB_LOOKS?.split(',').map((name) => {
    const look = EVERY.find((one) => Object.values(one).join('-') === name);
    assert.ok(look, `CONSE_WEB_LOOKS: there is no look ${name}`);
    return look;
});
export const LOOKS = named ?? (process.env.CONSE_WEB_ALL ? EVERY : FEW);

// Sees a screen: opens `path` as `who`, does `act`, and keeps a picture.
export async function lookAt(browser, system, name, { size, theme, language }, { who, path, act, expected = [] }) {
    const { page, context, close } = await openPage(browser, system, { viewport: SIZES[size], theme, language, expected });
    const what = `${name}-${size}-${theme}-${language}`;
    if (who) await signIn(context, system, who);
    await visit(page, system.url + path);
    if (act) await act(page);
    await rest(page);
    await picture(page, what);
    await assertAccessible(page, what);
    await assertFits(page, what);
    await close();
}

// The same in each way; says of all of them what is wrong.
export async function lookEveryWay(browser, system, name, screen) {
    const faults = [];
    for (const look of LOOKS) await lookAt(browser, system, name, look, screen).catch((fault) => faults.push(`${name} ${Object.values(look).join(' ')}: ${fault.message}`));
    assert.deepEqual(faults, []);
}
