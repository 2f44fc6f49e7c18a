// A root of its own, which tests/deploy/bare/run.sh made of a bare Debian with a checkout: what is run in it, and its way to packages.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';

const PROXY_PORT = 3128;
const work = process.env.CONSE_BARE, root = path.join(work, 'root');
const proxy = `http://127.0.0.1:${PROXY_PORT}`; // npm goes by the second
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8', http_proxy: proxy, https_proxy: proxy };

// A file in it, as it is called here.
export const inside = (...names) => path.join(root, ...names);

// {code, text} of a command line within the root, in the checkout.
const run = (line) =>
    new Promise((resolve) =>
        execFile('chroot', [root, 'sh', '-c', `cd /root/conse && ${line}`], { env: environment, encoding: 'utf8', maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
            resolve({ code: error ? error.code : 0, text: stdout + stderr })));

// What it said; a command that fails ends the test, with what services have logged.
export async function must(line) {
    const { code, text } = await run(line);
    const logs = fs.readdirSync(inside('var/log')).filter((name) => /^(conse-|systemctl|haproxy)/.test(name));
    const told = () => logs.map((name) => `== ${name}\n${fs.readFileSync(inside('var/log', name), 'utf8').slice(-1500)}`).join('\n');
    assert.equal(code, 0, `${line}: ${text.slice(-3000)}\n${told()}`);
    return text;
}

// Mounts what a system has, and opens the way to packages, which close() ends.
export async function enterRoot() {
    for (const [kind, at] of [['proc', 'proc'], ['tmpfs', 'run'], ['tmpfs', 'tmp']]) execFileSync('mount', ['-t', kind, kind, inside(at)]);
    execFileSync('mount', ['--rbind', '/dev', inside('dev')]);
    fs.writeFileSync(inside('usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 }); // no systemd, so no services of Debian's
    const bridge = net.createServer((client) => {
        const onwards = net.connect(path.join(work, 'proxy.sock'));
        for (const end of [client, onwards]) end.on('error', () => [client, onwards].forEach((each) => each.destroy()));
        client.pipe(onwards).pipe(client);
    });
    await new Promise((resolve) => bridge.listen(PROXY_PORT, '127.0.0.1', resolve));
    return bridge;
}
