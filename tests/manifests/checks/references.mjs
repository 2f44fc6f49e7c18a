// What one object says of another is there: accounts, selectors, ports, settings, secrets and their keys, targets, back ends.
import { containersOf, environmentOf, find, fits, nameOf, ofKind, podsOf } from '../objects.mjs';

const portsOf = (pod) => containersOf(pod).flatMap(({ ports = [] }) => ports);
const hasPort = (pod, port) => portsOf(pod).some(({ name, containerPort }) => name === port || containerPort === port);

// {name: [key]}: those that are rendered, those that are fetched, and those that the operator makes.
export function secretsOf(objects, given) {
    const rendered = ofKind(objects, 'Secret').map(({ metadata, data, stringData }) => [metadata.name, Object.keys({ ...data, ...stringData })]);
    const fetched = ofKind(objects, 'ExternalSecret').map(({ metadata, spec }) => [spec.target?.name ?? metadata.name, spec.data.map(({ secretKey }) => secretKey)]);
    return Object.fromEntries([...rendered, ...fetched, ...Object.entries(given)]);
}

function* serviceFaults(objects, service) {
    const pods = podsOf(objects).filter(({ labels }) => fits({ matchLabels: service.spec.selector }, labels));
    if (!pods.length) yield 'selects no pod';
    for (const { targetPort, port } of service.spec.ports) if (!pods.every((pod) => hasPort(pod, targetPort ?? port))) yield `its pods have no port ${targetPort ?? port}`;
}

function* targetFaults(objects, { spec: { scaleTargetRef: ref } }) {
    if (!find(objects, ref.kind, ref.name)) yield `there is no ${ref.kind} ${ref.name}`;
}

function* selectorFaults(objects, selector) {
    if (!podsOf(objects).some(({ labels }) => fits(selector, labels))) yield 'selects no pod';
}

function* workloadFaults(object) {
    const labels = object.spec.template?.metadata?.labels;
    if (labels && !fits(object.spec.selector, labels)) yield 'does not select its own pods';
}

function* monitorFaults(objects, { spec }) {
    const services = ofKind(objects, 'Service').filter(({ metadata }) => fits(spec.selector, metadata.labels ?? {}));
    for (const { port } of spec.endpoints) if (!services.some(({ spec: { ports } }) => ports.some(({ name }) => name === port))) yield `no service has a port ${port}`;
}

function* routeFaults(objects, { spec }) {
    for (const { name, sectionName } of spec.parentRefs) {
        const listeners = find(objects, 'Gateway', name)?.spec.listeners ?? [];
        if (!listeners.some((each) => !sectionName || each.name === sectionName)) yield `there is no listener ${name}/${sectionName}`;
    }
    for (const { backendRefs = [] } of spec.rules)
        for (const { name, port } of backendRefs) {
            if (!find(objects, 'Service', name)?.spec.ports.some((each) => each.port === port)) yield `there is no service ${name}:${port}`;
        }
}

// ---- Pods

const CLAIMS = ({ object }) => (object.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);

function* volumeFaults(objects, secrets, pod) {
    for (const { name, secret, configMap, persistentVolumeClaim: claim } of pod.spec.volumes ?? []) {
        if (secret && !secret.optional && !secrets[secret.secretName]) yield `there is no Secret ${secret.secretName}`;
        for (const { key } of (secret && secrets[secret.secretName] && secret.items) || []) if (!secrets[secret.secretName].includes(key)) yield `Secret ${secret.secretName} has no key ${key}`;
        if (configMap && !find(objects, 'ConfigMap', configMap.name)) yield `there is no ConfigMap ${configMap.name}`;
        if (claim && !find(objects, 'PersistentVolumeClaim', claim.claimName)) yield `there is no claim ${claim.claimName}`;
        if (!containersOf(pod).some(({ volumeMounts = [] }) => volumeMounts.some((each) => each.name === name))) yield `nothing mounts ${name}`;
    }
}

const probesOf = ({ startupProbe, readinessProbe, livenessProbe }) => [startupProbe, readinessProbe, livenessProbe].filter(Boolean);

// A setting ..._FILE below a secret's mount names one of its keys.
function* fileFaults(objects, secrets, pod, container) {
    for (const [name, value] of Object.entries(environmentOf(objects, container))) {
        const mount = /_FILE$/.test(name) && (container.volumeMounts ?? []).find(({ mountPath }) => value?.startsWith(`${mountPath}/`));
        const volume = mount && (pod.spec.volumes ?? []).find((each) => each.name === mount.name);
        if (/_FILE$/.test(name) && !volume) yield `${name}: nothing is mounted at ${value}`;
        else if (volume?.secret && !secrets[volume.secret.secretName]?.includes(value.slice(mount.mountPath.length + 1))) yield `${name}: the secret has no key for ${value}`;
    }
}

// The folder of certificates has the program's own pair, the authority, and no key of another program.
function* certificateFaults(objects, pod, container) {
    const folder = environmentOf(objects, container).CONSE_BUS_CERTIFICATES;
    if (!folder) return;
    const [, image] = /conse[-/](\w+)(?=[:@]|$)/.exec(container.image) ?? [];
    const program = image === 'operator' ? 'consectl' : `conse-${image}`;
    const mount = (container.volumeMounts ?? []).find(({ mountPath }) => mountPath === folder);
    const items = (pod.spec.volumes ?? []).find(({ name }) => name === mount?.name)?.secret?.items ?? [];
    const wanted = { 'ca.crt': 'ca.crt', [`${program}.crt`]: 'tls.crt', [`${program}.key`]: 'tls.key' };
    const given = Object.fromEntries(items.map(({ key, path }) => [path, key]));
    for (const path of new Set([...Object.keys(wanted), ...Object.keys(given)])) if (wanted[path] !== given[path]) yield `${folder}/${path} is ${given[path] ?? 'missing'}, not ${wanted[path] ?? 'to be there'}`;
}

function* containerFaults(objects, secrets, pod, container) {
    const volumes = [...(pod.spec.volumes ?? []).map(({ name }) => name), ...CLAIMS(pod)];
    for (const { name } of container.volumeMounts ?? []) if (!volumes.includes(name)) yield `there is no volume ${name}`;
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
        if (configMapRef && !find(objects, 'ConfigMap', configMapRef.name)) yield `there is no ConfigMap ${configMapRef.name}`;
        if (secretRef && !secrets[secretRef.name]) yield `there is no Secret ${secretRef.name}`;
    }
    for (const probe of probesOf(container)) {
        const { port } = probe.httpGet ?? probe.tcpSocket ?? {};
        if (port && !(container.ports ?? []).some((each) => each.name === port || each.containerPort === port)) yield `a probe asks port ${port}`;
    }
    yield* fileFaults(objects, secrets, pod, container);
    yield* certificateFaults(objects, pod, container);
}

function* podFaults(objects, secrets, pod) {
    const { serviceAccountName: account, priorityClassName: priority } = pod.spec;
    if (account && !find(objects, 'ServiceAccount', account)) yield `there is no account ${account}`;
    if (priority && !find(objects, 'PriorityClass', priority)) yield `there is no class ${priority}`;
    yield* volumeFaults(objects, secrets, pod);
    for (const container of containersOf(pod)) yield* containerFaults(objects, secrets, pod, container);
}

const BY_KIND = {
    Service: serviceFaults,
    HorizontalPodAutoscaler: targetFaults,
    PodDisruptionBudget: (objects, { spec }) => selectorFaults(objects, spec.selector),
    NetworkPolicy: (objects, { spec }) => selectorFaults(objects, spec.podSelector),
    Deployment: (objects, object) => workloadFaults(object),
    StatefulSet: (objects, object) => workloadFaults(object),
    ServiceMonitor: monitorFaults,
    HTTPRoute: routeFaults,
};

export function checkReferences(objects, { secrets: given }) {
    const secrets = secretsOf(objects, given);
    const own = objects.flatMap((object) => [...(BY_KIND[object.kind]?.(objects, object) ?? [])].map((fault) => `${nameOf(object)}: ${fault}`));
    const pods = podsOf(objects).flatMap((pod) => [...podFaults(objects, secrets, pod)].map((fault) => `${pod.name}: ${fault}`));
    return [...own, ...pods];
}
