// The rooms of an event. Which private ones a player has would tell their side: they are in the page only while it is uncovered.
import { uncovered } from '../../core/cover.js';
import { user } from '../../core/session.js';
import { Button } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Empty, Said } from '../../parts/shown.jsx';
import { number, t } from '../../words/words.js';
import { isLed, isPrivate, nameOfRoom, partOf } from './names.js';

/** @type {Record<string, any>} */
const ICONS = { TABLE: 'people', SIDE: 'cards', DEAD: 'moon', GOD: 'lead' };

/** @param {{room: any, event: any}} props */
const Row = ({ room, event }) => (
    <li>
        <a class="room" href={`/c/rooms/${event.id}/${partOf(room)}`}>
            <Icon name={ICONS[room.kind]} />
            <span class="told-text">
                <strong><Said>{nameOfRoom(room, user.value.id)}</Said></strong>
                <small>{t(room.may_write ? 'rooms.writes' : 'rooms.reads')}</small>
            </span>
            {room.unread > 0 && <span class="badge good"><span aria-hidden="true">{number(room.unread)}</span><span class="unseen">{t('inbox.unread', { n: room.unread })}</span></span>}
            <Icon name="next" />
        </a>
    </li>
);

/** @param {{event: any, rooms: any[]}} props */
export function RoomList({ event, rooms }) {
    const hides = event.state !== 'DONE' && !isLed(event, user.value.id);
    const secret = hides ? rooms.filter((room) => isPrivate(partOf(room))) : [];
    const common = rooms.filter((room) => !secret.includes(room));
    if (!rooms.length) return <Empty icon="chat" title={t('rooms.none')} hint={t('rooms.noneHint')} />;
    return (
        <>
            <ul class="list rooms">{common.map((room) => <Row key={room.id} room={room} event={event} />)}</ul>
            {secret.length > 0 && (
                <section class="panel" aria-labelledby="secret">
                    <h2 id="secret"><Icon name={uncovered.value ? 'eye' : 'hidden'} />{t('rooms.onlyYou')}</h2>
                    {uncovered.value
                        ? <ul class="list rooms">{secret.map((room) => <Row key={room.id} room={room} event={event} />)}</ul>
                        : <p class="hint">{t('rooms.onlyYouHint')}</p>}
                    <Button wide icon={uncovered.value ? 'hidden' : 'eye'} onClick={() => (uncovered.value = !uncovered.value)}>{t(uncovered.value ? 'rooms.cover' : 'rooms.open')}</Button>
                </section>
            )}
        </>
    );
}
