// Each CONSE_* is a setting that some program has, and addresses are those of the call graph.
import { containersOf, environmentOf, podsOf } from '../objects.mjs';

const OF_CONSECTL = ['CONSE_BACKUP_TO', 'CONSE_URL'];

// {names, secrets} of .env.example, which the programs' own --help makes.
export function settingsOf(example) {
    const names = [...example.matchAll(/^#(CONSE_\w+)=/gm)].map(([, name]) => name);
    return new Set([...names, ...names.map((name) => `${name}_FILE`), ...OF_CONSECTL]);
}

function* unknown(settings, env) {
    for (const name of Object.keys(env)) if (name.startsWith('CONSE_') && !settings.has(name)) yield `${name} is no setting`;
}

// Where a service listens, where others call it, and the port that its pod shows. TLS is for all addresses, with certificates, or for none.
function* addressFaults({ services, ports }, env, scheme) {
    if (Boolean(env.CONSE_BUS_CERTIFICATES) !== (scheme === 'tls+tcp')) yield `CONSE_BUS_CERTIFICATES is ${env.CONSE_BUS_CERTIFICATES ? 'for nothing' : 'missing'}`;
    for (const service of services) {
        const name = `CONSE_${service.toUpperCase()}`;
        const wanted = {
            LISTEN: `${scheme}://0.0.0.0:${ports.calls}`,
            BUS: `${scheme}://0.0.0.0:${ports.topics}`,
            PEERS: `${scheme}://${service}:${ports.calls}`,
            TOPICS: `${scheme}://${service}:${ports.topics}`,
            ADMIN: `0.0.0.0:${ports.admin}`,
        };
        for (const [what, value] of Object.entries(wanted)) if (env[`${name}_${what}`] !== value) yield `${name}_${what} is not ${value}`;
    }
}

// The image's name is the program's.
function* ownFaults({ services, stores }, env, program) {
    const own = `CONSE_${program.toUpperCase()}_STORE_FILE`;
    if (services.includes(program) && !env[own]) yield `${own} is missing`;
    if (services.includes(program) && stores.mongodb.used_by.includes(program) && !env.CONSE_MASTER_KEY_FILE) yield 'CONSE_MASTER_KEY_FILE is missing';
    if (!env.CONSE_BUS_KEY_FILE) yield 'CONSE_BUS_KEY_FILE is missing';
    if (!/^\/data\/./.test(env.CONSE_DATA)) yield 'CONSE_DATA is no folder of its own';
}

const programOf = ({ image }) => /conse[-/](\w+)(?=[:@]|$)/.exec(image)?.[1];

export function checkSettings(objects, { graph, settings, where }) {
    return podsOf(objects).flatMap((pod) =>
        containersOf(pod).flatMap((container) => {
            const program = programOf(container);
            if (!program) return [];
            const env = environmentOf(objects, container);
            return [...unknown(settings, env), ...addressFaults(graph, env, where.tls ? 'tls+tcp' : 'tcp'), ...ownFaults(graph, env, program)].map((fault) => `${pod.name}/${container.name}: ${fault}`);
        }),
    );
}
