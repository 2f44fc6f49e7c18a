// Games whose pots wait because somebody disputes their ends.
import { useState } from 'preact/hooks';
import { useAsked, useTap } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { Button, LinkButton, Sure } from '../../parts/controls.jsx';
import { Refused, Said, say } from '../../parts/shown.jsx';
import { money, t } from '../../words/words.js';
import { Pages } from './pages.jsx';
import { usePages } from './use_pages.js';

/** @param {{dispute: any, onDone: () => void}} props */
function Dispute({ dispute, onDone }) {
    const [asking, ask] = useState(false);
    const { busy, problem, run } = useTap();
    const event = useAsked((signal) => get(`/events/${dispute.event_id}`, { signal }), [dispute.event_id]).answer?.event;
    const settle = () => run(async () => (await send('DELETE', `/events/${dispute.event_id}/disputes`), say(t('ops.settled')), onDone()));
    return (
        <li class="report">
            <p><strong><Said>{event?.title ?? dispute.event_id}</Said></strong></p>
            <p class="hint">{t('ops.disputedBy', { n: dispute.user_ids.length })}{dispute.payout && <> · {t('ops.pot', { money: money(dispute.payout.pot, dispute.payout.currency) })}</>}</p>
            <Refused problem={problem} />
            <div class="row">
                <LinkButton href={`/c/table/${dispute.event_id}`}>{t('event.live')}</LinkButton>
                <Button kind="danger" busy={busy} onClick={() => ask(true)}>{t('ops.settle')}</Button>
            </div>
            {asking && <Sure title={t('ops.settleSure')} hint={t('ops.settleHint')} yes={t('ops.settle')} no={t('close')} onNo={() => ask(false)} onYes={() => (ask(false), settle())} />}
        </li>
    );
}

export function Disputes() {
    const pages = usePages('/disputes', 'disputes');
    return <Pages pages={pages} empty={t('ops.noDisputes')} row={(dispute) => <Dispute key={dispute.event_id} dispute={dispute} onDone={pages.again} />} />;
}
