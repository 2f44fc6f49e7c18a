// The settings in force of a process. Secrets are not among what the server tells.
import { useState } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { Segments } from '../../parts/controls.jsx';
import { Loading, Refused } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

const KINDS = ['set', 'all'];
const UNTOUCHED = 'default';

/** @param {{setting: any}} props */
const Setting = ({ setting: { name, value, source } }) => (
    <div>
        <dt><code dir="ltr">{name}</code></dt>
        <dd><code dir="ltr">{value || '–'}</code> <small>{source === UNTOUCHED ? t('ops.from.default') : source === 'environment' ? t('ops.from.environment') : <bdi dir="ltr">{source}</bdi>}</small></dd>
    </div>
);

/** @param {{id: string}} props */
export function Settings({ id }) {
    const [kind, choose] = useState('set');
    const { answer, problem, again } = useAsked((signal) => get('/ops/config', { signal, secret: true }), [id]);
    if (problem) return <Refused problem={problem} onAgain={again} />;
    if (!answer) return <Loading kind="line" rows={4} />;
    const settings = answer.services.find((/** @type {any} */ one) => one.id === id)?.settings ?? [];
    const shown = settings.filter((/** @type {any} */ one) => kind === 'all' || one.source !== UNTOUCHED);
    return (
        <>
            <Segments label={t('ops.settings')} value={kind} onChange={choose} options={KINDS.map((value) => ({ value, label: t(`ops.settings.${value}`) }))} />
            {shown.length === 0 && <p class="hint">{t('ops.noSettings')}</p>}
            <dl class="settings">{shown.map((/** @type {any} */ setting) => <Setting key={setting.name} setting={setting} />)}</dl>
        </>
    );
}
