// What the policies let through, worked out for every pair of places and every port, against the call graph. Knows nothing of how the
// policies are made.
import { fits, ofKind, podsOf } from '../objects.mjs';

const NAME = 'app.kubernetes.io/name';
const namespaced = (name, labels = {}) => ({ 'kubernetes.io/metadata.name': name, ...labels });
// A pod of ours has no address here: a block of addresses is for what is outside.
const OTHERS = [
    { is: 'dns', namespace: namespaced('kube-system'), labels: { 'k8s-app': 'kube-dns' } },
    { is: 'kube-system', namespace: namespaced('kube-system'), labels: { 'k8s-app': 'other' } },
    { is: 'watch', namespace: namespaced('monitoring', { 'conse/watch': 'true' }), labels: {} },
    { is: 'front', namespace: namespaced('gateways', { 'conse/front': 'true' }), labels: {} },
    { is: 'outside', address: '203.0.113.9' },
    { is: 'private', address: '10.9.8.7' },
    { is: 'private', address: '192.168.1.1' },
    { is: 'machine', address: '169.254.169.254' },
];

// Servers behind the gateways, and what is beside them: another address, another name there, the name elsewhere.
function upstreamPlaces(upstreams) {
    return upstreams.flatMap(({ address, namespace, name, port }) =>
        address
            ? [{ is: 'upstream', name: address, address, port }, { is: 'private', address: address.replace(/\d+$/, '250') }]
            : [
                  { is: 'upstream', name: `${name} in ${namespace}`, namespace: namespaced(namespace), labels: { [NAME]: name }, port },
                  { is: 'stranger', name: `another in ${namespace}`, namespace: namespaced(namespace), labels: { [NAME]: `${name}-other` } },
                  { is: 'stranger', name: `${name} elsewhere`, namespace: namespaced('elsewhere'), labels: { [NAME]: name } },
              ],
    );
}

function placesOf(objects, namespace, programs, upstreams) {
    const ours = podsOf(objects).map(({ labels, name }) => ({ is: labels[NAME], name, namespace: namespaced(namespace), labels, ours: true }));
    // Pods of other namespaces that call themselves as ours.
    const strangers = programs.map((name) => ({ is: 'stranger', name: `${name} elsewhere`, namespace: namespaced('elsewhere'), labels: { [NAME]: name } }));
    return [...ours, ...strangers, { is: 'debugger', name: 'a pod of no program', namespace: namespaced(namespace), labels: {}, ours: true }, ...upstreamPlaces(upstreams), ...OTHERS];
}

// ---- The rules of policies

const numberOf = (address) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
function isWithin(address, cidr) {
    const [base, bits] = cidr.split('/');
    const size = 2 ** (32 - Number(bits));
    return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
}

function isPeer(peer, place) {
    if (peer.ipBlock) return Boolean(place.address) && isWithin(place.address, peer.ipBlock.cidr) && !(peer.ipBlock.except ?? []).some((cidr) => isWithin(place.address, cidr));
    if (place.address) return false;
    const near = peer.namespaceSelector ? fits(peer.namespaceSelector, place.namespace) : place.ours;
    return Boolean(near) && (!peer.podSelector || fits(peer.podSelector, place.labels));
}

const isPort = (rule, { port, protocol }) =>
    !rule.ports?.length || rule.ports.some((each) => (each.protocol ?? 'TCP') === protocol && (each.port === undefined || (each.port <= port && port <= (each.endPort ?? each.port))));

// Types that are not named follow from the rules that are there.
const typesOf = ({ policyTypes, egress }) => policyTypes ?? ['Ingress', ...(egress ? ['Egress'] : [])];

function letsThrough(policies, { type, rules, peers }, pod, other, port) {
    if (!pod.ours) return true;
    const own = policies.filter(({ spec }) => typesOf(spec).includes(type) && fits(spec.podSelector, pod.labels));
    if (!own.length) return true;
    return own.some(({ spec }) => (spec[rules] ?? []).some((rule) => isPort(rule, port) && (!rule[peers]?.length || rule[peers].some((peer) => isPeer(peer, other)))));
}

const OUT = { type: 'Egress', rules: 'egress', peers: 'to' };
const IN = { type: 'Ingress', rules: 'ingress', peers: 'from' };

// ---- The call graph

const has = (pairs, from, to) => pairs.some((pair) => pair[0] === from.is && pair[1] === to.is);

// The network that overlays name.
const isNear = ({ address }) => Boolean(address?.startsWith('10.'));

function isStore({ stores }, where, from, to, port) {
    return Object.entries(stores).some(([name, store]) => {
        if (!store.used_by.includes(from.is)) return false;
        return where.stores === 'elsewhere' ? isNear(to) && port === store.outside : to.is === name && port === store.port;
    });
}

function isWanted(graph, where, from, to, { port, protocol }) {
    const { ports, calls, follows, services, front, outside } = graph;
    if (to.is === 'dns') return from.ours && port === 53;
    if (protocol !== 'TCP') return false;
    if (from.is === 'gateway' && to.is === 'upstream' && port === to.port) return true;
    if (port === ports.calls || port === ports.slow) return has(calls, from, to);
    if (port === ports.topics) return has(follows, from, to);
    if (port === ports.admin) return from.is === 'watch' && to.ours && [...services, ...front].includes(to.is);
    if (port === ports.traces) return Boolean(where.traces) && to.is === 'watch' && from.ours && [...services, ...front].includes(from.is);
    if (port === ports.http) return front.includes(to.is) && (from.is === 'front' || (where.front === 'private' && isNear(from)));
    return (port === 443 && to.is === 'outside' && from.is in outside) || isStore(graph, where, from, to, port);
}

const labelOf = (place) => place.name ?? place.address ?? place.is;

export function checkPolicies(objects, { graph, where }) {
    const policies = ofKind(objects, 'NetworkPolicy');
    const { upstreams = [] } = where;
    const places = placesOf(objects, 'conse', graph.programs, upstreams);
    const numbers = [...upstreams.map(({ port }) => port), 22, 53, 80, 443, 10250, ...Object.values(graph.ports), ...Object.values(graph.stores).flatMap(({ port, outside }) => [port, outside])];
    const ports = [...new Set(numbers)].flatMap((port) => [{ port, protocol: 'TCP' }, { port, protocol: 'UDP' }]);
    const faults = [];
    for (const from of places)
        for (const to of places)
            for (const port of from.ours || to.ours ? ports : []) {
                const wanted = isWanted(graph, where, from, to, port);
                // Each end by itself: what one lets through must not rest on the other.
                const ends = [...(from.ours ? [letsThrough(policies, OUT, from, to, port)] : []), ...(to.ours ? [letsThrough(policies, IN, to, from, port)] : [])];
                if (ends.some((passes) => passes !== wanted)) faults.push(`${labelOf(from)} → ${labelOf(to)}:${port.port}/${port.protocol} ${wanted ? 'is needed, and does not pass' : 'passes, and nobody needs it'}`);
            }
    return faults;
}
