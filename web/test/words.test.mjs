import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { language } from '../src/core/prefs.js';
import { CATALOGUE, digits, listed, money, number, span, t } from '../src/words/words.js';

const { en, fa } = CATALOGUE;
const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../src');
const sources = fs.readdirSync(root, { recursive: true }).filter((name) => /\.jsx?$/.test(name) && !/words\/(en|fa)\.js$/.test(name)).map((name) => fs.readFileSync(path.join(root, name), 'utf8'));

test('both languages have all words, with the same things to fill in', () => {
    assert.deepEqual(Object.keys(fa).sort(), Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) assert.deepEqual(holes(fa[key]), holes(text), key);
});

test('every word that a screen asks for is there, and none is there for nobody', () => {
    const text = sources.join('\n');
    const asked = [...text.matchAll(/\bt\(\s*'([\w.]+)'/g)].map(([, key]) => key);
    assert.ok(asked.length > 50);
    for (const key of asked) assert.ok(key in en || `${key}#other` in en, key);
    const stems = [...text.matchAll(/`([\w.]+\.)\$\{/g)].map(([, stem]) => stem);
    for (const key of Object.keys(en).map((name) => name.split('#')[0]))
        assert.ok(text.includes(`'${key}'`) || stems.some((stem) => key.startsWith(stem)), `nobody says ${key}`);
});

test('Persian is not left in English', () => {
    for (const [key, text] of Object.entries(fa)) assert.match(text, /[\u0600-\u06ff]/, key); // the comma of time.at, too
});

test('numbers, spans and money are in the digits of the language', () => {
    language.value = 'en';
    assert.equal(t('explore.seats', { n: 1 }), '1 seat left');
    assert.equal(t('explore.seats', { n: 12 }), '12 seats left');
    assert.equal(span(245_000), '4:05');
    assert.equal(span(-1), '0:00');
    assert.equal(listed(['Ada', 'Bea', 'Cy']), 'Ada, Bea and Cy');
    assert.equal(money('5000', 'CONSE').replace(/[\u2068\u2069]/g, ''), '50\u00a0CONSE');
    assert.equal(money('250000000', 'LAMPORTS').replace(/[\u2068\u2069]/g, ''), '0.25\u00a0SOL');
    language.value = 'fa';
    assert.equal(listed(['آدا', 'بئا']), 'آدا و بئا');
    assert.equal(number(1234), '۱٬۲۳۴');
    assert.equal(span(245_000), '۴:۰۵');
    assert.equal(t('explore.seats', { n: 12 }), '۱۲ جا مانده');
    language.value = 'en';
});

test('digits of three scripts are taken', () => {
    assert.equal(digits('۰۹۱۲ ٣٤٥ 678'), '0912 345 678');
});
