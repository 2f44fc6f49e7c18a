// Alerts and dashboard: promtool's own tests, a case for each that fires and one that does not, a runbook for each, and every metric told by
// programs that run.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { startMonitored } from './monitored.mjs';
import { metricsOf, promised, read, readAlerts, readCases, readPanels, ROOT } from './files.mjs';

let system, told;
before(async () => {
    system = await startMonitored();
    told = await system.metrics();
});
after(() => system?.stop());

const promtool = (...words) => execFileSync('promtool', words, { cwd: `${ROOT}/deploy/monitoring`, encoding: 'utf8', stdio: 'pipe' });

test('promtool takes the rules, and their tests pass', () => {
    assert.match(promtool('check', 'rules', 'alerts.yml'), /SUCCESS: \d+ rules found/);
    assert.match(promtool('test', 'rules', 'alerts_test.yml'), /SUCCESS/);
});

test('each alert has a case that fires and one that does not', () => {
    const cases = readCases();
    for (const { alert } of readAlerts()) {
        const own = cases.filter(({ alertname }) => alertname === alert);
        assert.ok(own.some(({ exp_alerts: alerts }) => alerts?.length), `${alert} never fires`);
        assert.ok(own.some(({ exp_alerts: alerts }) => !alerts?.length), `${alert} is never quiet`);
    }
});

test('each alert has its runbook, and each runbook its alert', () => {
    const alerts = readAlerts();
    const headings = [...read('docs/runbooks.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    assert.deepEqual(headings, alerts.map(({ alert }) => alert));
    for (const { alert, labels, annotations } of alerts) {
        assert.equal(annotations.runbook_url, `docs/runbooks.md#${alert.toLowerCase()}`);
        assert.ok(['page', 'ticket'].includes(labels.severity), alert);
        assert.ok(annotations.summary, alert);
    }
});

test('every metric of the alerts and the dashboard is told by a program, with the labels that are asked for', () => {
    const wanted = [...readAlerts().map(({ alert, expr }) => [alert, expr]), ...readPanels().map(({ title, expr }) => [title, expr])];
    assert.ok(wanted.length > 40);
    for (const [name, expr] of wanted)
        for (const { metric, labels } of metricsOf(expr)) {
            const own = told.get(metric);
            assert.ok(own, `${name}: no program tells ${metric}`);
            for (const label of labels) assert.ok(own.labels.has(label), `${name}: ${metric} has no label ${label}`);
        }
});

test('every metric has a sentence, a type, and a name that says its unit', () => {
    for (const [name, { help, type }] of told) {
        assert.ok(help && help !== name, name);
        assert.match(name, /^(conse|process)_[a-z0-9_]+$/);
        assert.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`);
    }
    assert.deepEqual(promised(), [], 'metrics that documents name and no source has');
});
