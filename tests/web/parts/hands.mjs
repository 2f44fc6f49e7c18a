// The ways in which people use a page. Each has tap, choose (one of a few), hold (until something is so) and write.
import assert from 'node:assert/strict';

// ---- Fingers

// The middle of what is touched; nothing may lie above it.
async function middleOf(locator) {
    await locator.scrollIntoViewIfNeeded();
    const box = await locator.boundingBox();
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    assert.ok(await locator.evaluate((element, { x, y }) => element.contains(document.elementFromPoint(x, y)), at), `${locator} is covered`);
    return at;
}

async function holdByTouch(page, locator, until) {
    await locator.waitFor();
    const touchPoints = [await middleOf(locator)];
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
    try {
        return await until();
    } finally {
        await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
        await devtools.detach();
    }
}

export const touch = {
    tap: (page, locator) => locator.tap(),
    choose: (page, locator) => page.locator('label').filter({ has: locator }).tap(),
    hold: holdByTouch,
    async write(page, locator, text) {
        await locator.tap();
        await locator.fill(text);
    },
};

// ---- Keys, and nothing else

const PRESSES_MOST = 200;

async function press(page, key, until) {
    for (let presses = 0; !(await until()); presses++) {
        if (presses > PRESSES_MOST) throw new Error(`${key} does not lead there`);
        await page.keyboard.press(key);
    }
}

async function reach(page, locator) {
    await locator.waitFor();
    await press(page, 'Tab', () => locator.evaluate((element) => element === document.activeElement));
}

// A group of radio buttons is one stop of Tab; arrows go on from there.
async function chooseByKeys(page, locator) {
    await locator.waitFor({ state: 'attached' });
    await press(page, 'Tab', () => locator.evaluate((element) => element.closest('fieldset').contains(document.activeElement)));
    await page.keyboard.press('Space');
    await press(page, 'ArrowDown', () => locator.isChecked());
}

async function holdByKeys(page, locator, until) {
    await reach(page, locator);
    await page.keyboard.down('Enter');
    try {
        return await until();
    } finally {
        await page.keyboard.up('Enter');
    }
}

export const keys = {
    async tap(page, locator) {
        await reach(page, locator);
        await page.keyboard.press('Enter');
    },
    choose: chooseByKeys,
    hold: holdByKeys,
    async write(page, locator, text) {
        await reach(page, locator);
        await page.keyboard.press('Control+A');
        await page.keyboard.type(text);
    },
};
