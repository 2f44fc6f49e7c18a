// The restricted profile of Kubernetes' pod security standards, and what Conse asks for beyond it.
import { containersOf, ofKind, podsOf } from '../objects.mjs';

const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];
const SECCOMP = ['RuntimeDefault', 'Localhost'];
const SELINUX = [undefined, '', 'container_t', 'container_init_t', 'container_kvm_t'];
const SYSCTLS = ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range'];

const kindOf = (volume) => Object.keys(volume).find((key) => key !== 'name');

function* podFaults({ spec }) {
    const context = spec.securityContext ?? {};
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) if (spec[key]) yield `${key}`;
    for (const volume of spec.volumes ?? []) if (!VOLUMES.includes(kindOf(volume))) yield `volume ${volume.name} is ${kindOf(volume)}`;
    for (const { name } of context.sysctls ?? []) if (!SYSCTLS.includes(name)) yield `sysctl ${name}`;
    if (context.windowsOptions?.hostProcess) yield 'hostProcess';
    // Beyond the profile:
    if (spec.automountServiceAccountToken !== false) yield 'has a token of Kubernetes';
    if (spec.enableServiceLinks !== false) yield 'variables of services would mix with settings';
}

function* containerFaults(pod, container) {
    const own = container.securityContext ?? {};
    const of = (key) => own[key] ?? pod.spec.securityContext?.[key];
    const { add = [], drop = [] } = own.capabilities ?? {};
    if (own.privileged) yield 'is privileged';
    if (own.allowPrivilegeEscalation !== false) yield 'may gain privileges';
    if (of('runAsNonRoot') !== true) yield 'may run as root';
    if (of('runAsUser') === 0) yield 'runs as root';
    if (!SECCOMP.includes(of('seccompProfile')?.type)) yield 'has no seccomp profile';
    if (!drop.includes('ALL') || add.some((each) => each !== 'NET_BIND_SERVICE')) yield 'keeps capabilities';
    if (!SELINUX.includes(of('seLinuxOptions')?.type)) yield 'has a type of SELinux of its own';
    if (own.procMount && own.procMount !== 'Default') yield 'has another /proc';
    for (const { hostPort } of container.ports ?? []) if (hostPort) yield `takes port ${hostPort} of its host`;
    if (own.readOnlyRootFilesystem !== true) yield 'may write its root'; // beyond the profile
}

function* namespaceFaults({ metadata: { name, labels = {} } }) {
    if (labels['pod-security.kubernetes.io/enforce'] !== 'restricted') yield `Namespace ${name} does not enforce the restricted profile`;
}

// A file with a key may be read by its group at most: lib/base/private_file.
const openSecrets = ({ spec }) => (spec.volumes ?? []).filter(({ secret }) => secret && (secret.defaultMode ?? 0o644) & 0o037).map(({ name }) => `others may read secret ${name}`);

export function checkSecurity(objects) {
    return [
        ...ofKind(objects, 'Namespace').flatMap((each) => [...namespaceFaults(each)]),
        ...podsOf(objects).flatMap((pod) => [
            ...[...podFaults(pod), ...openSecrets(pod)].map((fault) => `${pod.name}: ${fault}`),
            ...containersOf(pod).flatMap((each) => [...containerFaults(pod, each)].map((fault) => `${pod.name}/${each.name} ${fault}`)),
        ]),
    ];
}
