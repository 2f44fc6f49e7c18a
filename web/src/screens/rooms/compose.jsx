// Where one writes: a text, and whom it answers or mentions.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { draftOf, keepDraft } from '../../core/drafts.js';
import { user } from '../../core/session.js';
import { Button, wayOf } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { has, t } from '../../words/words.js';
import { goneText } from './message.jsx';

const MOST = 2000;
const OFFERED = 4;

/** Names that may be meant by what stands before the caret. @param {any} event @param {string} text */
function meant(event, text) {
    const begun = /(?:^|\s)@([\w.-]*)$/.exec(text)?.[1].toLowerCase();
    if (begun === undefined) return [];
    const people = [event.god, ...event.players.filter((/** @type {any} */ player) => !player.guest)];
    const names = people.map(({ username }) => username).filter((name) => name !== user.value.username && name.toLowerCase().startsWith(begun));
    return names.slice(0, OFFERED);
}

/** @param {{room: any}} props */
const Closed = ({ room }) => <p class="notice"><Icon name="hidden" />{t(has(`rooms.why.${room.why_not}`) ? `rooms.why.${room.why_not}` : 'rooms.why.other')}</p>;

/** @param {{answered: any, onAway: () => void}} props */
const Answered = ({ answered, onAway }) => (
    <div class="answered">
        <p class="quote" dir="auto"><strong>{answered.author.username}</strong> {goneText(answered) || answered.text}</p>
        <Button kind="quiet" icon="close" label={t('rooms.noAnswer')} onClick={onAway} />
    </div>
);

/**
 * @param {{event: any, live: import('../../core/room.js').LiveRoom, box: import('../../core/outbox.js').Outbox, answered: any, onAnswered: () => void,
 *   end: () => void}} props
 */
export function Compose({ event, live, box, answered, onAnswered, end }) {
    const id = useId();
    const [text, set] = useState(() => draftOf(live.reader, live.id));
    const write = (/** @type {string} */ next) => (set(next), keepDraft(live.reader, live.id, next));
    const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
    const room = live.room.value;
    useEffect(() => void (answered && field.current?.focus()), [answered?.id]);
    if (!room.may_write) return <Closed room={room} />;
    const send = () => {
        const said = text.trim();
        if (!said) return;
        end();
        write('');
        onAnswered();
        box.say(said, answered?.id ?? '');
    };
    const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !matchMedia('(pointer: fine)').matches) return;
        event.preventDefault();
        send();
    };
    const mention = (/** @type {string} */ name) => {
        write(text.replace(/@[\w.-]*$/, `@${name} `));
        field.current?.focus();
    };
    const names = meant(event, text);
    return (
        <div class="dock-box">
            {answered && <Answered answered={answered} onAway={onAnswered} />}
            {names.length > 0 && <div class="row" role="group" aria-label={t('rooms.whom')}>{names.map((name) => <Button key={name} onClick={() => mention(name)}>{`@${name}`}</Button>)}</div>}
            <form class="inline" onSubmit={(submitted) => (submitted.preventDefault(), send())}>
                <label class="unseen" for={id}>{t('rooms.write')}</label>
                <textarea id={id} ref={field} name="text" rows={1} dir={wayOf(text)} maxLength={MOST} value={text} placeholder={t('rooms.write')}
                    onInput={(input) => (write(input.currentTarget.value), live.tellTyping())} onKeyDown={onKeyDown} />
                <Button kind="main" type="submit" icon="send" label={t('sheet.send')} disabled={!text.trim()} />
            </form>
        </div>
    );
}
