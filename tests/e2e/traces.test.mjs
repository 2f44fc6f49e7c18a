// Traces: what a request leads to is one tree of spans at the collector, without anything that users sent; and a collector that is away, or
// slow, is nothing to a request.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { makeCollector } from './parts/collector.mjs';
import { LIMITS, makeDeck, makeGod, openBody } from './parts/games.mjs';
import { call, eventually, ok, prove, signUp } from './parts/people.mjs';
import { metricOf, startSystem } from './parts/system.mjs';
import { startHttp } from './parts/upstreams.mjs';

const PATIENCE_MS = 20000, SERVER = 2, CLIENT = 3;
const STRANGE = 'ab'.repeat(16), PARENT = 'cd'.repeat(8);
const named = (spans, name, kind) => spans.filter((span) => span.name === name && (!kind || span.kind === kind));
const only = (spans, name, kind) => {
    const found = named(spans, name, kind);
    assert.equal(found.length, 1, `${name} of ${JSON.stringify(spans.map((span) => [span.service, span.name, span.kind]))}`);
    return found[0];
};
const traceOf = (reply) => reply.headers.get('traceparent').split('-')[1];
const flagsOf = (reply) => reply.headers.get('traceparent').split('-')[3];
const dropped = (system, why) => metricOf(system, 'gateway', `conse_trace_spans_total\\{result="${why}"`);

// Ends as an operator ends it, and starts.
async function renew(name) {
    await system.term(name);
    await system.start(name);
}

// All that the trace has, once it has these.
async function untilTraced(collector, trace, names) {
    await eventually(() => names.every((name) => collector.of(trace).some((span) => span.name === name)), PATIENCE_MS);
    return collector.of(trace);
}

function assertInside(inner, outer) {
    assert.equal(inner.parentSpanId, outer.spanId, `${inner.name} in ${outer.name}`);
    assert.ok(BigInt(inner.startTimeUnixNano) <= BigInt(inner.endTimeUnixNano));
    assert.ok(BigInt(inner.endTimeUnixNano) - BigInt(outer.endTimeUnixNano) < 1_000_000_000n);
}

let collector, upstream, system, god, deck;
before(async () => {
    collector = await makeCollector();
    await collector.listen();
    collector.answers = [503, 429]; // which is asked again
    upstream = await startHttp((request, response) => response.end(request.headers.traceparent));
    system = await startSystem({
        services: ['auth', 'events', 'chain', 'gateway'],
        env: { ...LIMITS, CONSE_TRACES_URL: collector.url, CONSE_TRACES_RATIO: '1', CONSE_PROXY: `/panel/=http://127.0.0.1:${upstream.port}` },
    });
    god = await makeGod(system, 'thegod');
    deck = await makeDeck(system, god);
});
after(async () => {
    await upstream?.close();
    await system?.stop().finally(collector.close);
});

test('a write is one trace: the request, the call, who answers it, and its commit', async () => {
    const reply = await call(system, 'POST', '/events', { token: god.token, body: openBody(god, deck) });
    assert.equal(reply.status, 201);
    assert.equal(flagsOf(reply), '01');
    const spans = await untilTraced(collector, traceOf(reply), ['POST /events', 'events.CreateEvent', 'commit']);
    await eventually(() => named(collector.of(traceOf(reply)), 'events.CreateEvent').length === 2, PATIENCE_MS);
    const all = collector.of(traceOf(reply));
    assert.ok(all.length >= spans.length);
    const request = only(all, 'POST /events'), asks = only(all, 'events.CreateEvent', CLIENT), answers = only(all, 'events.CreateEvent', SERVER);
    assert.equal(request.parentSpanId, undefined);
    assert.equal(request.spanId, reply.headers.get('traceparent').split('-')[2]);
    assert.deepEqual([request.service, asks.service, answers.service], ['conse-gateway', 'conse-gateway', 'conse-events']);
    assert.deepEqual(request.attributes, { 'http.request.method': 'POST', 'http.route': '/events', 'http.response.status_code': 201 });
    assertInside(asks, request);
    assertInside(answers, asks);
    assertInside(only(all, 'commit'), answers);
});

test('what a service asks of another is in the trace', async () => {
    const leaver = await signUp(system, 'leaver');
    await prove(system, leaver.token);
    const reply = await call(system, 'DELETE', '/auth/me', { token: leaver.token });
    assert.equal(reply.status, 204);
    await untilTraced(collector, traceOf(reply), ['DELETE /auth/me', 'chain.GetBelongings']);
    await eventually(() => named(collector.of(traceOf(reply)), 'chain.GetBelongings').length === 2, PATIENCE_MS);
    await eventually(() => collector.of(traceOf(reply)).some((span) => span.kind === SERVER && span.service === 'conse-auth'), PATIENCE_MS);
    const all = collector.of(traceOf(reply));
    const auth = all.find((span) => span.kind === SERVER && span.service === 'conse-auth');
    const asks = only(all, 'chain.GetBelongings', CLIENT), answers = only(all, 'chain.GetBelongings', SERVER);
    assert.deepEqual([asks.service, answers.service], ['conse-auth', 'conse-chain']);
    assertInside(asks, auth);
    assertInside(answers, asks);
});

test('what goes on through the proxy is a span, and the server behind it gets that one', async () => {
    const reply = await fetch(`http://127.0.0.1:${system.port}/panel/secret-path?q=secret-query`);
    const [, trace, span] = (await reply.text()).split('-');
    const all = await untilTraced(collector, trace, ['/panel/']);
    await eventually(() => named(collector.of(trace), '/panel/').length === 2, PATIENCE_MS);
    assert.ok(all.length > 0);
    const request = only(collector.of(trace), '/panel/', SERVER), asks = only(collector.of(trace), '/panel/', CLIENT);
    assert.equal(asks.spanId, span);
    assert.equal(request.attributes['http.response.status_code'], 200);
    assertInside(asks, request);
});

test('a refusal has its reason, not its sentence; a path that is none has no name', async () => {
    const reply = await call(system, 'GET', '/events/00000000-0000-7000-8000-000000000000');
    assert.equal(reply.status, 404);
    await untilTraced(collector, traceOf(reply), ['GET /events/{event_id}']);
    await eventually(() => named(collector.of(traceOf(reply)), 'events.GetEvent').length === 2, PATIENCE_MS);
    const all = collector.of(traceOf(reply));
    assert.deepEqual(only(all, 'events.GetEvent', SERVER).attributes, { 'conse.reason': 'NOT_FOUND' });
    assert.equal(only(all, 'events.GetEvent', SERVER).status, undefined);
    const lost = await call(system, 'GET', '/secret-nowhere');
    assert.deepEqual(only(await untilTraced(collector, traceOf(lost), ['unmatched']), 'unmatched').attributes, { 'http.response.status_code': 404 });
});

test('a trace from outside is not continued, unless that is trusted', async () => {
    const headers = { traceparent: `00-${STRANGE}-${PARENT}-01` };
    assert.notEqual(traceOf(await call(system, 'GET', '/auth/me', { token: god.token, headers })), STRANGE);
    system.env.CONSE_TRACES_TRUSTED = 'true';
    await system.restart('gateway');
    const reply = await call(system, 'GET', '/auth/me', { token: god.token, headers });
    assert.equal(traceOf(reply), STRANGE);
    const all = await untilTraced(collector, STRANGE, ['GET /auth/me']);
    assert.equal(only(all, 'GET /auth/me').parentSpanId, PARENT);
    const unsampled = await call(system, 'GET', '/auth/me', { token: god.token, headers: { traceparent: `00-${'ef'.repeat(16)}-${PARENT}-00` } });
    assert.equal(flagsOf(unsampled), '00');
    const last = await call(system, 'GET', '/auth/me', { token: god.token }); // behind it in the queue
    await untilTraced(collector, traceOf(last), ['GET /auth/me']);
    assert.equal(collector.of('ef'.repeat(16)).length, 0);
    delete system.env.CONSE_TRACES_TRUSTED;
    await system.restart('gateway');
});

test('nothing that users or operators keep to themselves is in a span', async () => {
    const canary = `canary${randomBytes(8).toString('hex')}`;
    const person = await signUp(system, canary);
    const last = await call(system, 'POST', `/events/${canary}/lock?x=${canary}`, {
        token: person.token,
        body: { note: canary },
        headers: { 'Idempotency-Key': canary, Cookie: `a=${canary}`, 'User-Agent': canary, tracestate: `a=${canary}` },
    });
    await untilTraced(collector, traceOf(last), ['POST /events/{event_id}/lock']);
    const texts = collector.texts.join('\n');
    for (const secret of [canary, person.id, god.id, person.token, god.token, 'secret-path', 'secret-query', 'secret-nowhere', '127.0.0.1', 'correct horse'])
        assert.ok(!texts.includes(secret), secret);
});

test('what was recorded when a process stops is sent', async () => {
    const reply = await call(system, 'GET', '/auth/me', { token: god.token });
    await renew('gateway');
    assert.ok(named(collector.of(traceOf(reply)), 'GET /auth/me').length, 'the request of a process that has stopped');
});

test('a collector that is away or silent delays no request; what finds no room is counted, and sending goes on', async () => {
    await collector.close();
    const before = collector.spans.length, asked = 2600;
    for (let i = 0; i < asked; i += 50) await Promise.all(Array.from({ length: 50 }, () => ok(system, 'GET', '/auth/me', { token: god.token })));
    await eventually(async () => (await dropped(system, 'queue_full')) > 0, PATIENCE_MS);
    assert.match(system.log('gateway'), /the collector takes no traces/);
    collector.answers = Array(4).fill(0); // twice for each process that has spans
    await collector.listen();
    await eventually(() => collector.answers.length < 4, PATIENCE_MS);
    for (let i = 0; i < 20; i++) await ok(system, 'GET', '/auth/me', { token: god.token });
    await eventually(() => collector.spans.slice(before).some(({ service }) => service === 'conse-gateway'), 60000);
    await eventually(() => /the collector takes traces again/.test(system.log('gateway')), PATIENCE_MS);
    assert.ok(await dropped(system, 'sent') > 0);
});

test('with ratio 0 nothing is sent, and without a URL nothing is recorded', async () => {
    await system.restart('gateway'); // what waited is gone
    system.env.CONSE_TRACES_RATIO = '0';
    for (const name of ['gateway', 'events', 'auth', 'chain']) await renew(name);
    const { requests } = collector;
    const unsampled = await call(system, 'GET', '/auth/me', { token: god.token });
    assert.equal(flagsOf(unsampled), '00');
    system.env.CONSE_TRACES_URL = '';
    for (const name of ['gateway', 'events', 'auth', 'chain']) await renew(name); // which sends what there is
    const off = await call(system, 'GET', '/auth/me', { token: god.token, headers: { traceparent: `00-${STRANGE}-${PARENT}-01` } });
    assert.equal(traceOf(off), STRANGE);
    assert.equal(collector.requests, requests);
    assert.equal(await dropped(system, 'sent'), 0);
});

test('a wrong ratio is told by name', async () => {
    await assert.rejects(async () => {
        const wrong = await startSystem({ services: ['auth'], env: { CONSE_TRACES_RATIO: '1.5' } });
        await wrong.stop();
    }, /CONSE_TRACES_RATIO/);
});
