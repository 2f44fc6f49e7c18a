// How programs start, end, move and grow: probes, time to end, budgets, spread, replicas, images, memory.
import { containersOf, find, fits, nameOf, ofKind, podsOf } from '../objects.mjs';

const seconds = (text) => Number(/^(\d+)s$/.exec(text)?.[1]);
const isOurs = ({ image }) => /conse[-/]/.test(image);
const settingOf = (objects, container, name) => (container.envFrom ?? []).map(({ configMapRef: ref }) => find(objects, 'ConfigMap', ref?.name)?.data?.[name]).find(Boolean);

// service_stop: twice the drain, and five seconds.
function* endFaults(objects, { spec }, container) {
    const pause = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
    const needs = pause + 2 * seconds(settingOf(objects, container, 'CONSE_DRAIN')) + 5;
    if (!pause) yield 'ends while others still find it';
    if (!(spec.terminationGracePeriodSeconds >= needs)) yield `is killed after ${spec.terminationGracePeriodSeconds} s, and may need ${needs}`;
}

function* probeFaults(container) {
    const paths = { startupProbe: '/readyz', readinessProbe: '/readyz', livenessProbe: '/livez' };
    for (const [probe, path] of Object.entries(paths)) if (container[probe]?.httpGet?.path !== path) yield `its ${probe} does not ask ${path}`;
}

function* rollFaults({ object }) {
    const { maxUnavailable, maxSurge } = object.spec.strategy?.rollingUpdate ?? {};
    if (maxUnavailable !== 0 || !(maxSurge > 0)) yield 'goes before the next one is there';
}

function* spreadFaults({ labels, spec }) {
    const spread = spec.topologySpreadConstraints ?? [];
    if (!spread.some(({ topologyKey, labelSelector }) => topologyKey === 'kubernetes.io/hostname' && fits(labelSelector, labels))) yield 'may have all its pods on one machine';
}

function* countFaults(objects, { object }) {
    const scaled = ofKind(objects, 'HorizontalPodAutoscaler').some(({ spec }) => spec.scaleTargetRef.name === object.metadata.name);
    if (scaled && object.spec.replicas !== undefined) yield 'says how many it is, beside who scales it';
}

function* budgetFaults(objects, { labels }) {
    const budgets = ofKind(objects, 'PodDisruptionBudget').filter(({ spec }) => fits(spec.selector, labels));
    if (budgets.length !== 1) yield `has ${budgets.length} budgets`;
    for (const { spec } of budgets) if (spec.maxUnavailable !== 1) yield 'has a budget that is not one at a time';
}

function* serverFaults(objects, pod) {
    const [container] = containersOf(pod);
    yield* endFaults(objects, pod, container);
    yield* probeFaults(container);
    yield* rollFaults(pod);
    yield* spreadFaults(pod);
    yield* countFaults(objects, pod);
    yield* budgetFaults(objects, pod);
}

function* containerFaults({ name, image, resources }) {
    if (!resources?.limits?.memory || !resources?.requests?.memory || !resources?.requests?.cpu) yield `${name} has no bounds`;
    if (/:latest$/.test(image)) yield `${name} is of whatever version`;
}

function* scaleFaults({ spec }) {
    if (!(spec.minReplicas >= 2)) yield 'may leave one alone';
}

export function checkConduct(objects) {
    return [
        ...podsOf(objects).flatMap((pod) => {
            const isServer = pod.object.kind === 'Deployment' && containersOf(pod).some(isOurs);
            const faults = [...(isServer ? serverFaults(objects, pod) : []), ...containersOf(pod).flatMap((each) => [...containerFaults(each)])];
            return faults.map((fault) => `${pod.name}: ${fault}`);
        }),
        ...ofKind(objects, 'HorizontalPodAutoscaler').flatMap((each) => [...scaleFaults(each)].map((fault) => `${nameOf(each)}: ${fault}`)),
    ];
}
