// S11: how it ended. Who was what, who won, what it made of ratings, and what it gave.
import { useEffect, useState } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { readEntries, replay } from '../../core/replay.js';
import { user } from '../../core/session.js';
import { LinkButton } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Loading, Refused, Said, Section } from '../../parts/shown.jsx';
import { SideMark, loadSides } from '../../parts/side.jsx';
import { listed, money, nameOf, number, t } from '../../words/words.js';
import { Told } from './told.jsx';

const AGAIN_MS = 2000;
const TRIES = 15; // for half a minute: ratings and coins come a little after the end

const accountOf = (/** @type {any} */ player) => player.account_id || player.user_id;
const isMe = (/** @type {any} */ player) => [player.user_id, player.account_id].includes(user.value?.id);
const rated = (/** @type {number} */ value) => number(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** @typedef {{rewards: any, changes: Record<string, any>, whole: boolean}} Gains */

/** What the game made of a rating; none of somebody whom no rating is known of. @param {string} id @param {any} event @param {AbortSignal} signal */
const changeOf = (id, event, signal) =>
    get(`/ratings/${id}`, { signal }).then(({ history }) => history.find((/** @type {any} */ change) => change.event_id === event.id), () => undefined);

/** waits: whether more may still come. @param {any} event @returns {{answer: Gains | null, problem: any, again: () => void, waits: boolean}} */
function useGains(event) {
    const [given, giveUp] = useState(false); // an account that is gone has no rating
    const asked = useAsked(async (signal) => {
        if (!user.value) return null;
        const ids = event.players.filter((/** @type {any} */ player) => !player.guest).map(accountOf);
        const [rewards, ...changes] = await Promise.all([get(`/events/${event.id}/rewards`, { signal }), ...ids.map((/** @type {string} */ id) => changeOf(id, event, signal))]);
        return { rewards, changes: Object.fromEntries(ids.map((/** @type {string} */ id, /** @type {number} */ i) => [id, changes[i]])), whole: rewards.judged && changes.every(Boolean) };
    }, [event.id, user.value?.id]);
    const { answer, again } = asked;
    useEffect(() => {
        if (!answer || answer.whole) return undefined;
        let tries = 0;
        const timer = setInterval(() => (++tries > TRIES ? (clearInterval(timer), giveUp(true)) : again()), AGAIN_MS);
        return () => clearInterval(timer);
    }, [answer?.whole, Boolean(answer)]);
    return { ...asked, waits: Boolean(answer && !answer.whole && !given) };
}

/** @param {{change: any, coins: any, card: any}} props */
const Gained = ({ change, coins, card }) => (
    <span class="gained">
        {change && (
            <span dir="ltr">
                {rated(change.before.rating)} → <strong>{rated(change.after.rating)}</strong>{' '}
                <span class={change.change < 0 ? 'fell' : 'rose'}>{number(change.change, { signDisplay: 'always', maximumFractionDigits: 1 })}</span>
            </span>
        )}
        {coins && <span class="badge"><Icon name="coin" />{money(coins.coins, 'CONSE')}</span>}
        {card && <a class="badge" href={`/c/market/${card.role_id}`}><Icon name="cards" />{t('end.card', { n: card.number })}</a>}
    </span>
);

/** @param {{player: any, won: boolean, gains: Gains | null}} props */
function Row({ player, won, gains }) {
    const whose = (/** @type {any} */ one) => [player.user_id, accountOf(player)].includes(one.user_id);
    return (
        <li class={isMe(player) ? 'result mine' : 'result'}>
            <span class="seat-number">{number(player.seat)}</span>
            <span class="chair-name">
                <span><Said>{player.username}</Said>{isMe(player) && <small class="you"> · {t('table.you')}</small>}</span>
                <small class="result-role"><SideMark id={player.side_id} name={nameOf(player.side)} />{nameOf(player.role)} · {nameOf(player.side)}</small>
            </span>
            {won && <span class="badge good"><Icon name="check" />{t('end.won')}</span>}
            {gains && <Gained change={gains.changes[accountOf(player)]} coins={gains.rewards.coins.find(whose)} card={gains.rewards.cards.find(whose)} />}
        </li>
    );
}

/** @param {{event: any}} props */
function Timeline({ event }) {
    const { answer, problem, again } = useAsked((signal) => readEntries(event.id, { signal }), [event.id]);
    const steps = answer ? replay(answer).filter((step) => step.phase) : [];
    return (
        <Section id="timeline" icon="calendar" title={t('end.timeline')}>
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" />}
            {answer && steps.length === 0 && <p class="hint">{t('end.noPhases')}</p>}
            <ol class="timeline">
                {steps.map((step) => (
                    <li key={step.phase?.number}>
                        <h3><Icon name={step.phase?.kind === 'NIGHT' ? 'moon' : 'games'} />{t(`phase.${step.phase?.kind}`, { day: step.phase?.day })}</h3>
                        <Told step={step} />
                    </li>
                ))}
            </ol>
        </Section>
    );
}

/** @param {{event: any}} props */
export function Result({ event }) {
    const { answer, problem, again, waits } = useGains(event);
    const won = new Set(event.winning_side_ids);
    const mine = event.players.find(isMe);
    useEffect(() => void loadSides(), []);
    return (
        <>
            <div class="won-box">
                <p class="won-sides">{t('end.sides', { sides: listed(event.winning_sides.map(nameOf)) })}</p>
                {mine && <p>{t(won.has(mine.side_id) ? 'end.youWon' : 'end.youLost')}</p>}
                <div class="row">
                    <LinkButton kind="main" icon="games" href={`/c/replay/${event.id}`}>{t('replay.open')}</LinkButton>
                    <LinkButton icon="seal" href={`/c/fair/${event.id}`}>{t('fair.check')}</LinkButton>
                </div>
            </div>
            <div class="columns">
                <Section id="results" icon="people" title={t('end.players')}>
                    <Refused problem={problem} onAgain={again} />
                    <ol class="results">{event.players.map((/** @type {any} */ player) => <Row key={player.user_id} player={player} won={won.has(player.side_id)} gains={answer} />)}</ol>
                    {waits && <p class="hint" role="status">{t('end.reckoning')}</p>}
                </Section>
                <Timeline event={event} />
            </div>
        </>
    );
}
