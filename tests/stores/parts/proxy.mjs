// A proxy before a server that speaks MongoDB's protocol. It passes everything on as it is, but for the requests that a rule
// (rules.mjs) spoils, and keeps what was asked. To its clients the server is the primary of a replica set (disguise.mjs).
import net from 'node:net';
import { askerTo } from './asker.mjs';
import { lagBook } from './lag.mjs';
import { ruleBook } from './rules.mjs';
import { serveClient } from './session.mjs';

const listen = (listener, port, host) => new Promise((resolve) => listener.listen(port, host, resolve));

// {port, url, add(rule), clear(), requests, away(), back(), mute(), unmute(), stop()}. away ends the connections and refuses new ones;
// mute keeps them, and nothing comes through, either way. requests are {command, collection, database, document, ids};
// lag.rule.met counts the majority reads that would have shown what lags. stop throws what the proxy itself failed at. With `keeps` false
// the requests are not kept.
export async function startProxy(server_port, { host = '127.0.0.1', port = 0, keeps = true } = {}) {
    const rules = ruleBook();
    const lag = lagBook();
    const proxy = { server_port, rules, lag, add: rules.add, clear: rules.clear, requests: [], faults: [], host };
    Object.assign(proxy, { sessions: new Set(), muted: false, quiet: Promise.resolve() });
    let listener;
    proxy.keep = (request) => keeps && proxy.requests.push(request);

    // Runs `work` with a connection of its own to the server, while nothing else passes.
    proxy.alone = (work) => {
        const asker = askerTo(server_port);
        const turn = proxy.quiet.then(() => work(asker.ask)).finally(asker.close);
        proxy.quiet = turn.catch(() => {});
        return turn;
    };
    proxy.back = async () => {
        listener = net.createServer((client) => serveClient(proxy, client));
        await listen(listener, proxy.port ?? port, host);
        proxy.port = listener.address().port;
    };
    proxy.away = async () => {
        const closed = new Promise((resolve) => listener.close(resolve));
        proxy.sessions.forEach((session) => session.end());
        await closed;
    };
    proxy.mute = () => {
        proxy.muted = true;
        proxy.sessions.forEach(({ client, server }) => [client, server].forEach((socket) => socket.pause()));
    };
    proxy.unmute = () => {
        proxy.muted = false;
        proxy.sessions.forEach(({ client, server }) => [client, server].forEach((socket) => socket.resume()));
    };
    proxy.stop = async () => {
        if (listener.listening) await proxy.away();
        if (proxy.faults.length) throw new AggregateError(proxy.faults, `the proxy: ${proxy.faults.map(({ message }) => message)}`);
    };
    await proxy.back();
    proxy.url = `mongodb://${host}:${proxy.port}`;
    return proxy;
}
