// S6 to S9: the host's own screens. Which one it is follows from the game.
import { useEffect } from 'preact/hooks';
import { useAsked } from '../core/asked.js';
import { useAwake } from '../core/awake.js';
import { get } from '../core/calls.js';
import { dimmed } from '../core/prefs.js';
import { route } from '../core/router.js';
import { leads, settled, user } from '../core/session.js';
import { TakeBack } from '../parts/acts.jsx';
import { LinkButton } from '../parts/controls.jsx';
import { useHeard } from '../parts/heard.js';
import { Facts } from '../parts/phase.jsx';
import { Empty, Loading, Refused, Said, State, useTitle } from '../parts/shown.jsx';
import { Stale } from '../parts/stale.jsx';
import { useLive } from '../parts/use_live.js';
import { t } from '../words/words.js';
import { EventCard } from './explore.jsx';
import { Day } from './lead/day.jsx';
import { Deal } from './lead/deal.jsx';
import { End } from './lead/end.jsx';
import { Lobby } from './lead/lobby.jsx';
import { Night } from './lead/night.jsx';
import { NotYet } from './lead/not_yet.jsx';

function List() {
    const { answer, problem, again } = useAsked((signal) => get(`/events?god_id=${user.value.id}`, { signal }), [user.value.id]);
    return (
        <>
            <header class="head"><h1>{t('nav.lead')}</h1><p>{t('lead.hint')}</p></header>
            {leads.value && (
                <div class="row">
                    <LinkButton kind="main" icon="plus" href="/c/plan">{t('lead.plan')}</LinkButton>
                    <LinkButton icon="cards" href="/c/decks">{t('decks.title')}</LinkButton>
                </div>
            )}
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading />}
            {answer?.events.length === 0 && leads.value && <Empty icon="lead" title={t('lead.none')} hint={t('lead.noneHint')} />}
            <ul class="cards">{answer?.events.map((/** @type {any} */ event) => <EventCard key={event.id} event={event} to="lead" />)}</ul>
        </>
    );
}

/** @param {any} event */
const partOf = (event) => {
    if (event.state === 'OPEN') return Lobby;
    if (event.state === 'LOCKED') return Deal;
    if (!['REVEALED', 'RUNNING'].includes(event.state)) return End;
    return event.phase?.kind === 'NIGHT' && event.phase.state !== 'CLOSED' ? Night : Day;
};

/** @param {{id: string}} props */
function Led({ id }) {
    const live = useLive(id);
    const event = live?.event.value;
    const problem = live?.problem.value;
    const Part = event && partOf(event);
    useTitle(event?.title);
    useAwake(['REVEALED', 'RUNNING'].includes(event?.state));
    useHeard(live, event);
    useEffect(() => {
        dimmed.value = Part === Night;
        return () => void (dimmed.value = false);
    }, [Part]);
    if (!event) return problem ? <Refused problem={problem} onAgain={() => live?.begin()} /> : <Loading />;
    return (
        <>
            <header class="lead-head">
                <div class="lead-name">
                    <h1 class="table-title"><Said>{event.title}</Said></h1>
                    <State state={event.state} />
                </div>
                <LinkButton kind="quiet" icon="screen" href={`/c/tv/${event.id}`} label={t('tv.open')} />
                {event.chat && <LinkButton kind="quiet" icon="chat" href={`/c/rooms/${event.id}`} label={t('rooms.title')} />}
            </header>
            <Stale live={live} />
            <Part event={event} live={live} />
            <TakeBack />
            <Facts />
        </>
    );
}

export function Screen() {
    const { id } = route.value;
    if (!settled.value) return <div class="page"><Loading /></div>;
    if (!user.value || (!id && !leads.value)) return <div class="page"><NotYet next={id ? `/c/lead/${id}` : '/c/lead'} /></div>;
    return <div class="page lead">{id ? <Led key={id} id={id} /> : <List />}</div>;
}
