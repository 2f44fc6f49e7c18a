// S4: one's own card. It is covered: nothing of it is in the page but while it is held.
import { get } from '../../core/calls.js';
import { useHeld } from '../../core/held.js';
import { Icon } from '../../parts/icons.jsx';
import { Refused, Said } from '../../parts/shown.jsx';
import { language } from '../../core/prefs.js';
import { nameOf, number, t } from '../../words/words.js';

const UNLIMITED = 100;

/** @param {{card: any}} props */
export const Opened = ({ card }) => (
    <>
        <span class="held-side">{nameOf(card.side)}</span>
        <strong class="held-role">{nameOf(card.role)}</strong>
        <span class="held-effect">{effectOf(card.role)}</span>
        {card.abilities_left > 0 && (
            <span class="badge">{card.abilities_left >= UNLIMITED ? t('card.always') : t('card.uses', { n: card.abilities_left })}</span>
        )}
        {card.notes?.map((/** @type {any} */ note) => <span key={note.time} class="held-note"><Icon name="inbox" /><Said>{note.text}</Said> <small>{number(note.phase_number)}</small></span>)}
    </>
);

const effectOf = (/** @type {any} */ role) => (language.value === 'fa' && role.effect_fa) || role.effect;

/** For who does not see it, while it is held, too. @param {any} card */
const aloud = ({ side, role, notes = [] }) => [t('card.said', { side: nameOf(side), role: nameOf(role), effect: effectOf(role) }), ...notes.map((/** @type {any} */ note) => note.text)].join(' ');

/** @param {{event: any}} props */
export function MyCard({ event }) {
    const { shown, problem, handlers } = useHeld(() => get(`/events/${event.id}/me`, { secret: true }));
    return (
        <section class="mine-box" aria-labelledby="card">
            <h2 id="card" class="unseen">{t('card.title')}</h2>
            <Refused problem={problem} />
            <p class="unseen" aria-live="assertive">{shown && aloud(shown)}</p>
            <button type="button" class={shown ? 'held open' : 'held'} {...handlers}>
                {shown ? <Opened card={shown} /> : <><Icon name="hidden" /><strong>{t('card.hold')}</strong><span>{t('card.covered')}</span></>}
            </button>
        </section>
    );
}
