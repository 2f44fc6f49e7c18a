// What stands in deploy/monitoring, and the metrics that expressions ask for.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const { parse } = createRequire(new URL('../manifests/package.json', import.meta.url))('yaml');
export const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..');
export const read = (file) => fs.readFileSync(path.join(ROOT, file), 'utf8');

export const readAlerts = () => parse(read('deploy/monitoring/alerts.yml')).groups.flatMap(({ rules }) => rules);
export const readCases = () => parse(read('deploy/monitoring/alerts_test.yml')).tests.flatMap((each) => each.alert_rule_test);
export const readPanels = () =>
    JSON.parse(read('deploy/monitoring/dashboard.json')).panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

// Those that Prometheus adds itself.
const ADDED = new Set(['job', 'instance', 'service']);

// [{metric, labels}]: a histogram's parts count as the histogram.
export function metricsOf(expr) {
    return [...expr.matchAll(/\b((?:conse|process)_\w+?)(?:_bucket|_count|_sum)?(?:\{([^}]*)\})?(?=[^\w{]|$)/g)].map(([, metric, labels = '']) => ({
        metric,
        labels: [...labels.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label).filter((label) => !ADDED.has(label)),
    }));
}

// Metrics that documents name, without those that the sources have.
export function promised() {
    const git = (...words) => execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean);
    const inSources = new Set(git('grep', '-hoE', '"(conse|process)_[a-z_]+"', '--', 'lib/*.c', 'services/*.c', 'tools/*.c').map((each) => each.slice(1, -1)));
    const inDocuments = git('grep', '-hoE', '\\bconse_[a-z_]+(_total|_seconds|_bytes|_lamports|_stuck|_apart|_out)\\b', '--', '*.md');
    return [...new Set(inDocuments)].filter((name) => !inSources.has(name));
}
