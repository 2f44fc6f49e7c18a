// One room: what was said in it, and what is being written.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { uncovered } from '../../core/cover.js';
import { Outbox } from '../../core/outbox.js';
import { LiveRoom } from '../../core/room.js';
import { useTap } from '../../core/asked.js';
import { user } from '../../core/session.js';
import { Button, LinkButton } from '../../parts/controls.jsx';
import { Empty, Loading, Refused, Said } from '../../parts/shown.jsx';
import { Stale } from '../../parts/stale.jsx';
import { date, listed, t } from '../../words/words.js';
import { Compose } from './compose.jsx';
import { Message, Unsent } from './message.jsx';
import { MessageSheet } from './message_sheet.jsx';
import { isLed, isPrivate, nameOfRoom } from './names.js';
import { SlowSheet } from './slow.jsx';
import { useEnd } from './use_end.js';
import { useWanted } from './use_wanted.js';

const TOGETHER_MS = 300_000; // one writer's messages stand together
const READ_MS = 500;

/** @param {string} id @param {import('../../core/live.js').LiveEvent} event */
function useRoom(id, event) {
    const { live, box } = useMemo(() => {
        const live = new LiveRoom(id, user.value.id);
        return { live, box: new Outbox(live) };
    }, [id]);
    useEffect(() => {
        live.begin();
        box.begin();
        return () => live.stop();
    }, [id]);
    const entry = event.entry.value;
    useEffect(() => void (entry && live.reload().catch(() => {})), [entry?.cursor]);
    return { live, box };
}

// What is shown while the page is looked at was read.
/** @param {LiveRoom} live */
function useRead(live) {
    const messages = live.messages.value;
    useEffect(() => {
        const mark = () => document.hidden || live.markRead().catch(() => {});
        const timer = setTimeout(mark, READ_MS);
        document.addEventListener('visibilitychange', mark);
        return () => (clearTimeout(timer), document.removeEventListener('visibilitychange', mark));
    }, [messages]);
}

/** @param {any} message @param {any} before */
const goesOn = (message, before) =>
    before?.author.id === message.author.id && !before.deleted && new Date(message.created_at).getTime() - new Date(before.created_at).getTime() < TOGETHER_MS;

/** @param {{live: LiveRoom, box: Outbox, from: number, wanted: string, onOpen: (message: any) => void}} props */
function Messages({ live, box, from, wanted, onOpen }) {
    const messages = live.messages.value;
    const firstNew = messages.find(({ seq, account_id }) => Number(seq) > from && account_id !== user.value.id);
    return (
        <div class="said" role="log" aria-label={t('rooms.said')}>
            <ol>
                {messages.map((message, at) => {
                    const before = messages[at - 1], day = date(message.created_at);
                    return [
                        (!before || date(before.created_at) !== day) && <li key={`day-${message.id}`} class="between">{day}</li>,
                        from > 0 && message === firstNew && <li key="new" class="between fresh">{t('inbox.new')}</li>,
                        <Message key={message.id} message={message} messages={messages} goesOn={goesOn(message, before)} wanted={message.id === wanted} onOpen={() => onOpen(message)} />,
                    ];
                })}
                {box.waiting.value.filter(({ said }) => !said).map((one) => <Unsent key={one.client_id} one={one} box={box} />)}
            </ol>
        </div>
    );
}

/** @param {{users: any[]}} props */
const Typing = ({ users }) => (
    <p class="typing" aria-live="off">{users.length > 0 && t('rooms.types', { n: users.length, names: listed(users.slice(0, 3).map(({ username }) => username)) })}</p>
);

/** @param {{room: any, event: any, secret: boolean, led: boolean, onSlow: () => void}} props */
const Head = ({ room, event, secret, led, onSlow }) => (
    <header class="room-head">
        <LinkButton kind="quiet" icon="back" href={`/c/rooms/${event.id}`} label={t('rooms.all')} />
        <h1 class="table-title"><Said>{nameOfRoom(room, user.value.id)}</Said></h1>
        {room.slow_mode > 0 && <span class="badge">{t('rooms.slowly', { n: room.slow_mode })}</span>}
        {secret && <Button kind="quiet" icon="hidden" label={t('rooms.cover')} onClick={() => (uncovered.value = false)} />}
        {led && <Button kind="quiet" icon="lead" label={t('rooms.slow')} onClick={onSlow} />}
    </header>
);

/** @param {{event: any, part: string, live: import('../../core/live.js').LiveEvent}} props */
export function Room({ event, part, live: happens }) {
    const { live, box } = useRoom(`${event.id}.${part}`, happens);
    const [opened, open] = useState(/** @type {any} */ (null));
    const [answered, answer] = useState(/** @type {any} */ (null));
    const [slowing, slow] = useState(false);
    const older = useTap();
    const room = live.room.value, problem = live.problem.value, messages = live.messages.value;
    const from = useMemo(() => live.read, [Boolean(room)]);
    const led = isLed(event, user.value.id), secret = event.state !== 'DONE' && isPrivate(part);
    const { keepPlace, show, end } = useEnd(Boolean(room), messages.length + box.waiting.value.length);
    const { wanted, problem: lost } = useWanted(live, Boolean(room), show);
    useRead(live);
    if (problem?.status === 404) return <Empty top icon="chat" title={t('rooms.gone')}><LinkButton kind="main" href={`/c/rooms/${event.id}`}>{t('rooms.all')}</LinkButton></Empty>;
    if (!room) return problem ? <Refused problem={problem} /> : <Loading kind="line" rows={5} />;
    return (
        <>
            <Head room={room} event={event} secret={secret} led={led} onSlow={() => slow(true)} />
            <Stale live={live} />
            <Refused problem={older.problem ?? lost} />
            {live.older.value && <Button busy={older.busy} onClick={() => older.run(() => keepPlace(() => live.loadOlder()))}>{t('inbox.older')}</Button>}
            {messages.length === 0 && !box.waiting.value.length && <Empty icon="chat" title={t('rooms.silent')} hint={t('rooms.silentHint')} />}
            <Messages live={live} box={box} from={from} wanted={wanted} onOpen={open} />
            <div class="dock talk-dock">
                <Typing users={live.typing.value} />
                <Compose event={event} live={live} box={box} answered={answered} onAnswered={() => answer(null)} end={end} />
            </div>
            {opened && <MessageSheet room={room} led={led} message={messages.find(({ id }) => id === opened.id) ?? opened} onClose={() => open(null)}
                onAnswer={() => (answer(opened), open(null))} live={live} />}
            {slowing && <SlowSheet room={room} live={live} onClose={() => slow(false)} />}
        </>
    );
}
