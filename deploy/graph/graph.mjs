// Who calls whom: from the contract, which names the callers of every method and the readers of every stream (proto/), and graph.json,
// which has what the contract does not say: ports, stores, and who has to do with the world outside.
import fs from 'node:fs';

export const ROOT = new URL('../../', import.meta.url);
const read = (path) => fs.readFileSync(new URL(path, ROOT), 'utf8');
const words = (text) => text.match(/[A-Z]\w*/g) ?? [];
const withoutComments = (text) => text.replace(/\/\/.*$/gm, '');

// The texts {...} behind each occurrence of a pattern, braces matched.
function bodiesOf(text, pattern) {
    return [...text.matchAll(pattern)].map((match) => {
        const from = match.index + match[0].length;
        let at = from;
        for (let open = 1; open; at++) open += { '{': 1, '}': -1 }[text[at]] ?? 0;
        return { name: match[1], body: text.slice(from, at - 1) };
    });
}

// A stream's readers follow its topic; `peers` are other processes of the service itself.
function readersOf(stream, service) {
    const readers = [...stream.matchAll(/\b(?:whole|numbers):\s*(\[[^\]]*\]|\w+)/g)].flatMap(([, list]) => words(list));
    return [...readers.map((reader) => reader.toLowerCase()), ...(/\bpeers:\s*true/.test(stream) ? [service] : [])];
}

// {calls: [[caller, service]], follows: [[reader, service]]} of one file of the contract.
export function edgesOf(proto) {
    const text = withoutComments(proto);
    const service = /^package (\w+);/m.exec(text)?.[1];
    const callers = [...text.matchAll(/\bcallers:\s*(\[[^\]]*\]|\w+)/g)].flatMap(([, list]) => words(list));
    const streams = bodiesOf(text, /option \(conse\.(stream)\) = \{/g).flatMap(({ body }) => readersOf(body, service));
    return { calls: callers.map((caller) => [caller.toLowerCase(), service]), follows: streams.map((reader) => [reader, service]) };
}

// A package without a service of its name, as keys, is answered by every service.
const answeredBy = (services) => ([from, to]) => (services.includes(to) ? [[from, to]] : services.map((each) => [from, each]));
const unique = (pairs) => [...new Set(pairs.map((pair) => pair.join(' ')))].sort().map((pair) => pair.split(' '));

// {programs, services, ports, stores, outside, front, calls, follows}: pairs [from, to], each once, in order. Who follows also calls, for
// the feed is read by calls.
export function readGraph() {
    const { ports, stores, asked_from_outside: front, asks_outside: outside } = JSON.parse(read('deploy/graph.json'));
    const files = fs.readdirSync(new URL('proto/', ROOT)).filter((name) => name.endsWith('.proto'));
    const edges = files.map((name) => edgesOf(read(`proto/${name}`)));
    const rooms = fs.readdirSync(new URL('services/', ROOT)).sort();
    const services = rooms.filter((room) => edges.some((each) => each.calls.some(([, to]) => to === room)));
    const follows = unique(edges.flatMap((each) => each.follows));
    const calls = unique([...edges.flatMap((each) => each.calls).flatMap(answeredBy(services)), ...follows]);
    const programs = [...new Set(calls.flat())].sort();
    return { programs, services, ports, stores, outside, front, calls, follows };
}
