// Faults that somebody could make in a manifest. Each has to be found by the check that it names.
import { containersOf, find, ofKind, podsOf } from './objects.mjs';

const deployment = (name) => (objects) => find(objects, 'Deployment', name);
const podOf = (objects, name) => podsOf(objects).find(({ object }) => object.kind === 'Deployment' && object.metadata.name === name);
const containerOf = (objects, name) => containersOf(podOf(objects, name))[0];
const policy = (objects, name) => find(objects, 'NetworkPolicy', name).spec;
const settings = (objects) => ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name.startsWith('settings')).data;
const remove = (list, match) => list.splice(list.findIndex(match), 1);
const rename = (object, from, to) => {
    object[to] = object[from];
    delete object[from];
};
const volume = (objects, name, of) => podOf(objects, name).spec.volumes.find((each) => each.name === of);
const reaches = (name) => ({ podSelector }) => podSelector?.matchLabels?.['app.kubernetes.io/name'] === name;

const row = (check, name, change, overlay = 'prod') => ({ check, name, change, overlay });

export const MUTATIONS = [
    row('schema', 'a misspelt field', (o) => rename(containerOf(o, 'auth'), 'livenessProbe', 'livenesProbe')),
    row('schema', 'a field of another type', (o) => (deployment('chain')(o).spec.replicas = 'two')),
    row('schema', 'a container without a name', (o) => delete containerOf(o, 'ai').name),
    row('schema', 'a quantity that is none', (o) => (containerOf(o, 'events').resources.limits.memory = '32Mb')),
    row('schema', 'a policy with a misspelt field', (o) => rename(policy(o, 'auth'), 'egress', 'egres')),
    row('schema', 'a misspelt field of a secret that is fetched', (o) => rename(find(o, 'ExternalSecret', 'bus').spec, 'refreshInterval', 'refreshEvery')),
    row('schema', 'a misspelt field of a route', (o) => rename(find(o, 'HTTPRoute', 'front').spec, 'hostnames', 'hosts')),
    row('schema', 'a misspelt field of a monitor', (o) => rename(find(o, 'ServiceMonitor').spec.endpoints[0], 'interval', 'every')),

    row('security', 'root', (o) => (podOf(o, 'auth').spec.securityContext.runAsNonRoot = false)),
    row('security', 'a capability', (o) => (containerOf(o, 'gateway').securityContext.capabilities.add = ['NET_ADMIN'])),
    row('security', 'a folder of the host', (o) => podOf(o, 'ai').spec.volumes.push({ name: 'host', hostPath: { path: '/' } })),
    row('security', 'privileges to be gained', (o) => delete containerOf(o, 'events').securityContext.allowPrivilegeEscalation),
    row('security', 'no seccomp', (o) => (podOf(o, 'chain').spec.securityContext.seccompProfile.type = 'Unconfined')),
    row('security', 'a root that can be written', (o) => delete containerOf(o, 'auth').securityContext.readOnlyRootFilesystem),
    row('security', 'the network of the host', (o) => (podOf(o, 'gateway').spec.hostNetwork = true)),
    row('security', 'a namespace that enforces less', (o) => (find(o, 'Namespace').metadata.labels['pod-security.kubernetes.io/enforce'] = 'baseline')),
    row('security', 'a token of Kubernetes', (o) => delete podOf(o, 'events').spec.automountServiceAccountToken),
    row('security', "a certificate's key that all may read", (o) => (volume(o, 'auth', 'certificates').secret.defaultMode = 0o644), 'more'),
    row('security', 'a key that all may read', (o) => (volume(o, 'auth', 'master').secret.defaultMode = 0o444)),

    row('references', 'a service that selects nothing', (o) => (find(o, 'Service', 'auth').spec.selector['app.kubernetes.io/name'] = 'aut')),
    row('references', 'a port that no pod has', (o) => (find(o, 'Service', 'chain').spec.ports[0].targetPort = 'call')),
    row('references', 'settings that are not there', (o) => (containerOf(o, 'ai').envFrom[0].configMapRef.name = 'setting')),
    row('references', 'a secret that is not there', (o) => (volume(o, 'gateway', 'cache').secret.secretName = 'redis')),
    row('references', 'a key that its secret has not', (o) => (containerOf(o, 'auth').env.find(({ name }) => /STORE/.test(name)).value = '/secrets/store/uri')),
    row('references', 'a secret that is fetched under another key', (o) => (find(o, 'ExternalSecret', 'master').spec.data[0].secretKey = 'master')),
    row('references', "another program's certificate", (o) => (volume(o, 'auth', 'certificates').secret.items[1].path = 'conse-chain.crt'), 'more'),
    row('references', "another program's key beside its own", (o) => volume(o, 'ai', 'certificates').secret.items.push({ key: 'tls.key', path: 'conse-chain.key' }), 'more'),
    row('references', 'certificates that are not mounted', (o) => remove(containerOf(o, 'events').volumeMounts, ({ name }) => name === 'certificates'), 'more'),
    row('references', 'a Secret of certificates that is not there', (o) => (volume(o, 'gateway', 'certificates').secret.secretName = 'gateway-tls'), 'more'),
    row('references', 'a key that certificates have not', (o) => (volume(o, 'chain', 'certificates').secret.items[2].key = 'key.pem'), 'more'),
    row('references', 'an account that is not there', (o) => (podOf(o, 'chain').spec.serviceAccountName = 'chains')),
    row('references', 'nobody to scale', (o) => (find(o, 'HorizontalPodAutoscaler', 'events').spec.scaleTargetRef.name = 'event')),
    row('references', 'a budget of nobody', (o) => (find(o, 'PodDisruptionBudget', 'ai').spec.selector.matchLabels['app.kubernetes.io/name'] = 'aj')),
    row('references', 'a route to nobody', (o) => (find(o, 'HTTPRoute', 'front').spec.rules[0].backendRefs[0].port = 8080)),
    row('references', 'a monitor of no port', (o) => (find(o, 'ServiceMonitor').spec.endpoints[0].port = 'metrics')),
    row('references', 'a probe of no port', (o) => (containerOf(o, 'auth').readinessProbe.httpGet.port = 'http')),
    row('references', 'a mount of nothing', (o) => remove(podOf(o, 'events').spec.volumes, ({ name }) => name === 'channels')),
    row('references', 'a claim that is not there', (o) => remove(o, ({ kind }) => kind === 'PersistentVolumeClaim')),
    row('references', 'a workload that does not find its pods', (o) => (deployment('auth')(o).spec.selector.matchLabels['app.kubernetes.io/name'] = 'other')),

    row('settings', 'a misspelt setting', (o) => rename(settings(o), 'CONSE_LOG_FORMAT', 'CONSE_LOGFORMAT')),
    row('settings', 'another port', (o) => (settings(o).CONSE_AUTH_PEERS = 'tcp://auth:7450')),
    row('settings', 'another name', (o) => (settings(o).CONSE_EVENTS_TOPICS = 'tcp://event:7453')),
    row('settings', 'a store of its own pod', (o) => remove(containerOf(o, 'chain').env, ({ name }) => /STORE/.test(name))),
    row('settings', 'an address without TLS', (o) => (settings(o).CONSE_CHAIN_PEERS = 'tcp://chain:7451'), 'more'),
    row('settings', 'TLS without certificates', (o) => delete settings(o).CONSE_BUS_CERTIFICATES, 'more'),
    row('settings', 'certificates for nothing', (o) => (settings(o).CONSE_BUS_CERTIFICATES = '/secrets/certificates')),
    row('settings', 'a misspelt setting of traces', (o) => rename(settings(o), 'CONSE_TRACES_URL', 'CONSE_TRACE_URL'), 'more'),
    row('settings', 'a misspelt setting of other servers', (o) => rename(settings(o), 'CONSE_PROXY', 'CONSE_PROXYS'), 'more'),
    row('settings', 'no bus key', (o) => delete settings(o).CONSE_BUS_KEY_FILE),
    row('settings', 'a folder that Kubernetes owns', (o) => (settings(o).CONSE_DATA = '/data')),

    row('policies', 'nothing is denied', (o) => remove(o, ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'nothing-else')),
    row('policies', 'out to everywhere', (o) => policy(o, 'ai').egress.push({})),
    row('policies', 'in from everywhere', (o) => policy(o, 'auth').ingress.push({ ports: [{ protocol: 'TCP', port: 7451 }] })),
    row('policies', 'in from every pod here', (o) => policy(o, 'chain').ingress[0].from.push({ podSelector: {} })),
    row('policies', 'in from this name in every namespace', (o) => (policy(o, 'events').ingress[0].from[0].namespaceSelector = {})),
    row('policies', 'who calls is not let out', (o) => remove(policy(o, 'auth').egress, ({ to }) => to.some(reaches('chain')))),
    row('policies', 'who calls is not let in', (o) => policy(o, 'auth').ingress.forEach(({ from }) => from.some(reaches('chain')) && remove(from, reaches('chain')))),
    row('policies', 'one who does not call', (o) => policy(o, 'ai').ingress[0].from.push({ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'auth' } } }) && policy(o, 'auth').egress[0].to.push({ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'ai' } } })),
    row('policies', 'another port', (o) => (policy(o, 'gateway').egress[0].ports[0].port = 7450)),
    row('policies', 'a range of ports', (o) => Object.assign(policy(o, 'chain').ingress[0].ports[0], { port: 1, endPort: 7451 })),
    row('policies', 'no names', (o) => remove(policy(o, 'names').egress[0].ports, ({ protocol }) => protocol === 'UDP')),
    row('policies', 'the addresses of the machine', (o) => remove(policy(o, 'events').egress.flatMap(({ to }) => to).find(({ ipBlock }) => ipBlock).ipBlock.except, (cidr) => cidr.startsWith('169.254'))),
    row('policies', 'metrics for all', (o) => delete policy(o, 'gateway').ingress.find(({ from }) => from.some(({ namespaceSelector: n }) => n?.matchLabels['conse/watch'])).from),
    row('policies', 'traces to everywhere', (o) => delete policy(o, 'traces').egress[0].to, 'more'),
    row('policies', 'traces of consectl', (o) => policy(o, 'traces').podSelector.matchExpressions[0].values.push('operator'), 'more'),
    row('policies', 'no way for traces', (o) => remove(o, ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'traces'), 'more'),
    row('policies', 'a network in the place of a server', (o) => (policy(o, 'upstreams').egress[0].to[0].ipBlock.cidr = '10.0.0.0/24'), 'more'),
    row('policies', 'all ports of a server', (o) => delete policy(o, 'upstreams').egress[0].ports, 'more'),
    row('policies', 'all pods beside a server', (o) => delete policy(o, 'upstreams').egress[1].to[0].podSelector, 'more'),
    row('policies', "a server's name in every namespace", (o) => (policy(o, 'upstreams').egress[1].to[0].namespaceSelector = {}), 'more'),
    row('policies', 'servers for all programs', (o) => (policy(o, 'upstreams').podSelector = {}), 'more'),
    row('policies', 'a server that is not let to', (o) => policy(o, 'upstreams').egress.pop(), 'more'),
    row('policies', 'the front from every namespace', (o) => (policy(o, 'gateway').ingress.flatMap(({ from }) => from).find(({ namespaceSelector: n }) => n?.matchLabels['conse/front']).namespaceSelector = {})),
    row('policies', 'a label that no pod has', (o) => (policy(o, 'chain').podSelector.matchLabels['app.kubernetes.io/name'] = 'chains')),
    row('policies', 'a policy of one way', (o) => (policy(o, 'nothing-else').policyTypes = ['Ingress']) && (policy(o, 'operator').policyTypes = ['Ingress'])),
    row('policies', 'a gateway that reaches the stores', (o) => policy(o, 'mongodb-elsewhere').podSelector.matchExpressions[0].values.push('gateway')),
    row('policies', 'a store for everybody', (o) => (policy(o, 'mongodb').ingress[0].from = [{ podSelector: {} }]) && (policy(o, 'gateway').egress = [...policy(o, 'gateway').egress, { to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'mongodb' } } }] }]), 'dev'),
    row('policies', 'the front from every address', (o) => (policy(o, 'front').ingress[0].from[0].ipBlock.cidr = '0.0.0.0/0'), 'digitalocean'),

    row('conduct', 'killed before it has drained', (o) => (podOf(o, 'events').spec.terminationGracePeriodSeconds = 20)),
    row('conduct', 'ends while it is found', (o) => delete containerOf(o, 'gateway').lifecycle),
    row('conduct', 'not asked whether it is ready', (o) => (containerOf(o, 'auth').readinessProbe.httpGet.path = '/livez')),
    row('conduct', 'gone before the next is there', (o) => (deployment('chain')(o).spec.strategy.rollingUpdate.maxUnavailable = 1)),
    row('conduct', 'two who say how many', (o) => (deployment('gateway')(o).spec.replicas = 3)),
    row('conduct', 'no budget', (o) => remove(o, ({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === 'chain')),
    row('conduct', 'a budget of two', (o) => (find(o, 'PodDisruptionBudget', 'gateway').spec.maxUnavailable = 2)),
    row('conduct', 'all on one machine', (o) => (podOf(o, 'events').spec.topologySpreadConstraints = [])),
    row('conduct', 'memory without a bound', (o) => delete containerOf(o, 'ai').resources.limits),
    row('conduct', 'whatever version', (o) => (containerOf(o, 'auth').image = 'registry.example/conse-auth:latest')),
    row('conduct', 'scaled down to one', (o) => (find(o, 'HorizontalPodAutoscaler', 'auth').spec.minReplicas = 1)),
];
