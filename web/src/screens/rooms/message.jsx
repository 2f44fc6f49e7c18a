// A message as it stands in its room.
import { user } from '../../core/session.js';
import { Button } from '../../parts/controls.jsx';
import { Said } from '../../parts/shown.jsx';
import { hour, refusalOf, t } from '../../words/words.js';
import { placeOf } from './use_wanted.js';

/** What stands there in place of a text. @param {any} message */
export const goneText = (message) => {
    if (message.deleted) return t(`rooms.deleted.${message.deleted.by}`);
    return message.erased ? t('rooms.erased') : '';
};

/** With those who are mentioned in it. @param {{message: any}} props */
function Text({ message }) {
    const names = new Map(message.mentions.map((/** @type {any} */ person) => [`@${person.username}`.toLowerCase(), person.id]));
    const parts = message.text.split(/(@[\w.-]+)/);
    return parts.map((/** @type {string} */ part, /** @type {number} */ at) => {
        const id = names.get(part.toLowerCase());
        return id ? <mark key={at} class={id === user.value.id ? 'me' : ''}>{part}</mark> : part;
    });
}

/** @param {{answered: any}} props */
const Quote = ({ answered }) => (
    <p class="quote" dir="auto">{answered ? <><strong>{answered.author.username}</strong> {goneText(answered) || answered.text}</> : t('rooms.earlier')}</p>
);

/** @param {{message: any, messages: any[], goesOn: boolean, wanted: boolean, onOpen: () => void}} props */
export function Message({ message, messages, goesOn, wanted, onOpen }) {
    const mine = message.account_id === user.value.id, gone = goneText(message);
    const answered = message.reply_to && messages.find(({ id }) => id === message.reply_to);
    return (
        <li id={placeOf(message.id)} tabIndex={wanted ? -1 : undefined} aria-current={wanted || undefined} class={`message${mine ? ' mine' : ''}${goesOn ? ' goes-on' : ''}`}>
            <div class="bubble">
                <p class={goesOn || mine ? 'unseen' : 'by'}><Said>{message.author.username}</Said></p>
                {message.reply_to && !gone && <Quote answered={answered} />}
                {gone ? <p class="gone">{gone}</p> : <p class="prose" dir="auto"><Text message={message} /></p>}
                <p class="when">
                    {message.edited_at && !gone && <span>{t('rooms.edited')} · </span>}
                    {message.reports?.length > 0 && <span class="badge state-cancelled">{t('rooms.reported', { n: message.reports.length })}</span>}
                    <time datetime={message.created_at}>{hour(message.created_at)}</time>
                </p>
            </div>
            <Button kind="quiet" icon="more" label={t('rooms.more', { name: message.author.username })} onClick={onOpen} />
        </li>
    );
}

/** @param {{one: import('../../core/outbox.js').Waiting, box: import('../../core/outbox.js').Outbox}} props */
export const Unsent = ({ one, box }) => (
    <li class="message mine unsent">
        <div class="bubble">
            <p class="prose" dir="auto">{one.text}</p>
            <p class="when">{one.busy ? t('rooms.sending') : one.problem ? refusalOf(one.problem) : t('rooms.notSent')}</p>
            {!one.busy && (
                <div class="row end">
                    <Button kind="quiet" onClick={() => box.leave(one)}>{t('rooms.throwAway')}</Button>
                    <Button icon="send" onClick={() => box.deliver(one)}>{t('again')}</Button>
                </div>
            )}
        </div>
    </li>
);
