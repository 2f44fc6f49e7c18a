// S3: one event, as somebody sees it who may come.
import { useAsked, useTap } from '../core/asked.js';
import { get, send } from '../core/calls.js';
import { minute } from '../core/clock.js';
import { route } from '../core/router.js';
import { leads, user } from '../core/session.js';
import { Button, LinkButton } from '../parts/controls.jsx';
import { useHeard } from '../parts/heard.js';
import { Icon } from '../parts/icons.jsx';
import { Facts as Heard } from '../parts/phase.jsx';
import { Empty, Loading, Refused, Said, Section, State, say, useTitle } from '../parts/shown.jsx';
import { Stale } from '../parts/stale.jsx';
import { useLive } from '../parts/use_live.js';
import { away, elsewhere, moment, number, priceOf, t } from '../words/words.js';
import { Cards } from './event/cards.jsx';
import { Claim } from './event/claim.jsx';
import { Seat } from './event/seat.jsx';

/** @param {{event: any}} props */
function Facts({ event }) {
    const { utc, zone } = event.starts_at;
    return (
        <dl class="facts">
            <div>
                <dt><Icon name="calendar" />{t('event.when')}</dt>
                <dd>
                    {moment(utc)} <small>{away(utc, minute.value)}</small>
                    {elsewhere(zone, utc) && <small>{t('event.there', { time: moment(utc, zone), zone })}</small>}
                </dd>
            </div>
            <div><dt><Icon name="lead" />{t('event.host')}</dt><dd><Said>{event.god?.username}</Said></dd></div>
            <div><dt><Icon name="people" />{t('event.group')}</dt><dd><Said>{event.group?.name}</Said></dd></div>
            <div><dt><Icon name="coin" />{t('event.price')}</dt><dd>{priceOf(event.price)}</dd></div>
        </dl>
    );
}

/** @param {{event: any}} props */
const Meter = ({ event }) => (
    <div class="meter-box">
        <meter min={0} max={event.max_players} value={event.seats_taken} aria-labelledby="seats" />
        <p id="seats">
            {t('event.seats', { taken: event.seats_taken, most: event.max_players })}
            {event.waitlisted > 0 && <> · {t('explore.waiting', { n: event.waitlisted })}</>}
        </p>
    </div>
);

/** @param {{event: any}} props */
const Players = ({ event }) => (
    <Section id="players" icon="people" title={t('event.players')}>
        <Meter event={event} />
        {event.players.length === 0 && <p class="hint">{t('event.nobody')}</p>}
        <ol class="people">
            {event.players.map((/** @type {any} */ player) => (
                <li key={player.user_id}><span class="seat-number">{number(player.seat)}</span><Said>{player.username}</Said></li>
            ))}
        </ol>
    </Section>
);

/** @param {{event: any}} props */
function Votes({ event }) {
    const tap = useTap();
    const cast = (/** @type {string} */ vote) =>
        tap.run(() => send('PUT', `/events/${event.id}/vote`, { vote: event.my_vote === vote ? 'NONE' : vote }));
    const one = (/** @type {'UP' | 'DOWN'} */ vote, /** @type {any} */ icon, /** @type {number} */ count) => (
        <button class="button plain" type="button" disabled={!user.value} aria-pressed={event.my_vote === vote} onClick={() => cast(vote)}>
            <Icon name={icon} /><span>{number(count)}</span><span class="unseen">{t(`event.${icon}`)}</span>
        </button>
    );
    return (
        <div class="row" role="group" aria-label={t('event.votes')}>
            {one('UP', 'up', event.upvotes)}
            {one('DOWN', 'down', event.downvotes)}
            <Refused problem={tap.problem} />
        </div>
    );
}

/** @param {{deal: any, event: any}} props */
const Fair = ({ deal, event }) => (
    <Section id="fair" icon="seal" title={t('event.fair')}>
        <p>{t('event.fairHint')}</p>
        <p>{t('event.fairYours')}</p>
        {event.beacon && <p>{t('event.beacon')}</p>}
        {deal?.opened && <LinkButton icon="seal" href={`/c/fair/${event.id}`}>{t('fair.check')}</LinkButton>}
        {deal && (
            <details>
                <summary>{t('event.commitments', { n: deal.commitments.length + (deal.further_root ? 1024 : 0) })}</summary>
                <ol class="hashes">{deal.commitments.map((/** @type {string} */ hash) => <li key={hash}><code dir="ltr">{hash}</code></li>)}</ol>
                {deal.root && <p>{t('event.root')}: <code dir="ltr">{deal.root}</code></p>}
            </details>
        )}
    </Section>
);

/** @param {{event: any}} props */
function Share({ event }) {
    const address = `${location.origin}/join/${event.join_code}`;
    const copy = () => navigator.clipboard.writeText(address).then(() => say(t('event.copied')));
    return (
        <Section id="share" icon="share" title={t('event.share')}>
            <div class="share">
                <img class="qr" src={`/events/${event.id}/qr.svg`} alt={t('event.qr')} width="148" height="148" loading="lazy" />
                <div>
                    <p class="hint">{t('event.code')}</p>
                    <p class="code" dir="ltr">{event.join_code}</p>
                    <div class="row">
                        {isSecureContext && <Button icon="copy" onClick={copy}>{t('event.copy')}</Button>}
                        <LinkButton icon="calendar" href={`/events/${event.id}/calendar.ics`} download="conse.ics">{t('event.calendar')}</LinkButton>
                    </div>
                </div>
            </div>
        </Section>
    );
}

// Where one goes from here: to the table when it is played, or to leading it.
/** @param {{event: any}} props */
function Onward({ event }) {
    const lead = leads.value && event.god_id === user.value?.id;
    const shown = ['REVEALED', 'RUNNING', 'DONE'].includes(event.state);
    if (lead) return <LinkButton kind="main" icon="lead" wide href={`/c/lead/${event.id}`}>{t('event.lead')}</LinkButton>;
    return shown ? <LinkButton kind="main" icon="games" wide href={`/c/table/${event.id}`}>{t('event.live')}</LinkButton> : null;
}

/** @param {{event: any, live: import('../core/live.js').LiveEvent}} props */
function Page({ event, live }) {
    const more = useAsked(async (signal) => {
        const [{ deck }, { deal }] = await Promise.all([get(`/events/${event.id}/deck`, { signal }), get(`/events/${event.id}/deal`, { signal })]);
        return { deck, deal };
    }, [event.id, event.state]);
    useHeard(live, event);
    return (
        <>
            <header class={`hero tint-${parseInt(event.id.slice(-2), 16) % 6}`}>
                {event.image_url && <img src={event.image_url} alt="" />}
                <div class="hero-text">
                    <State state={event.state} />
                    <h1><Said>{event.title}</Said></h1>
                </div>
            </header>
            <Stale live={live} />
            <Claim event={event} live={live} />
            <Onward event={event} />
            <Seat event={event} live={live} />
            <div class="columns">
                <div>
                    <Section id="facts" title={t('event.about')}>
                        <Facts event={event} />
                        {event.content && <p class="prose" dir="auto">{event.content}</p>}
                        <Votes event={event} />
                    </Section>
                    <Players event={event} />
                </div>
                <div>
                    <Cards deck={more.answer?.deck} />
                    <LinkButton kind="quiet" icon="cards" href={`/c/print/${event.id}`}>{t('print.open')}</LinkButton>
                    <Fair deal={more.answer?.deal} event={event} />
                    <Share event={event} />
                </div>
            </div>
            <Refused problem={more.problem} onAgain={more.again} />
            <Heard />
        </>
    );
}

export function Screen() {
    const live = useLive(route.value.id);
    const event = live?.event.value;
    const problem = live?.problem.value;
    useTitle(event?.title);
    if (!event && problem?.status === 404)
        return <div class="page"><Empty top title={t('event.gone')}><LinkButton href="/" kind="main">{t('event.explore')}</LinkButton></Empty></div>;
    return (
        <div class="page">
            {!event && (problem ? <Refused problem={problem} onAgain={() => live?.begin()} /> : <Loading />)}
            {event && live && <Page event={event} live={live} />}
        </div>
    );
}
