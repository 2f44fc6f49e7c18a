// What every test does: call the API, sign people up, run consectl, wait for a condition.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';

export const PASSWORD = 'correct horse';

// One call; body is JSON both ways. A reply that is not JSON has its text as body.
export async function call(system, method, route, { token, body, headers = {} } = {}) {
    const response = await fetch(system.url + route, {
        method,
        headers: {
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
            ...(token ? { Authorization: `Bearer ${token}` } : {}),
            ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson && text ? JSON.parse(text) : text };
}

// As call, but anything other than 2xx throws.
export async function ok(system, method, route, options) {
    const reply = await call(system, method, route, options);
    if (reply.status >= 300) throw new Error(`${method} ${route}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply.body;
}

// A call that is refused: with this status and code and, when one is named, for this field alone.
export async function assertRefused(system, person, method, route, body, status, code, field) {
    const reply = await call(system, method, route, { token: person?.token, body });
    const what = `${method} ${route} ${JSON.stringify(body)?.slice(0, 200)}: ${JSON.stringify(reply.body)}`;
    assert.deepEqual([reply.status, reply.body.code], [status, code], what);
    if (field) assert.deepEqual(reply.body.errors.map((error) => error.field), [field], what);
    return reply.body;
}

// A reply that is a problem document, by call or from a wire.
export function assertProblem(reply, status, code) {
    assert.equal(reply.status, status, JSON.stringify(reply.body));
    const type = reply.headers.get ? reply.headers.get('content-type') : reply.headers['content-type'];
    assert.equal(type, 'application/problem+json');
    assert.equal(reply.body.code, code);
    assert.equal(reply.body.status, status);
    assert.match(reply.body.trace_id, /^[0-9a-f]{32}$/);
    assert.equal(reply.body.type, `/docs#${code}`);
}

// Each row is what assertRefused takes behind the system.
export async function assertAllRefused(system, rows) {
    for (const row of rows) await assertRefused(system, ...row);
}

// Until the person's access token is void, of which the gateway hears by a topic.
export const untilVoid = (system, person) =>
    eventually(async () => (await call(system, 'GET', '/auth/me', { token: person.token })).status === 401, 2000);

// Deletes the person's account, which leads nothing any more, and waits until other services have heard of it; `witness` is another.
export async function leave(system, person, witness) {
    await prove(system, person.token);
    await ok(system, 'DELETE', '/auth/me', { token: person.token });
    await eventually(async () => (await call(system, 'GET', `/users/${person.id}`, { token: witness.token })).status === 404, 60000);
}

// Hashing is bounded, and a service may be on its way back: 503 says to come again. After 504 it may have been done: `unknown` says so,
// and what is asked by this may be done twice. For so long, or the test would hang.
export async function untilTaken(ask) {
    for (let unknown = false, deadline = Date.now() + 60000; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
        const reply = await ask();
        unknown ||= reply.status === 504;
        if (![503, 504].includes(reply.status) || Date.now() > deadline) return { ...reply, unknown };
    }
}

export async function logIn(system, username) {
    const reply = await untilTaken(() => call(system, 'POST', '/auth/login', { body: { username, password: PASSWORD } }));
    if (reply.status !== 200) throw new Error(`login ${username}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return { token: reply.body.access_token, refresh: reply.body.refresh_token, user: reply.body.user, id: reply.body.user.id };
}

export async function signUp(system, username) {
    const reply = await untilTaken(() => call(system, 'POST', '/auth/signup', { body: { username, password: PASSWORD } }));
    if (reply.status !== 201 && !(reply.unknown && reply.status === 409)) throw new Error(`signup ${username}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return logIn(system, username);
}

// Shows anew who the person is, for one change in the session of this token.
export const prove = (system, token, body = { password: PASSWORD }) => untilTaken(() => call(system, 'POST', '/auth/proof', { token, body }));

// Changes one's own account after showing who one is.
export async function changeMe(system, token, body) {
    const shown = await prove(system, token);
    if (shown.status >= 300) throw new Error(`proof: ${shown.status} ${JSON.stringify(shown.body)}`);
    return call(system, 'PATCH', '/auth/me', { token, body });
}

// A connection that is lost on the way leaves the outcome unknown; to say it again changes nothing.
export async function setLevel(system, username, level) {
    for (const deadline = Date.now() + 60000; ; ) {
        const done = await consectl(system, 'user', 'level', username, level);
        if (done.code === 0) return;
        if (!/outcome is unknown/.test(done.stderr) || Date.now() > deadline) throw new Error(done.stderr);
    }
}

// Signs up and promotes: level is dev or god.
export async function signUpAs(system, username, level) {
    await signUp(system, username);
    await setLevel(system, username, level);
    return logIn(system, username);
}

export function consectl(system, ...args) {
    const file = path.join(system.bin, 'consectl');
    const env = { ...process.env, ...system.env, CONSE_URL: system.url };
    return new Promise((resolve) =>
        execFile(file, args, { env, maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
            resolve({ code: error ? error.code : 0, stdout, stderr })));
}

// Everything that a service stores: the lines of a dump, each with its bytes as `text`. Its processes are stopped meanwhile.
export async function dumpOf(system, service) {
    for (const name of system.replicasOf(service)) await system.term(name);
    const { code, stdout, stderr } = await consectl(system, 'dump', service);
    if (code !== 0) throw new Error(stderr);
    await system.startAll(service);
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line));
    return lines.map((line) => ({ ...line, text: Buffer.from(line.bytes ?? '', 'base64').toString('latin1') }));
}

// Waits until check() is true; throws when it is not by then.
export async function eventually(check, withinMs) {
    const deadline = Date.now() + withinMs;
    while (!(await check())) {
        if (Date.now() > deadline) throw new Error(`not true within ${withinMs} ms: ${check}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}
