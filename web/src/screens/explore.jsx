// S2: games that can be found, as cards.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../core/calls.js';
import { useTap } from '../core/asked.js';
import { minute } from '../core/clock.js';
import { leads, settled, user } from '../core/session.js';
import { Button, LinkButton, Segments, wayOf } from '../parts/controls.jsx';
import { Icon } from '../parts/icons.jsx';
import { Empty, Loading, Refused, Said, State, useTitle } from '../parts/shown.jsx';
import { away, digits, elsewhere, hour, moment, number, priceOf, t } from '../words/words.js';

const PATIENCE_MS = 250; // after the last letter

/** @param {string} filter @returns {Record<string, string>} */
const asked = (filter) => {
    if (filter === 'open') return { status: 'OPEN' };
    if (filter === 'running') return { status: 'RUNNING' };
    if (filter === 'mine') return { player_id: user.value.id };
    return filter === 'led' ? { god_id: user.value.id } : {};
};

const filters = () =>
    ['all', 'open', 'running', ...(user.value ? ['mine'] : []), ...(leads.value ? ['led'] : [])].map((value) => ({ value, label: t(`explore.${value}`) }));

/** @param {string} filter @param {string} words */
function useEvents(filter, words) {
    const [found, find] = useState(/** @type {{events: any[], next: string} | null} */ (null));
    const tap = useTap();
    /** @param {string} [next] @param {AbortSignal} [signal] */
    const load = (next = '', signal) =>
        tap.run(async () => {
            const query = new URLSearchParams({ ...asked(filter), ...(words && { q: digits(words) }), ...(next && { page_token: next }) });
            const answer = await get(`/events?${query}`, { signal });
            if (signal?.aborted) return;
            find((before) => ({ events: [...(next && before ? before.events : []), ...answer.events], next: answer.next_page_token }));
        });
    useEffect(() => {
        const stop = new AbortController();
        const timer = setTimeout(() => load('', stop.signal), words ? PATIENCE_MS : 0);
        return () => (clearTimeout(timer), stop.abort());
    }, [filter, words, user.value?.id, settled.value]);
    return { found, tap, load };
}

/** @param {{event: any}} props */
function Seats({ event }) {
    const left = event.max_players - event.seats_taken;
    if (event.state !== 'OPEN') return <State state={event.state} />;
    return (
        <span class={left ? 'badge good' : 'badge'}>
            {left ? t('explore.seats', { n: left }) : t('explore.full')}
        </span>
    );
}

/** @param {{event: any, to?: 'event' | 'lead'}} props */
export function EventCard({ event, to = 'event' }) {
    const { utc, zone } = event.starts_at;
    return (
        <li>
            <a class="card" href={`/c/${to}/${event.id}`}>
                <span class={`cover tint-${parseInt(event.id.slice(-2), 16) % 6}`} aria-hidden="true">
                    {event.image_url ? <img src={event.image_url} alt="" loading="lazy" /> : <Icon name="games" />}
                </span>
                <span class="card-text">
                    <span class="card-when">
                        {moment(utc)} <small>{away(utc, minute.value)}</small>
                    </span>
                    {elsewhere(zone, utc) && <small class="card-there">{t('event.there', { time: hour(utc, zone), zone })}</small>}
                    <strong class="card-title"><Said>{event.title}</Said></strong>
                    <span class="card-by">
                        <Said>{t('explore.by', { god: event.god?.username })}</Said>
                        {event.group && <> · <Said>{event.group.name}</Said></>}
                    </span>
                    <span class="row tight">
                        <Seats event={event} />
                        <span class="badge"><Icon name="coin" />{priceOf(event.price)}</span>
                        {event.upvotes > 0 && <span class="badge"><Icon name="up" />{number(event.upvotes)}</span>}
                    </span>
                </span>
            </a>
        </li>
    );
}

export function Explore() {
    const [filter, choose] = useState('all');
    const [words, write] = useState('');
    const { found, tap, load } = useEvents(filter, words);
    const narrowed = filter !== 'all' || words;
    useTitle(t('explore.title'));
    return (
        <div class="page">
            <header class="head">
                <h1>{t('explore.title')}</h1>
                <p>{t('explore.lead')}</p>
                {user.value && <div class="row"><LinkButton kind="quiet" icon="seat" href="/c/queue">{t('queue.title')}</LinkButton></div>}
            </header>
            <search class="find">
                <label class="box">
                    <span class="unseen">{t('explore.search')}</span>
                    <Icon name="search" />
                    <input type="search" dir={wayOf(words)} value={words} placeholder={t('explore.search')} onInput={(event) => write(event.currentTarget.value)} />
                </label>
                <Segments label={t('explore.filter')} value={filter} options={filters()} onChange={choose} />
            </search>
            <Refused problem={tap.problem} onAgain={() => load()} />
            {!found && !tap.problem && <Loading />}
            {found && (
                <ul class="cards" aria-busy={tap.busy}>{found.events.map((event) => <EventCard key={event.id} event={event} />)}</ul>
            )}
            {found?.events.length === 0 && narrowed && (
                <Empty title={t('explore.empty')} hint={t('explore.emptyHint')}>
                    <Button onClick={() => (choose('all'), write(''))}>{t('explore.showAll')}</Button>
                </Empty>
            )}
            {found?.events.length === 0 && !narrowed && (
                <Empty title={t('explore.none')} hint={t('explore.noneHint')}>
                    <LinkButton kind="main" icon="lead" href="/c/plan">{t('lead.plan')}</LinkButton>
                </Empty>
            )}
            {found?.next && <Button wide busy={tap.busy} onClick={() => load(found.next)}>{t('explore.more')}</Button>}
        </div>
    );
}
