// A guard that moves takes its row along; and nothing is left of one that was taken out.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { copySources, isOnce, sourceOf, textOf, withoutGuard } from '../mutant.mjs';
import { ROWS } from '../rows/all.mjs';

const SOURCE = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../../..');

test('each guard stands once in its file', () => {
    assert.deepEqual(ROWS.filter((row) => !isOnce(SOURCE, row)).map(({ name, file }) => `${name}: ${file}`), []);
});

test('each test is there, and each case that is named', () => {
    for (const { name, test, only, program = test } of ROWS) {
        for (const file of [test, program]) assert.ok(fs.existsSync(path.join(SOURCE, sourceOf(file))), `${name}: ${file}`);
        assert.equal(only !== undefined, test.endsWith('.mjs'), `${name}: node tests are named by their case`);
    }
});

test('no two have one name', () => {
    const names = ROWS.map(({ name }) => name);
    assert.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), []);
});

test('a guard is put back, whatever happens without it', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-guards-'));
    const mutant = { name: 'x', file: 'x.c', guard: 'if (old) return;', without: '' };
    fs.writeFileSync(path.join(folder, 'x.c'), 'before; if (old) return; behind;');
    assert.equal(withoutGuard(folder, mutant, () => textOf(folder, mutant)), 'before;  behind;');
    assert.throws(() => withoutGuard(folder, mutant, () => assert.fail('ends')), /ends/);
    assert.equal(textOf(folder, mutant), 'before; if (old) return; behind;');
    assert.throws(() => withoutGuard(folder, { ...mutant, guard: ';' }, () => assert.fail('runs')), /not once/);
    fs.rmSync(folder, { recursive: true });
});

test('a copy has the sources as they are, and nothing that is gone', () => {
    const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-guards-'));
    for (let again = 0; again < 2; again++) {
        copySources(SOURCE, copy, []);
        assert.equal(fs.readFileSync(path.join(copy, 'Makefile'), 'utf8'), fs.readFileSync(path.join(SOURCE, 'Makefile'), 'utf8'));
        assert.ok(!fs.existsSync(path.join(copy, 'gone.c')));
        fs.writeFileSync(path.join(copy, 'gone.c'), '');
        fs.writeFileSync(path.join(copy, 'Makefile'), '');
    }
    fs.rmSync(copy, { recursive: true });
});
