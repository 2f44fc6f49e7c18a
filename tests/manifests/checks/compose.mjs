// docker-compose.yml: who shares a network has to do with each other, and nobody has more than they need.
const PROGRAMS = { consectl: 'operator' };
const programOf = (name) => PROGRAMS[name] ?? name;
const FOR_TRYING = ['dev', 'grafana']; // they meet nobody of the others
const WATCHERS = ['prometheus', 'jaeger']; // they meet the services
const SHOWN = ['haproxy', 'jaeger']; // jaeger on the machine alone

const has = (pairs, a, b) => pairs.some(([from, to]) => (from === a && to === b) || (from === b && to === a));

function meets({ calls, stores, services, front }, a, b) {
    const store = (name, user) => stores[name]?.used_by.includes(user);
    if (WATCHERS.includes(a) && WATCHERS.includes(b)) return true;
    for (const watcher of WATCHERS) if (a === watcher || b === watcher) return [...services, ...front].includes(a === watcher ? b : a);
    if (a === 'haproxy' || b === 'haproxy') return front.includes(a === 'haproxy' ? b : a);
    return has(calls, a, b) || store(a, b) || store(b, a);
}

function* networkFaults({ services, networks }, graph) {
    const names = Object.keys(services).filter((name) => !FOR_TRYING.includes(name));
    for (const [i, a] of names.entries())
        for (const b of names.slice(i + 1)) {
            const shared = services[a].networks.filter((each) => services[b].networks.includes(each));
            const wanted = meets(graph, programOf(a), programOf(b));
            if (Boolean(shared.length) !== Boolean(wanted)) yield `${a} and ${b} ${wanted ? 'share no network' : `share ${shared.join(', ')}`}`;
        }
    for (const name of names) {
        const open = services[name].networks.filter((each) => !networks[each]?.internal);
        const wanted = SHOWN.includes(name) || name === 'gateway' || programOf(name) in graph.outside;
        if (open.length && !wanted) yield `${name} may go out by ${open.join(', ')}`;
        if (services[name].ports && !SHOWN.includes(name)) yield `${name} is open to the world`;
    }
}

function* boundFaults(name, service) {
    if (!service.read_only && name !== 'grafana') yield `${name} may write its root`;
    if (!service.cap_drop?.includes('ALL')) yield `${name} keeps capabilities`;
    if (!service.security_opt?.includes('no-new-privileges:true')) yield `${name} may gain privileges`;
    if (service.privileged || service.cap_add || service.pid || service.network_mode) yield `${name} has what is the host's`;
    if (!service.mem_limit && name !== 'dev') yield `${name} has no bound`;
    for (const port of service.ports ?? []) if (name !== 'haproxy' && !String(port).startsWith('127.0.0.1:')) yield `${name} is open to the world`;
}

function* secretFaults({ services, secrets }, given) {
    for (const [name, { secrets: own = [] }] of Object.entries(services))
        for (const each of own) if (!secrets[each.source ?? each]) yield `${name}: there is no secret ${each.source ?? each}`;
    const names = Object.keys(secrets).filter((name) => name !== 'front.pem').sort();
    if (names.join() !== Object.keys(given).sort().join()) yield `secrets are ${names}, and secrets.sh has ${Object.keys(given)}`;
}

function* settingFaults({ services }, settings) {
    for (const [name, { environment = {} }] of Object.entries(services))
        for (const setting of Object.keys(environment)) if (setting.startsWith('CONSE_') && !settings.has(setting)) yield `${name}: ${setting} is no setting`;
}

// With TLS each container has a folder of its own program's certificates, and the addresses that Kubernetes' component has.
function* tlsFaults({ services }, { services: served, front }, file) {
    if (!file) return;
    for (const name of [...served, ...front, 'consectl']) {
        const { env_file: settings = [], volumes = [] } = services[name];
        if (settings.at(-1) !== file) yield `${name} does not have ${file} at the end of its settings`;
        if (!volumes.some((each) => each.endsWith(`/certificates/${name}:/secrets/certificates:ro`))) yield `${name} has no certificates of its own`;
        for (const each of volumes) if (each.includes('/certificates/') && !each.includes(`/certificates/${name}:`)) yield `${name} has ${each}`;
    }
}

export function checkCompose(compose, { graph, secrets, settings, tls }) {
    const bounds = Object.entries(compose.services).flatMap(([name, service]) => [...boundFaults(name, service)]);
    return [...bounds, ...networkFaults(compose, graph), ...secretFaults(compose, secrets), ...settingFaults(compose, settings), ...tlsFaults(compose, graph, tls)];
}
