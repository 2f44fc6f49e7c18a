// S7: the cards. How even the game is, before they are dealt.
import { useEffect } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { HoldButton } from '../../parts/acts.jsx';
import { Button } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Loading, Refused, Section } from '../../parts/shown.jsx';
import { SideMark, loadSides, sides } from '../../parts/side.jsx';
import { nameOf, number, t } from '../../words/words.js';
import { Cards } from '../event/cards.jsx';
import { useAct } from './act.js';

/** @param {any} deck */
function countsOf(deck) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const card of deck.cards) counts.set(card.side_id, (counts.get(card.side_id) ?? 0) + card.copies);
    return [...counts].map(([side_id, others]) => ({ side_id, others }));
}

/** @param {number} chance */
const percent = (chance) => number(chance, { style: 'percent' });

/** @param {{forecast: any}} props */
const Balance = ({ forecast }) => (
    <ul class="balance">
        {forecast.sides.map((/** @type {any} */ side) => (
            <li key={side.side_id}>
                <SideMark id={side.side_id} />
                <span>{nameOf(sides.value[side.side_id])}</span>
                <meter min={0} max={1} value={side.chance} aria-label={nameOf(sides.value[side.side_id])} />
                <strong>{percent(side.chance)}</strong>
            </li>
        ))}
    </ul>
);

/** @param {{event: any, live: import('../../core/live.js').LiveEvent}} props */
export function Deal({ event, live }) {
    const { busy, problem, act } = useAct(event, live);
    const asked = useAsked(async (signal) => {
        const { deck } = await get(`/events/${event.id}/deck`, { signal });
        const forecast = await send('POST', `/decks/${event.deck_id}/forecast`, { sides: countsOf(deck) }).catch(() => null);
        return { deck, forecast: forecast?.forecast ?? forecast };
    }, [event.id]);
    useEffect(() => void loadSides(), []);
    const cards = (asked.answer?.deck.cards ?? []).reduce((/** @type {number} */ sum, /** @type {any} */ card) => sum + card.copies, 0);
    const spare = cards - event.players.length;
    return (
        <>
            <Section id="balance" icon="seal" title={t('deal.balance')}>
                {!asked.answer && <Loading kind="line" />}
                {asked.answer?.forecast?.sides && <Balance forecast={asked.answer.forecast} />}
                <p class="hint">{t('deal.balanceHint')}</p>
            </Section>
            {spare > 0 && <p class="notice" role="status"><Icon name="cards" />{t('deal.spare', { n: spare })}</p>}
            <Cards deck={asked.answer?.deck} />
            <div class="dock"><div class="dock-box">
                <Refused problem={problem} />
                {event.beacon_awaited && <p role="status">{t('deal.beacon')}</p>}
                <HoldButton icon="cards" busy={busy} disabled={event.beacon_awaited} onDone={() => act('POST', '/reveal', {})}>{t('deal.reveal')}</HoldButton>
                <Button wide onClick={() => act('POST', '/unlock', {})}>{t('deal.unlock')}</Button>
            </div></div>
        </>
    );
}
