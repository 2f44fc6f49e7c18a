// What `make run` starts finds the console that was built beside it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startUp } from './parts/up.mjs';

test('conse-up serves the console at /', async () => {
    const { url, stop } = await startUp();
    try {
        const page = await (await fetch(url)).text();
        assert.match(page, /<script type="module" src="\/assets\/main-[A-Z0-9]+\.js">/);
        const script = /src="([^"]+)"/.exec(page)[1];
        assert.equal((await fetch(url + script)).status, 200);
    } finally {
        await stop();
    }
});
