// What its reader may do with a message.
import { useState } from 'preact/hooks';
import { useAsked, useTap } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { minute, now } from '../../core/clock.js';
import { user } from '../../core/session.js';
import { Button, Field } from '../../parts/controls.jsx';
import { Sheet } from '../../parts/sheet.jsx';
import { Refused, Said, say } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';
import { goneText } from './message.jsx';

const EDITED_MS = 600_000; // so long a text is changed
const MINUTE_MS = 60_000;

/** @typedef {{room: any, message: any, live: import('../../core/room.js').LiveRoom, onClose: () => void}} Props */

/** @param {any} room @param {any} message */
const routeOf = (room, message) => `/rooms/${room.id}/messages/${message.id}`;

/** @param {Props} props */
function Edit({ room, message, live, onClose }) {
    const [text, write] = useState(message.text);
    const { busy, problem, run } = useTap();
    const submit = async (/** @type {Event} */ submitted) => {
        submitted.preventDefault();
        const change = async () => live.merge((await send('PATCH', routeOf(room, message), { text }, { 'If-Match': `"rev-${message.revision}"` })).message, false);
        if (await run(change)) onClose();
    };
    return (
        <form class="inline" onSubmit={submit}>
            <Field label={t('rooms.edit')} name="edited" value={text} onInput={write} maxLength={2000} required fault={problem?.fields?.text} />
            <Button type="submit" busy={busy} icon="check" label={t('sheet.keep')} />
            <Refused problem={problem?.fields?.text ? null : problem} />
        </form>
    );
}

/** @param {Props} props */
function Report({ room, message, onClose }) {
    const [reason, write] = useState('');
    const { busy, problem, run } = useTap();
    const submit = async (/** @type {Event} */ submitted) => {
        submitted.preventDefault();
        if (await run(() => send('POST', `${routeOf(room, message)}/report`, { reason }))) (say(t('rooms.toldHost')), onClose());
    };
    return (
        <form class="inline" onSubmit={submit}>
            <Field label={t('rooms.report')} name="reason" value={reason} onInput={write} maxLength={256} hint={t('rooms.reportHint')} />
            <Button type="submit" busy={busy} icon="seal" label={t('sheet.send')} />
            <Refused problem={problem} />
        </form>
    );
}

/** @param {Props} props */
function Mute({ room, message }) {
    const { busy, problem, run } = useTap();
    /** @param {number} minutes */
    const mute = (minutes) =>
        run(() => send('PUT', `/rooms/${room.id}/mutes/${message.author.id}`, minutes ? { until: new Date(now() + minutes * MINUTE_MS).toISOString() } : {}))
            .then((done) => done && say(t(minutes ? 'rooms.muted' : 'rooms.unmuted', { name: message.author.username })));
    return (
        <>
            <h3>{t('rooms.mute')}</h3>
            <div class="row">
                {[10, 60].map((minutes) => <Button key={minutes} busy={busy} onClick={() => mute(minutes)}>{t('rooms.muteFor', { n: minutes })}</Button>)}
                <Button busy={busy} onClick={() => mute(0)}>{t('rooms.unmute')}</Button>
            </div>
            <Refused problem={problem} />
        </>
    );
}

/** What a text was before, and who complained: for who leads. @param {Props} props */
function Past({ room, message }) {
    const { answer, problem } = useAsked((signal) => get(`/rooms/${room.id}/messages?around=${message.seq}&page_size=1&all_texts=true`, { signal, secret: true }), [message.id]);
    const found = answer?.messages.find((/** @type {any} */ one) => one.id === message.id);
    const reports = found?.reports ?? message.reports ?? [];
    return (
        <>
            <Refused problem={problem} />
            {found?.texts.length > 1 || (found?.deleted && found.texts.length) ? <h3>{t('rooms.texts')}</h3> : null}
            {(found?.texts.length > 1 || found?.deleted) && <ul class="list">{found.texts.map((/** @type {string} */ text, /** @type {number} */ at) => <li key={at}><p class="prose" dir="auto">{text}</p></li>)}</ul>}
            {reports.map((/** @type {any} */ report) => <p key={report.user.id} class="notice bad"><span><strong><Said>{report.user.username}</Said></strong> <Said>{report.reason}</Said></span></p>)}
        </>
    );
}

/** @param {Props & {led: boolean, onAnswer: () => void}} props */
export function MessageSheet(props) {
    const { room, led, message, onClose, onAnswer } = props;
    const { busy, problem, run } = useTap();
    const mine = message.account_id === user.value.id, gone = goneText(message);
    const young = minute.value - new Date(message.created_at).getTime() < EDITED_MS;
    const takeBack = async () => (await run(() => send('DELETE', routeOf(room, message)))) && onClose();
    return (
        <Sheet title={<Said>{message.author.username}</Said>} onClose={onClose}>
            <p class={gone ? 'gone' : 'prose quote'} dir="auto">{gone || message.text}</p>
            {led && <Past {...props} />}
            <div class="row">
                {!gone && room.may_write && <Button icon="chat" onClick={onAnswer}>{t('rooms.answer')}</Button>}
                {!gone && (mine || led) && <Button kind="danger" busy={busy} onClick={takeBack}>{t('rooms.delete')}</Button>}
            </div>
            <Refused problem={problem} />
            {mine && !gone && young && room.may_write && <Edit {...props} />}
            {led && !mine && <Mute {...props} />}
            {!led && !mine && !gone && <Report {...props} />}
        </Sheet>
    );
}
