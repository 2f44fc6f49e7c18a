// What one can do about a seat: take it, pay for it, wait, give it back. It stays in sight.
import { useState } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { send } from '../../core/calls.js';
import { find, keep } from '../../core/store.js';
import { user } from '../../core/session.js';
import { Button, LinkButton, Sure } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Ring } from '../../parts/ring.jsx';
import { Refused, say } from '../../parts/shown.jsx';
import { priceOf, t } from '../../words/words.js';
import { Pay } from './pay.jsx';

const NONCE_BYTES = 32;
/** What is told of a seat that was taken. @type {Record<string, string>} */
const SAID = { CONFIRMED: 'seat.yours', WAITLISTED: 'seat.waiting', PENDING: 'seat.held' };

// Made here and kept: at the end it shows that the deal was made with it.
/** @param {string} id of the event */
async function nonceOf(id) {
    const known = await find('nonces', id).catch(() => undefined);
    if (known) return known;
    const made = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(NONCE_BYTES))));
    await keep('nonces', id, made).catch(() => {});
    return made;
}

/** @param {{event: any, refresh: () => void}} props */
function Take({ event, refresh }) {
    const tap = useTap();
    const full = event.seats_taken >= event.max_players;
    const costs = event.price && event.price.currency !== 'FREE';
    const take = () =>
        tap.run(async () => {
            const { reservation } = await send('POST', `/events/${event.id}/reservations`, { nonce: await nonceOf(event.id) });
            if (SAID[reservation.state]) say(t(SAID[reservation.state], { n: reservation.position }));
            refresh();
        });
    if (full && !event.waitlist) return <p>{t('seat.full')}</p>;
    const label = full ? t('seat.wait') : costs ? t('seat.takeFor', { price: priceOf(event.price) }) : t('seat.take');
    return (
        <>
            <Refused problem={tap.problem} />
            {full && <p>{t('seat.full')}</p>}
            <Button kind="main" icon="seat" wide busy={tap.busy} onClick={take}>{label}</Button>
        </>
    );
}

/** @param {{event: any, reservation: any, refresh: () => void}} props */
function Leave({ event, reservation, refresh }) {
    const [asking, ask] = useState(false);
    const tap = useTap();
    const leave = () => {
        ask(false);
        tap.run(async () => {
            await send('DELETE', `/events/${event.id}/reservations/${reservation.user_id}`);
            refresh();
        });
    };
    const waits = reservation.state === 'WAITLISTED';
    return (
        <>
            <Refused problem={tap.problem} />
            <Button busy={tap.busy} onClick={() => ask(true)}>{t(waits ? 'seat.leaveList' : 'seat.leave')}</Button>
            {asking && <Sure title={t(waits ? 'seat.leaveList' : 'seat.leaveSure')} hint={waits ? undefined : t('seat.leaveHint')}
                yes={t(waits ? 'seat.leaveList' : 'seat.leave')} no={t('seat.stay')} onYes={leave} onNo={() => ask(false)} />}
        </>
    );
}

/** @param {{event: any, refresh: () => void}} props */
function Mine({ event, refresh }) {
    const reservation = event.my_reservation;
    if (reservation.state === 'ENDING') return <p>{t('seat.ending')}</p>;
    return (
        <>
            {reservation.state === 'PENDING' && <Pay event={event} reservation={reservation} refresh={refresh} />}
            {reservation.state === 'CONFIRMED' && <p class="seat-line"><Icon name="check" /><strong>{t('seat.yours', { n: reservation.position })}</strong></p>}
            {reservation.state === 'WAITLISTED' && <p class="seat-line"><Icon name="people" /><strong>{t('seat.waiting', { n: reservation.position })}</strong></p>}
            {['OPEN', 'LOCKED'].includes(event.state) && <Leave event={event} reservation={reservation} refresh={refresh} />}
        </>
    );
}

/** @param {{event: any, refresh: () => void}} props */
function Choice({ event, refresh }) {
    if (event.my_reservation) return <Mine event={event} refresh={refresh} />;
    if (event.state !== 'OPEN') return null;
    if (!event.payable && event.price?.currency === 'LAMPORTS') return <p>{t('seat.notYet')}</p>;
    if (!user.value) return <LinkButton kind="main" icon="door" wide href={`/c/door?next=/c/event/${event.id}`}>{t('seat.door')}</LinkButton>;
    return <Take event={event} refresh={refresh} />;
}

/** @param {{event: any, live: import('../../core/live.js').LiveEvent}} props */
export function Seat({ event, live }) {
    const refresh = () => live.again();
    const leads = user.value && [event.god_id, ...event.assistants.map((/** @type {any} */ one) => one.id)].includes(user.value.id);
    if (leads || (!event.my_reservation && event.state !== 'OPEN')) return null;
    return (
        <>
            {event.my_reservation && ['OPEN', 'LOCKED'].includes(event.state) && <Ring />}
            <div class="dock"><div class="dock-box"><Choice event={event} refresh={refresh} /></div></div>
        </>
    );
}
