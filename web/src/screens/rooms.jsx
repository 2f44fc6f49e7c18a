// S14: the rooms of an event in which one reads, and what is said in them.
import { useEffect } from 'preact/hooks';
import { useAsked } from '../core/asked.js';
import { get } from '../core/calls.js';
import { uncovered } from '../core/cover.js';
import { route } from '../core/router.js';
import { settled, user } from '../core/session.js';
import { Button, LinkButton } from '../parts/controls.jsx';
import { Empty, Loading, Refused, Said, useTitle } from '../parts/shown.jsx';
import { useLive } from '../parts/use_live.js';
import { t } from '../words/words.js';
import { RoomList } from './rooms/list.jsx';
import { isPrivate } from './rooms/names.js';
import { Room } from './rooms/room.jsx';

const Door = () => (
    <Empty top icon="chat" title={t('rooms.title')} hint={t('rooms.hint')}>
        <LinkButton kind="main" href={`/c/door?next=/c/rooms/${route.value.id}`}>{t('nav.door')}</LinkButton>
    </Empty>
);

/** Who looks over a shoulder reads no more than that there are words. @param {{event: any}} props */
const Covered = ({ event }) => (
    <>
        <LinkButton kind="quiet" icon="back" href={`/c/rooms/${event.id}`}>{t('rooms.all')}</LinkButton>
        <Empty top icon="hidden" title={t('rooms.onlyYou')} hint={t('rooms.onlyYouHint')}>
            <Button kind="main" icon="eye" onClick={() => (uncovered.value = true)}>{t('rooms.open')}</Button>
        </Empty>
    </>
);

/** @param {{event: any, live: import('../core/live.js').LiveEvent}} props */
function Rooms({ event, live }) {
    const { part } = route.value;
    const { answer, problem, again } = useAsked((signal) => get(`/rooms?event_id=${event.id}`, { signal }), [event.id, live.entry.value?.cursor, part]);
    if (part && event.state !== 'DONE' && isPrivate(part) && !uncovered.value) return <Covered event={event} />;
    if (part) return <Room key={part} event={event} part={part} live={live} />;
    return (
        <>
            <LinkButton kind="quiet" icon="back" href={`/c/event/${event.id}`}><Said>{event.title}</Said></LinkButton>
            <header class="head"><h1>{t('rooms.title')}</h1><p>{t('rooms.hint')}</p></header>
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" />}
            {answer && <RoomList event={event} rooms={answer.rooms} />}
        </>
    );
}

export function Screen() {
    const live = useLive(route.value.id);
    const event = live?.event.value;
    const problem = live?.problem.value;
    useTitle(t('rooms.title'));
    useEffect(() => () => void (uncovered.value = false), []);
    if (!settled.value) return <div class="page"><Loading /></div>;
    if (!user.value) return <div class="page"><Door /></div>;
    if (!event && problem?.status === 404)
        return <div class="page"><Empty top title={t('event.gone')}><LinkButton href="/" kind="main">{t('event.explore')}</LinkButton></Empty></div>;
    return (
        <div class="page talk">
            {!event && (problem ? <Refused problem={problem} onAgain={() => live?.begin()} /> : <Loading kind="line" />)}
            {event && live && <Rooms event={event} live={live} />}
        </div>
    );
}
