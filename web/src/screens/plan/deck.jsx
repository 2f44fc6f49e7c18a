// The cards of a table that is planned: a few that go together, so many as there are seats, or a deck of one's own.
import { useAsked } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { roles } from '../../parts/catalogue.js';
import { Button, LinkButton, Select } from '../../parts/controls.jsx';
import { Refused, Section } from '../../parts/shown.jsx';
import { SideMark } from '../../parts/side.jsx';
import { nameOf, number, t } from '../../words/words.js';
import { LEAST, MOST, starterOf } from './starter.js';

/** @param {any} deck */
const seatsOf = (deck) => deck.roles.reduce((/** @type {number} */ sum, /** @type {any} */ role) => sum + role.copies, 0);

/** @param {{cards: {role: any, copies: number}[]}} props */
const Chips = ({ cards }) => (
    <ul class="chips">
        {cards.map(({ role, copies }) => <li key={role.id} class="chip"><SideMark id={role.side_id} /><span>{nameOf(role)}</span>{copies > 1 && <span class="times">×{number(copies)}</span>}</li>)}
    </ul>
);

/** @param {{planning: import('./use_plan.js').Planning}} props */
export function Deck({ planning: { plan, set } }) {
    const own = useAsked(async (signal) => (plan.group ? (await get(`/decks?group_id=${plan.group}&page_size=100`, { signal })).decks : []), [plan.group]);
    const decks = own.answer ?? [];
    const deck = decks.find((/** @type {any} */ one) => one.id === plan.deck);
    const options = [{ value: '', label: t('plan.starter') }, ...decks.map((/** @type {any} */ one) => ({ value: one.id, label: t('plan.own', { name: one.name, cards: seatsOf(one) }) }))];
    const choose = (/** @type {string} */ id) => {
        const chosen = decks.find((/** @type {any} */ one) => one.id === id);
        set({ deck: id, ...(chosen && { seats: seatsOf(chosen) }) });
    };
    const cards = deck
        ? deck.roles.map((/** @type {any} */ one) => ({ role: roles.value[one.role_id], copies: one.copies })).filter((/** @type {any} */ one) => one.role)
        : starterOf(roles.value, plan.seats).map((role) => ({ role, copies: 1 }));
    return (
        <Section id="cards" icon="cards" title={t('event.cards')}>
            <Refused problem={own.problem} onAgain={own.again} />
            {decks.length > 0 && <Select label={t('plan.deck')} name="deck" value={plan.deck} options={options} onChange={choose} />}
            <div class="counter" role="group" aria-labelledby="seats">
                <span id="seats">{t('plan.seats')}</span>
                <Button icon="minus" label={t('plan.less')} disabled={Boolean(deck) || plan.seats <= LEAST} onClick={() => set({ seats: plan.seats - 1 })} />
                <output aria-live="polite">{number(plan.seats)}</output>
                <Button icon="plus" label={t('plan.more')} disabled={Boolean(deck) || plan.seats >= MOST} onClick={() => set({ seats: plan.seats + 1 })} />
            </div>
            <p class="hint">{t(deck ? 'plan.ownHint' : 'plan.starterHint')}</p>
            <Chips cards={cards} />
            <LinkButton kind="quiet" icon="cards" href="/c/decks">{t('plan.decks')}</LinkButton>
        </Section>
    );
}
