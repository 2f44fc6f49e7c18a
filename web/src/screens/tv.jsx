// S10: the table, on a screen that all at it look at. It is asked for as nobody in particular, so no card can be on it.
import { useEffect } from 'preact/hooks';
import { useAsked } from '../core/asked.js';
import { useAwake } from '../core/awake.js';
import { dimmed } from '../core/prefs.js';
import { readEntries, replay, tally } from '../core/replay.js';
import { route } from '../core/router.js';
import { Button, LinkButton } from '../parts/controls.jsx';
import { Icon } from '../parts/icons.jsx';
import { useHeard } from '../parts/heard.js';
import { Countdown, Facts } from '../parts/phase.jsx';
import { Empty, Loading, Refused, Said, useTitle } from '../parts/shown.jsx';
import { Stale } from '../parts/stale.jsx';
import { useLive } from '../parts/use_live.js';
import { has, listed, nameOf, number, t } from '../words/words.js';
import { Speaker } from './table/speaker.jsx';

const CHANGES_VOTES = ['POLL_CLOSED', 'PHASE_OPENED', 'UNDONE'];

/** The vote that was closed last, in this phase. @param {any} event @param {any} newest */
function useVote(event, newest) {
    const moves = CHANGES_VOTES.includes(newest?.kind) ? newest.index : '';
    const { answer } = useAsked((signal) => readEntries(event.id, { signal, visitor: true }), [event.id, event.phase?.number, event.poll_id, moves]);
    const step = answer && replay(answer).at(-1);
    return step?.phase && event.phase?.state !== 'CLOSED' ? step.told.filter((entry) => entry.kind === 'POLL_CLOSED').at(-1) : undefined;
}

/** @param {{event: any, live: import('../core/live.js').LiveEvent}} props */
function Vote({ event, live }) {
    const closed = useVote(event, live.entry.value);
    const names = new Map(event.players.map((/** @type {any} */ { user_id, username }) => [user_id, username]));
    if (event.poll_id) return <p class="tv-vote-open"><Icon name="up" />{t('tv.voting')}</p>;
    if (!closed) return null;
    const rows = tally(closed);
    const most = rows[0]?.weight ?? 1;
    return (
        <section class="tv-vote" aria-labelledby="vote">
            <h2 id="vote">{t('tv.votes')}</h2>
            {rows.length === 0 && <p>{t('tv.noVotes')}</p>}
            <ol>
                {rows.map(({ id, weight }) => (
                    <li key={id}>
                        <span>{names.has(id) ? <Said>{names.get(id)}</Said> : t('poll.nobody')}</span>
                        <meter min={0} max={most} value={weight} aria-hidden="true" />
                        <strong>{number(weight)}</strong>
                    </li>
                ))}
            </ol>
        </section>
    );
}

/** @param {{player: any}} props */
const Seat = ({ player }) => {
    const status = player.statuses.map((/** @type {any} */ one) => one.status).find((/** @type {string} */ one) => has(`status.${one}`));
    return (
        <li class={player.alive ? 'tv-seat' : 'tv-seat out'}>
            <span class="seat-number">{number(player.seat)}</span>
            <span class="tv-name"><Said>{player.username}</Said></span>
            {(status || !player.alive) && <span class="badge">{t(`status.${status ?? 'DEAD'}`)}</span>}
        </li>
    );
};

/** @param {{event: any}} props */
const Seats = ({ event }) => {
    const living = event.players.filter((/** @type {any} */ player) => player.alive).length;
    const begun = ['RUNNING', 'DONE'].includes(event.state);
    return (
        <section class="tv-seats" aria-labelledby="seats">
            <h2 id="seats">{begun ? t('table.living', { n: living, most: event.players.length }) : t('event.seats', { taken: event.seats_taken, most: event.max_players })}</h2>
            {event.players.length === 0 && <p>{t('event.nobody')}</p>}
            <ol>{event.players.map((/** @type {any} */ player) => <Seat key={player.user_id} player={player} />)}</ol>
        </section>
    );
};

/** @param {{event: any}} props */
const Now = ({ event }) => {
    const { phase, state } = event;
    const running = phase && state === 'RUNNING';
    return (
        <div class={running ? `tv-now phase-${phase.kind.toLowerCase()}` : 'tv-now'}>
            <p class="tv-phase">
                {running && <Icon name={phase.kind === 'NIGHT' ? 'moon' : 'games'} />}
                {running ? t(`phase.${phase.kind}`, { day: phase.day }) : t(`state.${state}`)}
                {running && phase.state === 'PAUSED' && <span class="badge">{t('phase.paused')}</span>}
            </p>
            {running && phase.state !== 'CLOSED' && <Countdown clock={phase} />}
            {state === 'DONE' && <p class="tv-won">{t('end.sides', { sides: listed(event.winning_sides.map(nameOf)) })}</p>}
            {running && event.clock && <Speaker event={event} />}
        </div>
    );
};

/** @param {{event: any}} props */
const Join = ({ event }) => (
    <aside class="tv-join" aria-label={t('event.share')}>
        <img class="qr" src={`/events/${event.id}/qr.svg`} alt={t('event.qr')} />
        <div>
            <p>{t('tv.join')}</p>
            <p class="code" dir="ltr">{event.join_code}</p>
        </div>
    </aside>
);

const enlarge = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => {});

/** @param {{event: any, live: import('../core/live.js').LiveEvent}} props */
function Tv({ event, live }) {
    const night = event.state === 'RUNNING' && event.phase?.kind === 'NIGHT' && event.phase.state !== 'CLOSED';
    useAwake(true);
    useHeard(live, event);
    useEffect(() => {
        dimmed.value = night;
        return () => void (dimmed.value = false);
    }, [night]);
    return (
        <>
            <header class="tv-head">
                <h1><Said>{event.title}</Said></h1>
                {document.fullscreenEnabled && <Button kind="quiet" icon="screen" label={t('tv.large')} onClick={enlarge} />}
                <LinkButton kind="quiet" icon="close" href={`/c/event/${event.id}`} label={t('tv.leave')} />
            </header>
            <Stale live={live} />
            <div class="tv-top">
                <Now event={event} />
                <Join event={event} />
            </div>
            <Vote event={event} live={live} />
            <Seats event={event} />
            <Facts />
        </>
    );
}

export function Screen() {
    const live = useLive(route.value.id, { visitor: true });
    const event = live?.event.value;
    const problem = live?.problem.value;
    useTitle(event?.title);
    if (!event && problem?.status === 404)
        return <div class="page"><Empty top title={t('event.gone')}><LinkButton href="/" kind="main">{t('event.explore')}</LinkButton></Empty></div>;
    return (
        <div class={live?.stale.value ? 'tv page greyed' : 'tv page'}>
            {!event && (problem ? <Refused problem={problem} onAgain={() => live?.begin()} /> : <Loading />)}
            {event && live && <Tv event={event} live={live} />}
        </div>
    );
}
