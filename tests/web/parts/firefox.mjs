// Debian's Firefox, driven over WebDriver BiDi: pages that may do nothing wrong, as those of Chromium in browser.mjs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { outside } from '../../e2e/parts/environment.mjs';

const PATIENCE_MS = 60000;
const PREFERENCES = { 'intl.accept_languages': 'en-GB, en', 'intl.locale.requested': 'en-GB', 'network.captive-portal-service.enabled': false };

async function end(child) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
}

// {browser, stop()}. It has a home and a profile of its own: as root it starts in no other's.
export async function openFirefox() {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-firefox-'));
    const userDataDir = path.join(home, 'profile');
    fs.mkdirSync(userDataDir);
    const executablePath = execFileSync('sh', ['-c', 'command -v firefox-esr']).toString().trim();
    const env = { ...outside, HOME: home, TMPDIR: home, MOZ_CRASHREPORTER_DISABLE: '1' };
    const browser = await puppeteer.launch({ browser: 'firefox', protocol: 'webDriverBiDi', executablePath, userDataDir, env, headless: true, timeout: PATIENCE_MS, protocolTimeout: 2 * PATIENCE_MS, extraPrefsFirefox: PREFERENCES });
    const child = browser.process();
    const stop = async () => {
        await browser.close().catch(() => {});
        await end(child);
        fs.rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    };
    return { browser, stop };
}

// What the policy stops is told to the page alone, so the page complains of it.
const complain = () => document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => console.error(`the policy's ${violatedDirective} stopped ${blockedURI}`));

// {page, faults, close()}; `close` fails when there were faults.
export async function openPage(browser, system, viewport) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.setViewport(viewport);
    const faults = [];
    page.on('request', (request) => new URL(request.url()).origin === system.url || /^(data|blob):/.test(request.url()) || faults.push(`asked ${request.url()}`));
    page.on('pageerror', (error) => faults.push(`threw ${error.stack}`));
    page.on('console', (message) => ['error', 'warn', 'assert'].includes(message.type()) && faults.push(`said ${message.text()}`));
    await page.evaluateOnNewDocument(complain);
    const close = async () => {
        await context.close();
        assert.deepEqual(faults, []);
    };
    return { page, faults, close };
}

// What came over the line for this page, by its own count: its documents, scripts and styles, what it asked; not its fonts.
export const bytesOf = (page) => page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(({ name }) => !/\.woff2?$/.test(name)).reduce((sum, { transferSize }) => sum + transferSize, 0));

export const see = (page, text) => page.locator(`::-p-text(${text})`).wait();
// A choice's own circle is hidden; its label is what one presses.
export const choose = (page, text) => page.locator(`label ::-p-text(${text})`).click();
