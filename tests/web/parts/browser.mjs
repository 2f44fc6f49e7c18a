// Pages of Chromium that may do nothing wrong: what they ask elsewhere, what their policy stops and what they complain of is a fault.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { PASSWORD, untilTaken } from '../../e2e/parts/people.mjs';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PICTURES = process.env.CONSE_WEB_PICTURES;
export const PHONE = { width: 360, height: 640 }, TABLET = { width: 768, height: 1024 }, DESK = { width: 1440, height: 900 };
const PATIENCE_MS = 120000;

export const openBrowser = () =>
    chromium.launch({ executablePath: execFileSync('sh', ['-c', 'command -v chromium']).toString().trim(), args: ['--no-sandbox'] });

// What is expected to be refused is no fault: {status, path}.
function watch(page, system, { expected = [] }) {
    const faults = [];
    const isExpected = (text) => expected.some((pattern) => pattern.test(text));
    page.on('request', (request) => new URL(request.url()).origin === system.url || /^(data|blob):/.test(request.url()) || faults.push(`asked ${request.url()}`));
    page.on('pageerror', (error) => faults.push(`threw ${error.stack}`));
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !isExpected(`${message.text()} ${message.location().url}`) && faults.push(`said ${message.text()} ${message.location().url}`));
    return faults;
}

// {page, context, faults, close()}; `close` fails when there were faults.
export async function openPage(browser, system, { viewport = PHONE, language = 'en', theme = 'light', expected = [], ...more } = {}) {
    const context = await browser.newContext({ viewport, locale: language === 'fa' ? 'fa-IR' : 'en-GB', timezoneId: 'Asia/Tehran', hasTouch: viewport.width < 800, ...more });
    await context.addInitScript(([wanted, words]) => {
        localStorage.setItem('conse.theme', wanted);
        localStorage.setItem('conse.language', words);
    }, [theme, language]);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const faults = watch(page, system, { expected });
    const close = async () => {
        await context.close();
        assert.deepEqual(faults, []);
    };
    return { page, context, faults, close };
}

// Goes there, and waits until nothing is on its way any more.
export async function visit(page, url) {
    await page.goto(url);
    await rest(page);
}

// The page's policy forbids what waitForFunction does, so it is asked again and again.
// Colours on their way to others have no contrast to judge.
const rests = () => document.querySelector('main') && !document.querySelector('.loading, [aria-busy="true"]')
    && !document.getAnimations().some((one) => one.playState === 'running' && /color|background/.test(one.transitionProperty)) && [...document.images].every((image) => image.complete || image.loading === 'lazy');
export async function rest(page) {
    for (const deadline = Date.now() + PATIENCE_MS; !(await page.evaluate(rests)); await page.waitForTimeout(20)) if (Date.now() > deadline) throw new Error(`${page.url()} does not rest`);
}

// By the door, as people do.
export async function logIn(page, system, username, password) {
    await visit(page, `${system.url}/c/door`);
    await page.locator('input[name=username]').fill(username);
    await page.locator('input[name=password]').fill(password);
    await page.locator('button[type=submit]').click();
    await page.waitForURL((url) => !url.pathname.startsWith('/c/door'));
    await rest(page);
}

// A session as the browser would have it, without the door: quick.
export async function signIn(context, system, { user: { username } }) {
    const headers = { 'Content-Type': 'application/json', 'Conse-Session': 'cookie' };
    const reply = await untilTaken(async () => {
        const { status, headers: told } = await fetch(`${system.url}/auth/login`, { method: 'POST', headers, body: JSON.stringify({ username, password: PASSWORD }) });
        return { status, cookies: told.getSetCookie() };
    });
    assert.equal(reply.status, 200);
    const cookies = reply.cookies.map((line) => /^([^=]+)=([^;]*)/.exec(line));
    await context.addCookies(cookies.map(([, name, value]) => ({ name, value, domain: '127.0.0.1', path: '/auth', secure: true, httpOnly: true, sameSite: 'Strict' })));
    await context.addInitScript(() => localStorage.setItem('conse.known', '1'));
}

export async function assertAccessible(page, what) {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    const told = violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 4).map(({ html, any }) => `${id}: ${help}\n  ${html.slice(0, 300)}\n  ${any[0]?.message ?? ''}`));
    assert.deepEqual(told, [], what);
}

// Nothing is cut off at the side, and what is pressed is large enough for a finger.
export async function assertFits(page, what) {
    const found = await page.evaluate(() => {
        const shown = (element) => element.getClientRects().length && getComputedStyle(element).visibility !== 'hidden';
        const small = [...document.querySelectorAll('button, a.button, nav a, input:not([type=radio], [type=checkbox]), summary')]
            .filter(shown).map((element) => [element, element.getBoundingClientRect()])
            .filter(([element, box]) => (box.height < 44 || box.width < 44) && !element.closest('.brand, .skip'))
            .map(([element, box]) => `${element.outerHTML.slice(0, 120)} is ${Math.round(box.width)}x${Math.round(box.height)}`);
        const cut = [...document.querySelectorAll('dialog[open], .panel')].filter(shown).filter((element) => element.scrollWidth > element.clientWidth)
            .map((element) => `${element.className} is ${element.scrollWidth - element.clientWidth} px too wide inside`);
        return { wide: document.documentElement.scrollWidth - innerWidth, small, cut };
    });
    assert.ok(found.wide <= 0, `${what} is ${found.wide} px too wide`);
    assert.deepEqual([...found.small, ...found.cut], [], what);
}

export async function picture(page, name, { fullPage = true } = {}) {
    if (!PICTURES) return;
    fs.mkdirSync(PICTURES, { recursive: true });
    await page.evaluate(async () => {
        for (const image of document.images) image.loading = 'eager';
        await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    });
    await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage, animations: 'disabled' });
}
