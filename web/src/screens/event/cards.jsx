// The cards of an evening, by side.
import { useEffect } from 'preact/hooks';
import { Loading, Section } from '../../parts/shown.jsx';
import { SideMark, loadSides } from '../../parts/side.jsx';
import { nameOf, number, t } from '../../words/words.js';

/** @param {any[]} cards */
function bySide(cards) {
    /** @type {Map<string, {side: any, cards: any[], count: number}>} */
    const groups = new Map();
    for (const card of cards) {
        const group = groups.get(card.side_id) ?? { side: card.side, cards: [], count: 0 };
        group.cards.push(card);
        group.count += card.copies;
        groups.set(card.side_id, group);
    }
    return [...groups.entries()].sort((one, two) => two[1].count - one[1].count);
}

/** @param {{deck: any}} props */
export function Cards({ deck }) {
    useEffect(() => void loadSides(), []);
    const groups = bySide(deck?.cards ?? []);
    const count = groups.reduce((sum, [, group]) => sum + group.count, 0);
    return (
        <Section id="cards" icon="cards" title={t('event.cards')}>
            {!deck && <Loading kind="line" rows={3} />}
            {deck && <p class="hint">{t('event.cardsHint', { n: count })}</p>}
            {groups.map(([id, group]) => (
                <div key={id} class="side-group">
                    <h3><SideMark id={id} name={nameOf(group.side)} />{nameOf(group.side)}<span class="count-of">{number(group.count)}</span></h3>
                    <ul class="chips">
                        {group.cards.map((card) => (
                            <li key={card.role_id} class="chip">
                                {nameOf(card)}
                                {card.copies > 1 && <span class="times">×{number(card.copies)}</span>}
                            </li>
                        ))}
                    </ul>
                </div>
            ))}
        </Section>
    );
}
