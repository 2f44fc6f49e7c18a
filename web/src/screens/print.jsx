// The cards of an evening on paper, for a table without phones: the deck to be dealt by hand, or who has which card, folded under a name.
import { useEffect, useState } from 'preact/hooks';
import { useAsked } from '../core/asked.js';
import { get } from '../core/calls.js';
import { language } from '../core/prefs.js';
import { route } from '../core/router.js';
import { settled, user } from '../core/session.js';
import { loadRoles, roles } from '../parts/catalogue.js';
import { Button, LinkButton, Segments } from '../parts/controls.jsx';
import { Empty, Loading, Refused, Said, useTitle } from '../parts/shown.jsx';
import { SideMark, loadSides, sides } from '../parts/side.jsx';
import { nameOf, number, t } from '../words/words.js';

/** @param {{role_id: string, side_id: string, player?: any}} props */
function Card({ role_id, side_id, player }) {
    const role = roles.value[role_id];
    return (
        <li class={player ? 'print-card named' : 'print-card'}>
            {player && <p class="print-name"><span class="seat-number">{number(player.seat)}</span><Said>{player.username}</Said></p>}
            <div class="print-face">
                <p class="print-side"><SideMark id={side_id} />{nameOf(sides.value[side_id])}</p>
                <h2>{nameOf(role)}</h2>
                <p class="print-other" lang={language.value === 'fa' ? 'en' : 'fa'}><Said>{language.value === 'fa' ? role?.name : role?.name_fa}</Said></p>
                <p class="print-effect">{(language.value === 'fa' && role?.effect_fa) || role?.effect}</p>
            </div>
        </li>
    );
}

/** One for each copy. @param {any[]} cards */
const copies = (cards) => cards.flatMap((card) => Array.from({ length: card.copies }, (_, i) => ({ ...card, key: `${card.role_id}-${i}` })));

/** @param {{event: any, deck: any}} props */
function Cards({ event, deck }) {
    const dealt = event.players.filter((/** @type {any} */ player) => player.role_id);
    const byName = event.god_id === user.value?.id && dealt.length > 0 && dealt.length === event.players.length;
    const [kind, choose] = useState('deck');
    const named = byName && kind === 'names';
    return (
        <>
            <header class="print-head">
                <h1 class="table-title"><Said>{event.title}</Said></h1>
                {byName && <Segments label={t('print.kind')} value={kind} onChange={choose} options={['deck', 'names'].map((value) => ({ value, label: t(`print.${value}`) }))} />}
                <p class="hint">{t(named ? 'print.namesHint' : 'print.deckHint')}</p>
                <div class="row">
                    <Button kind="main" icon="cards" onClick={() => print()}>{t('print.do')}</Button>
                    <LinkButton href={`/c/event/${event.id}`}>{t('table.about')}</LinkButton>
                </div>
            </header>
            <ul class="print-cards">
                {named
                    ? dealt.map((/** @type {any} */ player) => <Card key={player.user_id} role_id={player.told_role_id || player.role_id} side_id={player.told_side_id || player.side_id} player={player} />)
                    : copies(deck.cards).map((card) => <Card key={card.key} role_id={card.role_id} side_id={card.side_id} />)}
            </ul>
        </>
    );
}

export function Screen() {
    const { id } = route.value;
    const { answer, problem, again } = useAsked(async (signal) => {
        if (!settled.value) return null;
        const [{ event }, { deck }] = await Promise.all([get(`/events/${id}`, { signal, secret: true }), get(`/events/${id}/deck`, { signal }), loadRoles(), loadSides()]);
        return { event, deck };
    }, [id, settled.value, user.value?.id]);
    useEffect(() => void (loadRoles(), loadSides()), []);
    useTitle(t('print.open'));
    if (problem?.status === 404)
        return <div class="page"><Empty top title={t('event.gone')}><LinkButton href="/" kind="main">{t('event.explore')}</LinkButton></Empty></div>;
    return (
        <div class="page print">
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading />}
            {answer && <Cards event={answer.event} deck={answer.deck} />}
        </div>
    );
}
