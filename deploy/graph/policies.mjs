// The call graph as NetworkPolicies: nothing goes in or out of a pod but what the graph has.
const nameOf = (program) => ({ matchLabels: { 'app.kubernetes.io/name': program } });
const podOf = (program) => ({ podSelector: nameOf(program) });
const port = (number, protocol = 'TCP') => ({ protocol, port: number });
const namespaceWith = (label) => ({ namespaceSelector: { matchLabels: { [label]: 'true' } } });

const policyOf = (name, spec) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name }, spec });

const DENIED = policyOf('nothing-else', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
const DNS = policyOf('names', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
        {
            to: [
                {
                    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
                    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
                },
            ],
            ports: [port(53, 'UDP'), port(53)],
        },
    ],
});
// Addresses of networks that are nobody's business: our own, the link's, the machine's.
const PRIVATE = ['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'];
const OUTSIDE = { ipBlock: { cidr: '0.0.0.0/0', except: PRIVATE } };

const has = (pairs, from, to) => pairs.some((pair) => pair[0] === from && pair[1] === to);
export const portsBetween = ({ ports, follows }, from, to) => [ports.calls, ports.slow, ...(has(follows, from, to) ? [ports.topics] : [])];

// Peers with the same ports share a rule.
function rulesOf(peers, way) {
    const rules = new Map();
    for (const { peer, ports } of peers) {
        const key = ports.map((each) => each.port).join();
        if (!rules.has(key)) rules.set(key, { [way]: [], ports });
        rules.get(key)[way].push(peer);
    }
    return [...rules.values()];
}

const asPorts = (numbers) => numbers.map((number) => port(number));

function ingressOf(graph, program) {
    const { ports, calls, services, front } = graph;
    const callers = calls.filter(([, to]) => to === program);
    const peers = callers.map(([from]) => ({ peer: podOf(from), ports: asPorts(portsBetween(graph, from, program)) }));
    if (front.includes(program)) peers.push({ peer: namespaceWith('conse/front'), ports: asPorts([ports.http]) });
    if (services.includes(program) || front.includes(program)) peers.push({ peer: namespaceWith('conse/watch'), ports: asPorts([ports.admin]) });
    return rulesOf(peers, 'from');
}

function egressOf(graph, program) {
    const { calls, stores, outside } = graph;
    const called = calls.filter(([from]) => from === program);
    const peers = called.map(([, to]) => ({ peer: podOf(to), ports: asPorts(portsBetween(graph, program, to)) }));
    for (const [store, { port: number, used_by: users }] of Object.entries(stores))
        if (users.includes(program)) peers.push({ peer: podOf(store), ports: asPorts([number]) });
    if (outside[program]) peers.push({ peer: OUTSIDE, ports: asPorts([443]) });
    return rulesOf(peers, 'to');
}

const both = (graph, program) =>
    policyOf(program, {
        podSelector: nameOf(program),
        policyTypes: ['Ingress', 'Egress'],
        ingress: ingressOf(graph, program),
        egress: egressOf(graph, program),
    });

// For the base: the programs.
export const programPolicies = (graph) => [DENIED, DNS, ...graph.programs.map((program) => both(graph, program))];

// For stores within the namespace.
export const storePolicies = (graph) =>
    Object.entries(graph.stores).map(([store, { port: number, used_by: users }]) =>
        policyOf(store, { podSelector: nameOf(store), policyTypes: ['Ingress'], ingress: [{ from: users.map(podOf), ports: asPorts([number]) }] }),
    );

// Out of some programs, by ways that not every installation has.
export const egressPolicy = (name, programs, ways) =>
    policyOf(name, {
        podSelector: { matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values: programs }] },
        policyTypes: ['Egress'],
        egress: rulesOf(ways.map(({ peer, port: number }) => ({ peer, ports: asPorts([number]) })), 'to'),
    });

// For traces: to the collector, which is where Prometheus is.
export const tracePolicies = ({ ports, services, front }) => [
    egressPolicy('traces', [...front, ...services], [{ peer: namespaceWith('conse/watch'), port: ports.traces }]),
];

// For stores elsewhere: the overlay says where.
export const outsideStorePolicies = (graph) =>
    Object.entries(graph.stores).map(([store, { outside, used_by: users }]) =>
        egressPolicy(`${store}-elsewhere`, users, [{ peer: { ipBlock: { cidr: '10.0.0.0/8' } }, port: outside }]),
    );
