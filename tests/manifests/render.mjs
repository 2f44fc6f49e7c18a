// Manifests as kustomize gives them, and the secrets that secrets.sh prints.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseAllDocuments } from 'yaml';

export const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..');
const K8S = path.join(ROOT, 'deploy/k8s');
const KUSTOMIZE = (process.env.CONSE_KUSTOMIZE ?? 'kubectl kustomize').split(' ');

export const read = (file) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const parse = (text) => parseAllDocuments(text).map((document) => document.toJS({ mapAsMap: false }));
const run = (folder) => parse(execFileSync(KUSTOMIZE[0], [...KUSTOMIZE.slice(1), folder], { encoding: 'utf8', maxBuffer: 1 << 24 }));

export const render = (folder) => run(path.join(K8S, folder));

// An overlay with components that it does not have by itself. Kustomize takes no folder by an absolute path.
export function renderWith(overlay, components) {
    const folder = fs.mkdtempSync(path.join(ROOT, 'build/manifests-'));
    const from = (name) => path.relative(folder, path.join(K8S, name));
    const lines = ['namespace: conse', 'resources:', `- ${from(overlay)}`, 'components:', ...components.map((each) => `- ${from(`components/${each}`)}`)];
    fs.writeFileSync(path.join(folder, 'kustomization.yaml'), `${lines.join('\n')}\n`);
    try {
        return run(folder);
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}

// {name: [key]}
const printedBy = (script, ...words) => {
    const printed = parse(execFileSync(path.join(K8S, script), words, { encoding: 'utf8' }));
    return Object.fromEntries(printed.map(({ metadata, stringData }) => [metadata.name, Object.keys(stringData)]));
};
export const printedSecrets = () => printedBy('secrets.sh', 'mongodb://mongodb:7441/conse_%s', 'redis://redis:6379/0');

// As certificates.sh prints them, by an authority of its own making.
export function printedCertificates() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conse-authority-'));
    try {
        return printedBy('certificates.sh', folder);
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}
