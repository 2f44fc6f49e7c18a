// What people reported about each other, and what was done about it.
import { useState } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { send } from '../../core/calls.js';
import { minute } from '../../core/clock.js';
import { Button, Field, LinkButton, Segments } from '../../parts/controls.jsx';
import { Refused, Said, say } from '../../parts/shown.jsx';
import { away, t } from '../../words/words.js';
import { Pages } from './pages.jsx';
import { usePages } from './use_pages.js';

const RESOLUTIONS = ['DISMISSED', 'WARNED', 'SUSPENDED'];

/** @param {{report: any, onDone: () => void}} props */
function Decide({ report, onDone }) {
    const [note, write] = useState('');
    const { busy, problem, run } = useTap();
    const decide = (/** @type {string} */ resolution) =>
        run(async () => (await send('POST', `/reports/${report.id}/resolve`, { resolution, note }), say(t('ops.decided')), onDone()));
    return (
        <div class="guest-more">
            <Field label={t('ops.note')} name={`note-${report.id}`} value={note} onInput={write} maxLength={2000} />
            <Refused problem={problem} />
            <div class="row" role="group" aria-label={t('ops.decide')}>
                {RESOLUTIONS.map((one) => <Button key={one} busy={busy} onClick={() => decide(one)}>{t(`ops.resolution.${one}`)}</Button>)}
            </div>
        </div>
    );
}

/** @param {{report: any, onDone: () => void}} props */
const Report = ({ report, onDone }) => (
    <li class="report">
        <p><strong><Said>{report.user?.username ?? t('ops.gone')}</Said></strong> <span class="badge">{t(`ops.about.${report.reason}`)}</span> <small>{away(report.created_at, minute.value)}</small></p>
        {report.text && <p class="prose" dir="auto">{report.text}</p>}
        <p class="hint"><Said>{t('ops.by', { name: report.reporter?.username ?? t('ops.gone') })}</Said></p>
        {report.event_id && <LinkButton kind="quiet" href={`/c/event/${report.event_id}`}>{t('table.about')}</LinkButton>}
        {report.state === 'OPEN' ? <Decide report={report} onDone={onDone} /> : (
            <p><span class="badge">{t(`ops.resolution.${report.resolution}`)}</span> <Said>{report.note}</Said> <small>{report.resolved_by?.username}</small></p>
        )}
    </li>
);

export function Reports() {
    const [state, choose] = useState('OPEN');
    const pages = usePages('/reports', 'reports', { state });
    return (
        <>
            <Segments label={t('ops.part.reports')} value={state} onChange={choose} options={['OPEN', 'RESOLVED'].map((value) => ({ value, label: t(`ops.reports.${value}`) }))} />
            <Pages pages={pages} empty={t('ops.noReports')} row={(report) => <Report key={report.id} report={report} onDone={pages.again} />} />
        </>
    );
}
