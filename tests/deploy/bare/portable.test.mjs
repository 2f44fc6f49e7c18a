// The programs are built on another Debian from its own packages, and their unit tests pass there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { enterRoot, inside, must } from './root.mjs';

let bridge;
before(async () => (bridge = await enterRoot()));
after(() => bridge?.close());

test('every program is built, and says what it is', async (t) => {
    await must('make');
    for (const name of ['auth', 'events', 'chain', 'ai', 'gateway']) assert.ok(fs.existsSync(inside('root/conse/build/bin', `conse-${name}`)), name);
    t.diagnostic(await must('. /etc/os-release && echo "$PRETTY_NAME, $(cc --version | head -n 1)" && build/bin/consectl --version'));
});

test('all unit tests pass', async (t) => {
    const said = await must('tools/install.sh build test && make -j$(nproc) unit-run'); // the stores of other tests are not needed
    const passed = [...said.matchAll(/\[ {2}PASSED {2}\] (\d+) test/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    t.diagnostic(`${passed} passed`);
    assert.ok(passed > 1000, said.slice(-3000));
});
