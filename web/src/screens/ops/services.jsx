// The processes of all services: which version, since when, and whether something waits in them.
import { useState } from 'preact/hooks';
import { minute } from '../../core/clock.js';
import { Icon } from '../../parts/icons.jsx';
import { Loading, Refused, Section } from '../../parts/shown.jsx';
import { away, number, t } from '../../words/words.js';
import { Settings } from './settings.jsx';
import { took } from './took.js';
import { useServices } from './use_services.js';

/** @param {{label: string, value: any}} props */
const Figure = ({ label, value }) => <div><dt>{label}</dt><dd>{value}</dd></div>;

/** @param {{process: any}} props */
function Process({ process: { id, since, ready, health } }) {
    const [opened, open] = useState(false);
    return (
        <li class="process">
            <p class="row">
                <span class={ready ? 'badge good' : 'badge state-cancelled'}><Icon name={ready ? 'check' : 'close'} />{t(ready ? 'ops.ready' : 'ops.notReady')}</span>
                <small>{t('ops.runs', { when: away(since, minute.value) })}</small>
                <code dir="ltr">{id.slice(0, 8)}</code>
            </p>
            {health && (
                <dl class="figures">
                    <Figure label={t('ops.queued')} value={number(health.queue ?? 0)} />
                    <Figure label={t('ops.unwritten')} value={number(health.store_waiting ?? 0)} />
                    <Figure label={t('ops.commit')} value={health.commit_p99_us ? took(health.commit_p99_us) : '–'} />
                </dl>
            )}
            <details onToggle={(event) => open(event.currentTarget.open)}>
                <summary>{t('ops.settings')}</summary>
                {opened && <Settings id={id} />}
            </details>
        </li>
    );
}

/** @param {any[]} services @returns {[string, any[]][]} */
const byName = (services) => [...new Set(services.map(({ name }) => name))].map((name) => [name, services.filter((one) => one.name === name)]);

/** @param {{name: string, all: any[]}} props */
const Service = ({ name, all }) => (
    <Section id={`service-${name}`} icon="screen" title={t(`ops.service.${name}`)}>
        <p class="row">
            {[...new Set(all.map(({ version, commit }) => `${version} ${commit.slice(0, 8)}`))].map((version) => <span key={version} class="badge" dir="ltr">{version}</span>)}
            <small>{t('ops.processes', { n: all.length })}</small>
        </p>
        <ul class="list">{all.map((process) => <Process key={process.id} process={process} />)}</ul>
    </Section>
);

export function Services() {
    const { services, problem, again } = useServices();
    const versions = new Set((services ?? []).map(({ version, commit }) => `${version} ${commit}`));
    const unready = (services ?? []).filter(({ ready }) => !ready).length;
    return (
        <>
            <Refused problem={problem} onAgain={again} />
            {!services && !problem && <Loading rows={5} />}
            {services && <p class="hint" role="status">{unready ? t('ops.someAway', { n: unready }) : t('ops.allReady', { n: services.length })}</p>}
            {versions.size > 1 && <p class="notice"><Icon name="hidden" />{t('ops.versions')}</p>}
            {services && <div class="wall">{byName(services).map(([name, all]) => <Service key={name} name={name} all={all} />)}</div>}
        </>
    );
}
