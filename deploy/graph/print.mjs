// node print.mjs: writes what is made from the call graph into its places. --check: says what differs, and fails.
import fs from 'node:fs';
import process from 'node:process';
import { readGraph, ROOT } from './graph.mjs';
import { pictureOf } from './picture.mjs';
import { outsideStorePolicies, programPolicies, storePolicies, tracePolicies } from './policies.mjs';
import { upstreamPolicies } from './upstreams.mjs';
import { yamlOf } from './yaml.mjs';

const MADE = '# Made from the call graph by `make graph`: deploy/graph/policies.mjs.\n';
const UPSTREAMS = '# Made from upstreams.env by `make graph`: deploy/graph/upstreams.mjs.\n';
const graph = readGraph();
const policies = (list) => MADE + yamlOf(list);
const files = {
    'deploy/k8s/base/policies.yaml': policies(programPolicies(graph)),
    'deploy/k8s/components/stores/policies.yaml': policies(storePolicies(graph)),
    'deploy/k8s/components/stores-elsewhere/policies.yaml': policies(outsideStorePolicies(graph)),
    'deploy/k8s/components/traces/policies.yaml': policies(tracePolicies(graph)),
    'deploy/k8s/components/upstreams/policies.yaml': UPSTREAMS + yamlOf(upstreamPolicies(fs.readFileSync(new URL('deploy/k8s/components/upstreams/upstreams.env', ROOT), 'utf8'))),
    'docs/design.svg': pictureOf(graph),
};

for (const [path, text] of Object.entries(files)) {
    const url = new URL(path, ROOT);
    if (!process.argv.includes('--check')) {
        fs.writeFileSync(url, text);
    } else if (!fs.existsSync(url) || fs.readFileSync(url, 'utf8') !== text) {
        console.error(`${path} is behind the call graph: make graph`);
        process.exitCode = 1;
    }
}
