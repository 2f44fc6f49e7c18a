// node upstreams.mjs <upstreams.env >policies.yaml: what CONSE_PROXY and CONSE_PROXY_CONNECT name, as the NetworkPolicy that lets the gateways
// reach that and nothing else of it. A policy knows addresses and pods, so a server is named by its address or as
// NAME.NAMESPACE.svc.cluster.local: pods with the label app.kubernetes.io/name=NAME there, at the port that the Service has and they have.
import fs from 'node:fs';
import net from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { egressPolicy } from './policies.mjs';
import { yamlOf } from './yaml.mjs';

const IN_CLUSTER = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc\.cluster\.local$/;

function valueOf(env, name) {
    const line = env.split('\n').find((each) => each.startsWith(`${name}=`));
    return line ? line.slice(name.length + 1).trim() : '';
}

// {host, port} of an entry's address.
function serverOf(text, entry) {
    const url = URL.canParse(text) ? new URL(text) : {};
    if (url.protocol !== 'http:' || !url.hostname) throw new Error(`${entry} names no server`);
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
}

function proxied(entry) {
    const [, url] = /^\/[^=]*=(http:\/\/[^,]+)(?:,authorization)?$/.exec(entry) ?? [];
    return serverOf(url, `CONSE_PROXY: ${entry}`);
}

function tunnelled(entry) {
    if (!/:\d+$/.test(entry)) throw new Error(`CONSE_PROXY_CONNECT: ${entry} has no port`);
    return serverOf(`http://${entry}`, `CONSE_PROXY_CONNECT: ${entry}`);
}

function peerOf({ host }) {
    if (net.isIP(host)) return { ipBlock: { cidr: `${host}/${net.isIPv6(host) ? 128 : 32}` } };
    const [, name, namespace] = IN_CLUSTER.exec(host) ?? [];
    if (!name) throw new Error(`a policy can't name ${host}: an address can be named, or NAME.NAMESPACE.svc.cluster.local`);
    return {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
    };
}

// [policy] of the text of a file of settings.
export function upstreamPolicies(env) {
    const entries = valueOf(env, 'CONSE_PROXY').split(/\s+/).filter(Boolean).map(proxied);
    const targets = valueOf(env, 'CONSE_PROXY_CONNECT').split(/[\s,]+/).filter(Boolean).map(tunnelled);
    if (!entries.length && !targets.length) throw new Error('neither CONSE_PROXY nor CONSE_PROXY_CONNECT names a server');
    return [egressPolicy('upstreams', ['gateway'], [...entries, ...targets].map((server) => ({ peer: peerOf(server), port: server.port })))];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    try {
        process.stdout.write(yamlOf(upstreamPolicies(fs.readFileSync(0, 'utf8'))));
    } catch (error) {
        console.error(`upstreams.mjs: ${error.message}`);
        process.exitCode = 1;
    }
}
