// S6: before the game. Who is there, in which order they sit, and who still comes in.
import { useRef, useState } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { Button, Field, Segments, Sure } from '../../parts/controls.jsx';
import { HoldButton } from '../../parts/acts.jsx';
import { Refused, Said, Section } from '../../parts/shown.jsx';
import { given, number, t } from '../../words/words.js';
import { useAct } from './act.js';

/** @typedef {{event: any, live: import('../../core/live.js').LiveEvent}} Props */

/** @param {{event: any}} props */
function Code({ event }) {
    const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
    return (
        <section class="panel code-box" aria-label={t('event.code')}>
            <button type="button" class="code-open" aria-label={t('lobby.large')} onClick={() => dialog.current?.showModal()}>
                <img class="qr" src={`/events/${event.id}/qr.svg`} alt="" width="96" height="96" />
            </button>
            <div>
                <p class="hint">{t('event.code')}</p>
                <p class="code" dir="ltr">{event.join_code}</p>
            </div>
            <dialog class="qr-large" ref={dialog} aria-label={t('event.qr')} onClick={() => dialog.current?.close()}>
                <img class="qr" src={`/events/${event.id}/qr.svg`} alt={t('event.qr')} />
                <p class="code" dir="ltr">{event.join_code}</p>
                <Button wide onClick={() => dialog.current?.close()}>{t('close')}</Button>
            </dialog>
        </section>
    );
}

/** @param {Props & {player: any, index: number}} props */
function Guest({ event, live, player, index }) {
    const [asking, ask] = useState(false);
    const { busy, problem, act } = useAct(event, live);
    const [wanted, want] = useState(''); // until the answer is here
    const attendance = wanted || given(player.attendance);
    const ids = event.players.map((/** @type {any} */ one) => one.user_id);
    const move = (/** @type {number} */ by) => {
        const order = ids.toSpliced(index, 1).toSpliced(index + by, 0, player.user_id);
        act('PUT', '/seats', { user_ids: order });
    };
    const attend = (/** @type {string} */ chosen) => {
        want(chosen);
        act('PUT', `/players/${player.user_id}/attendance`, { attendance: chosen }).then((done) => done || want(''));
    };
    return (
        <li class="guest">
            <details>
                <summary>
                    <span class="seat-number">{number(player.seat)}</span>
                    <span class="chair-name"><Said>{player.username}</Said></span>
                    {player.guest && <span class="badge">{t('lobby.guest')}</span>}
                    {player.held && <span class="badge">{t('lobby.held')}</span>}
                    {attendance && <span class={attendance === 'PRESENT' ? 'badge good' : 'badge'}>{t(`attendance.${attendance}`)}</span>}
                </summary>
                <div class="guest-more" aria-busy={busy}>
                    <Segments label={t('lobby.attendance')} value={attendance} onChange={attend}
                        options={['PRESENT', 'LATE', 'ABSENT'].map((value) => ({ value, label: t(`attendance.${value}`) }))} />
                    <div class="row">
                        <Button disabled={index === 0} onClick={() => move(-1)}>{t('lobby.earlier')}</Button>
                        <Button disabled={index === ids.length - 1} onClick={() => move(1)}>{t('lobby.later')}</Button>
                        <Button kind="danger" onClick={() => ask(true)}>{t('lobby.remove')}</Button>
                    </div>
                    <Refused problem={problem} />
                </div>
            </details>
            {asking && <Sure title={t('lobby.removeSure', { name: player.username })} hint={t('seat.leaveHint')} yes={t('lobby.remove')} no={t('seat.stay')} onNo={() => ask(false)}
                onYes={() => (ask(false), act('DELETE', `/reservations/${player.user_id}`))} />}
        </li>
    );
}

/** @param {Props} props */
function WalkIn({ event, live }) {
    const [kind, choose] = useState('guest_name');
    const [name, write] = useState('');
    const { busy, problem, act } = useAct(event, live);
    const submit = async (/** @type {Event} */ submitted) => {
        submitted.preventDefault();
        if (await act('POST', '/reservations', { [kind]: name.trim() })) write('');
    };
    return (
        <Section id="walk-in" icon="door" title={t('lobby.walkIn')}>
            <form onSubmit={submit}>
                <Segments label={t('lobby.walkIn')} value={kind} onChange={choose} options={[{ value: 'guest_name', label: t('lobby.noAccount') }, { value: 'username', label: t('lobby.account') }]} />
                <Field label={t(kind === 'username' ? 'door.username' : 'lobby.name')} name={kind} value={name} onInput={write} fault={problem?.fields?.[kind]} maxLength={32} autocomplete="off" required />
                <Refused problem={problem?.fields?.[kind] ? null : problem} />
                <Button type="submit" icon="seat" wide busy={busy}>{t('lobby.seat')}</Button>
            </form>
        </Section>
    );
}

/** @param {{event: any}} props */
function Waiting({ event }) {
    const { answer } = useAsked((signal) => get(`/events/${event.id}/waitlist`, { signal }), [event.id, event.waitlisted]);
    if (!event.waitlisted || !answer) return null;
    return (
        <Section id="waiting" icon="people" title={t('explore.waiting', { n: event.waitlisted })}>
            <ol class="people">{answer.waitlist.map((/** @type {any} */ one) => <li key={one.user_id}><span class="seat-number">{number(one.position)}</span><Said>{one.username}</Said></li>)}</ol>
        </Section>
    );
}

/** @param {Props} props */
export function Lobby({ event, live }) {
    const { busy, problem, act } = useAct(event, live);
    const present = event.players.filter((/** @type {any} */ player) => player.attendance === 'PRESENT').length;
    const enough = event.players.length >= event.min_players && event.players.length > 0;
    return (
        <>
            <Code event={event} />
            <Section id="roster" icon="people" title={t('event.seats', { taken: event.seats_taken, most: event.max_players })}>
                {event.players.length === 0 && <p class="hint">{t('lobby.nobody')}</p>}
                {present > 0 && <p class="hint">{t('lobby.present', { n: present })}</p>}
                <ol class="list">{event.players.map((/** @type {any} */ player, /** @type {number} */ index) => <Guest key={player.user_id} event={event} live={live} player={player} index={index} />)}</ol>
            </Section>
            <Waiting event={event} />
            <WalkIn event={event} live={live} />
            <div class="dock"><div class="dock-box">
                <Refused problem={problem} />
                <HoldButton icon="seal" busy={busy} disabled={!enough} onDone={() => act('POST', '/lock', {})}>{t('lobby.lock')}</HoldButton>
                {!enough && <p class="hint">{t('lobby.tooFew', { n: event.min_players })}</p>}
            </div></div>
        </>
    );
}
