// What manifests have in common, whatever their kind.
const WORKLOADS = { Deployment: (o) => o.spec.template, StatefulSet: (o) => o.spec.template, CronJob: (o) => o.spec.jobTemplate.spec.template };

export const nameOf = (object) => `${object.kind} ${object.metadata?.name}`;
export const ofKind = (objects, ...kinds) => objects.filter(({ kind }) => kinds.includes(kind));
export const find = (objects, kind, name) => objects.find((each) => each.kind === kind && (!name || each.metadata.name === name));

// [{object, name, labels, spec}]: the pods that the workloads make.
export const podsOf = (objects) =>
    objects.flatMap((object) => {
        const template = WORKLOADS[object.kind]?.(object);
        return template ? [{ object, name: nameOf(object), labels: template.metadata?.labels ?? {}, spec: template.spec }] : [];
    });
export const containersOf = ({ spec }) => [...(spec.initContainers ?? []), ...(spec.containers ?? [])];

function fitsExpression(labels, { key, operator, values = [] }) {
    if (operator === 'In') return values.includes(labels[key]);
    if (operator === 'NotIn') return !values.includes(labels[key]);
    return (key in labels) === (operator === 'Exists');
}
export const fits = (selector, labels) =>
    Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector?.matchExpressions ?? []).every((each) => fitsExpression(labels, each));

// What a container is told: its ConfigMaps first.
export function environmentOf(objects, container) {
    const shared = (container.envFrom ?? []).flatMap(({ configMapRef: ref }) => Object.entries(find(objects, 'ConfigMap', ref?.name)?.data ?? {}));
    return Object.fromEntries([...shared, ...(container.env ?? []).map(({ name, value }) => [name, value])]);
}
