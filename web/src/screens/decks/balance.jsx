// How likely each side is to win with so many cards, as finished games say.
import { useEffect, useState } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { send } from '../../core/calls.js';
import { Loading, Refused, Section } from '../../parts/shown.jsx';
import { SideMark, sides } from '../../parts/side.jsx';
import { nameOf, number, t } from '../../words/words.js';

const PATIENCE_MS = 500; // after the last change

const percent = (/** @type {number} */ value) => number(value, { style: 'percent', maximumFractionDigits: 0 });

/** @param {{id: string, bySide: Record<string, number>}} props */
export function Balance({ id, bySide }) {
    const wanted = JSON.stringify(Object.entries(bySide).map(([side_id, others]) => ({ side_id, others })));
    const [settled, settle] = useState(wanted);
    useEffect(() => {
        const timer = setTimeout(() => settle(wanted), PATIENCE_MS);
        return () => clearTimeout(timer);
    }, [wanted]);
    const list = JSON.parse(settled);
    const { answer, problem, again } = useAsked(async () => (list.length > 1 ? send('POST', `/decks/${id}/forecast`, { sides: list }) : { sides: [] }), [id, settled]);
    return (
        <Section id="balance" icon="seal" title={t('deal.balance')}>
            <p class="hint">{t('decks.balanceHint')}</p>
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" />}
            {answer?.sides.length === 0 && <p class="hint">{t('decks.oneSide')}</p>}
            <ul class="balance">
                {answer?.sides.map((/** @type {any} */ one) => (
                    <li key={one.side_id}>
                        <SideMark id={one.side_id} /><span>{nameOf(sides.value[one.side_id])}</span>
                        <meter min={0} max={1} value={one.chance} aria-hidden="true" />
                        <strong>{percent(one.chance)}</strong>
                        <small class="balance-why">{t('decks.range', { low: percent(one.low), high: percent(one.high), games: one.games })}</small>
                    </li>
                ))}
            </ul>
        </Section>
    );
}
