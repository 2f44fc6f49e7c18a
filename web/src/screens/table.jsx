// S5: the table, as a player or a spectator sees it.
import { useAwake } from '../core/awake.js';
import { route } from '../core/router.js';
import { user } from '../core/session.js';
import { LinkButton } from '../parts/controls.jsx';
import { useHeard } from '../parts/heard.js';
import { Facts, PhaseBanner, Place } from '../parts/phase.jsx';
import { Empty, Loading, Refused, Said, useTitle } from '../parts/shown.jsx';
import { AmReady } from '../parts/ready.jsx';
import { Stale } from '../parts/stale.jsx';
import { useLive } from '../parts/use_live.js';
import { has, nameOf, t } from '../words/words.js';
import { Result } from './end/result.jsx';
import { Ballot } from './table/ballot.jsx';
import { Speaker } from './table/speaker.jsx';
import { MyCard } from './table/card.jsx';

/** One's own card is covered, though the reader is told of it. @param {{player: any, me: boolean}} props */
const Chair = ({ player, me }) => {
    const status = player.statuses.map((/** @type {any} */ one) => one.status).find((/** @type {string} */ one) => has(`status.${one}`));
    return (
        <li class={`chair${player.alive ? '' : ' out'}${me ? ' mine' : ''}`}>
            <Place player={player} />
            <span class="chair-name"><Said>{player.username}</Said>{me && <small>{t('table.you')}</small>}</span>
            {player.role && !me && <span class="badge">{nameOf(player.role)}</span>}
            {!player.alive && <span class="badge">{t(status ? `status.${status}` : 'status.DEAD')}</span>}
            {player.alive && status && <span class="badge">{t(`status.${status}`)}</span>}
        </li>
    );
};

/** @param {{event: any}} props */
const Chairs = ({ event }) => {
    const living = event.players.filter((/** @type {any} */ player) => player.alive).length;
    return (
        <section class="chairs-box" aria-labelledby="chairs">
            <h2 id="chairs">{t('table.living', { n: living, most: event.players.length })}</h2>
            <ol class="chairs">
                {event.players.map((/** @type {any} */ player) => (
                    <Chair key={player.user_id} player={player} me={[player.user_id, player.account_id].includes(user.value?.id)} />
                ))}
            </ol>
        </section>
    );
};

/** @param {{event: any, live: import('../core/live.js').LiveEvent}} props */
function Table({ event, live }) {
    const seated = event.players.some((/** @type {any} */ player) => [player.user_id, player.account_id].includes(user.value?.id));
    const plays = seated && ['REVEALED', 'RUNNING'].includes(event.state);
    useAwake(['REVEALED', 'RUNNING'].includes(event.state));
    useHeard(live, event);
    return (
        <>
            {event.state !== 'DONE' && <PhaseBanner event={event} />}
            <Stale live={live} />
            <AmReady event={event} live={live} />
            {event.clock && <Speaker event={event} />}
            {event.poll_id && <Ballot event={event} live={live} seated={seated} />}
            {event.state === 'DONE' ? <Result event={event} /> : <Chairs event={event} />}
            {plays && <MyCard event={event} />}
            {user.value && event.chat && <LinkButton icon="chat" href={`/c/rooms/${event.id}`}>{t('rooms.title')}</LinkButton>}
            <LinkButton icon="back" href={`/c/event/${event.id}`}>{t('table.about')}</LinkButton>
            <Facts />
        </>
    );
}

export function Screen() {
    const live = useLive(route.value.id);
    const event = live?.event.value;
    const problem = live?.problem.value;
    useTitle(event?.title);
    if (!event && problem?.status === 404)
        return <div class="page"><Empty top title={t('event.gone')}><LinkButton href="/" kind="main">{t('event.explore')}</LinkButton></Empty></div>;
    return (
        <div class={live?.stale.value ? 'page table greyed' : 'page table'}>
            {event && <h1 class="table-title"><Said>{event.title}</Said></h1>}
            {!event && (problem ? <Refused problem={problem} onAgain={() => live?.begin()} /> : <Loading />)}
            {event && live && <Table event={event} live={live} />}
        </div>
    );
}
