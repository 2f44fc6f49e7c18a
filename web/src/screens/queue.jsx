// S18: waiting for a seat at any table that suits, and the offer of one.
import { useEffect, useState } from 'preact/hooks';
import { useAsked, useTap } from '../core/asked.js';
import { get, send } from '../core/calls.js';
import { now, second } from '../core/clock.js';
import { settled, user } from '../core/session.js';
import { Button, LinkButton, Segments } from '../parts/controls.jsx';
import { Icon } from '../parts/icons.jsx';
import { Countdown } from '../parts/phase.jsx';
import { told } from '../parts/shell.jsx';
import { Empty, Loading, Refused, Said, Section, useTitle } from '../parts/shown.jsx';
import { given, moment, number, span, t } from '../words/words.js';

const EVERY_MS = 3000;
/** @type {Record<string, object>} */
const SIZES = { any: {}, small: { size_max: 8 }, large: { size_min: 9 } };
const DAYS = ['1', '7', '30'];
const DAY_S = 86400;

const msOf = (/** @type {string | undefined} */ duration) => Number((duration ?? '0').replace('s', '')) * 1000;

/** The caller's ticket as it is now; null: none. */
function useTicket() {
    const [turn, next] = useState(0);
    const again = () => next((n) => n + 1);
    const asked = useAsked(async (signal) => {
        if (!user.value) return null;
        const ticket = await get('/queue', { signal }).catch((fault) => (fault.status === 404 ? null : Promise.reject(fault)));
        return { ticket };
    }, [user.value?.id, turn, told.value?.cursor]);
    const waits = ['WAITING', 'OFFERED'].includes(asked.answer?.ticket?.state);
    useEffect(() => {
        if (!waits) return undefined;
        const timer = setInterval(again, EVERY_MS);
        return () => clearInterval(timer);
    }, [waits]);
    return { ...asked, again };
}

/** @param {{onDone: () => void}} props */
function Join({ onDone }) {
    const [size, choose] = useState('any');
    const [days, within] = useState('7');
    const { busy, problem, run } = useTap();
    const join = () => run(async () => (await send('POST', '/queue', { ...SIZES[size], starts_within: `${Number(days) * DAY_S}s` }), onDone()));
    return (
        <Section id="join" icon="people" title={t('queue.join')}>
            <h3>{t('queue.size')}</h3>
            <Segments label={t('queue.size')} value={size} onChange={choose} options={Object.keys(SIZES).map((value) => ({ value, label: t(`queue.size.${value}`) }))} />
            <h3>{t('queue.within')}</h3>
            <Segments label={t('queue.within')} value={days} onChange={within} options={DAYS.map((value) => ({ value, label: t('queue.days', { n: Number(value) }) }))} />
            <p class="hint">{t('queue.free')}</p>
            <Refused problem={problem} />
            <Button kind="main" wide icon="seat" busy={busy} onClick={join}>{t('queue.do')}</Button>
        </Section>
    );
}

/** @param {{label: string, value: any}} props */
const Figure = ({ label, value }) => <div><dt>{label}</dt><dd>{value}</dd></div>;

/** @param {{ticket: any, onDone: () => void}} props */
function Waiting({ ticket, onDone }) {
    const { busy, problem, run } = useTap();
    const estimate = ticket.wait_estimate;
    const missed = given(ticket.missed?.reason);
    const leave = () => run(async () => (await send('DELETE', '/queue'), onDone()));
    return (
        <Section id="waiting" icon="seat" title={t('queue.waiting')}>
            <p class="big">{t('queue.place', { place: ticket.place, all: ticket.waiting })}</p>
            <dl class="figures">
                <Figure label={t('queue.since')} value={span(Math.max(now(), second.value) - new Date(ticket.joined_at).getTime())} />
                {estimate?.n > 0 && <Figure label={t('queue.estimate')} value={t('queue.range', { low: span(msOf(estimate.p50)), high: span(msOf(estimate.p90)) })} />}
                {ticket.window?.now !== undefined && <Figure label={t('queue.window')} value={<bdi dir="ltr">± {number(ticket.window.now, { maximumFractionDigits: 1 })}</bdi>} />}
            </dl>
            {missed && <p class="notice"><Icon name="moon" />{t(`queue.missed.${missed}`)}</p>}
            <p class="hint">{t('queue.keep')}</p>
            <Refused problem={problem} />
            <Button busy={busy} wide onClick={leave}>{t('queue.leave')}</Button>
        </Section>
    );
}

/** @param {{ticket: any, onDone: () => void}} props */
function Offer({ ticket: { offer, penalty }, onDone }) {
    const { busy, problem, run } = useTap();
    const event = useAsked((signal) => get(`/events/${offer.event_id}`, { signal }), [offer.event_id]).answer?.event;
    const answer = (/** @type {'accept' | 'decline'} */ how) => run(() => send('POST', `/queue/offers/${offer.offer_id}/${how}`, {}).finally(onDone));
    return (
        <section class="panel offer" aria-labelledby="offer">
            <h2 id="offer" aria-live="assertive"><Icon name="seat" />{t('queue.offer')}<Countdown clock={{ closes_at: offer.deadline }} /></h2>
            {event && <p class="big"><Said>{event.title}</Said></p>}
            {event && <p>{moment(event.starts_at.utc)} · <Said>{t('explore.by', { god: event.god?.username })}</Said></p>}
            <meter min={0} max={offer.needed} value={offer.accepted} aria-hidden="true" />
            <p role="status">{t('queue.accepted', { accepted: offer.accepted, needed: offer.needed })}</p>
            <Refused problem={problem} />
            {offer.mine ? <p class="seat-line"><Icon name="check" />{t('queue.ready')}</p> : (
                <>
                    <Button kind="main" wide icon="check" busy={busy} onClick={() => answer('accept')}>{t('queue.accept')}</Button>
                    <Button wide busy={busy} onClick={() => answer('decline')}>{t('queue.decline')}</Button>
                    <p class="hint">{t('queue.penalty', { n: penalty.allowed, wait: span(msOf(penalty.pause)) })}</p>
                </>
            )}
        </section>
    );
}

/** @param {{ticket: any}} props */
const Seated = ({ ticket: { seat } }) => (
    <Empty icon="check" title={t('queue.seated')} hint={seat.state === 'PENDING' ? t('queue.toPay') : undefined}>
        <LinkButton kind="main" href={`/c/event/${seat.event_id}`}>{t('queue.look')}</LinkButton>
    </Empty>
);

/** @param {{ticket: any, onDone: () => void}} props */
function Ticket({ ticket, onDone }) {
    if (ticket?.state === 'WAITING') return <Waiting ticket={ticket} onDone={onDone} />;
    if (ticket?.state === 'OFFERED') return <Offer ticket={ticket} onDone={onDone} />;
    const out = given(ticket?.out);
    const paused = ticket?.penalty?.until && new Date(ticket.penalty.until).getTime() > now();
    return (
        <>
            {ticket?.state === 'SEATED' && <Seated ticket={ticket} />}
            {out && out !== 'LEFT' && <p class="notice" role="status"><Icon name="moon" />{t(`queue.out.${out}`)}</p>}
            {paused && <p class="notice bad"><Icon name="close" />{t('queue.paused')}<Countdown clock={{ closes_at: ticket.penalty.until }} /></p>}
            <Join onDone={onDone} />
        </>
    );
}

export function Screen() {
    const { answer, problem, again } = useTicket();
    useTitle(t('queue.title'));
    if (settled.value && !user.value)
        return <div class="page"><Empty top icon="seat" title={t('queue.title')} hint={t('queue.hint')}><LinkButton kind="main" href="/c/door?next=/c/queue">{t('nav.door')}</LinkButton></Empty></div>;
    return (
        <div class="page narrow">
            <header class="head"><h1>{t('queue.title')}</h1><p>{t('queue.hint')}</p></header>
            <Refused problem={user.value ? problem : null} onAgain={again} />
            {!answer && !problem && <Loading />}
            {answer && user.value && <Ticket ticket={answer.ticket} onDone={again} />}
        </div>
    );
}
