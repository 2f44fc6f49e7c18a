// S15: who one is, how well one plays, what one has, and how the page looks.
import { useEffect, useState } from 'preact/hooks';
import { useAsked, useTap } from '../core/asked.js';
import { get, send } from '../core/calls.js';
import { now } from '../core/clock.js';
import { LANGUAGES, THEMES, language, setLanguage, setTheme, theme } from '../core/prefs.js';
import { logOut, settled, user } from '../core/session.js';
import { Button, LinkButton, Segments, Switch } from '../parts/controls.jsx';
import { Empty, Loading, Refused, Said, Section, say, useTitle } from '../parts/shown.jsx';
import { away, date, given, money, number, t } from '../words/words.js';

/** @param {number} value */
const points = (value) => number(value, { maximumFractionDigits: 1, minimumFractionDigits: 1 });

/** @param {{rating: any}} props */
const Range = ({ rating }) => {
    const least = Math.min(0, rating.low), most = Math.max(50, rating.high);
    const at = (/** @type {number} */ value) => `${(100 * (value - least)) / (most - least)}%`;
    return (
        <div class="range" aria-hidden="true">
            <span class="range-span" style={{ insetInlineStart: at(rating.low), inlineSize: `calc(${at(rating.high)} - ${at(rating.low)})` }} />
            <span class="range-at" style={{ insetInlineStart: at(rating.mu) }} />
        </div>
    );
};

/** @param {{label: string, value: string}} props */
const Figure = ({ label, value }) => <div><dt>{label}</dt><dd>{value}</dd></div>;

/** @param {{change: any}} props */
const Change = ({ change }) => (
    <li>
        <a href={`/c/event/${change.event_id}`}>
            <span>{date(change.time)}</span>
            <strong class={change.change < 0 ? 'fell' : 'rose'}>{number(change.change, { signDisplay: 'always', maximumFractionDigits: 1 })}</strong>
        </a>
        {change.why?.text && <small dir="auto">{change.why.text}</small>}
    </li>
);

function Rating() {
    const { answer, problem, again } = useAsked((signal) => get(`/ratings/${user.value.id}`, { signal }), [user.value.id]);
    const rating = answer?.rating;
    return (
        <Section id="rating" icon="seal" title={t('me.rating')}>
            <Refused problem={problem?.status === 404 ? null : problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" rows={2} />}
            {(problem?.status === 404 || rating?.games === 0) && <p class="hint">{t('me.ratingNone')}</p>}
            {rating?.games > 0 && (
                <>
                    <p class="big">{points(rating.rating)} {rating.provisional && <span class="badge">{t('me.provisional')}</span>}</p>
                    <Range rating={rating} />
                    <p class="hint">{t('me.ratingRange', { low: points(rating.low), high: points(rating.high) })}</p>
                    <dl class="figures">
                        <Figure label={t('me.games')} value={number(rating.games)} />
                        <Figure label={t('me.won')} value={number(rating.won)} />
                        {rating.place > 0 && <Figure label={t('me.place')} value={number(rating.place)} />}
                    </dl>
                    {answer.history.length > 0 && <h3>{t('me.history')}</h3>}
                    <ol class="list changes">{answer.history.map((/** @type {any} */ change) => <Change key={change.event_id} change={change} />)}</ol>
                </>
            )}
        </Section>
    );
}

function Wallet() {
    const { answer, problem, again } = useAsked((signal) => get('/wallet', { signal }), [user.value.id]);
    const balances = (answer?.balances ?? []).filter((/** @type {any} */ one) => one.kind !== 'CARD');
    return (
        <Section id="wallet" icon="coin" title={t('me.wallet')}>
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" rows={1} />}
            {balances.map((/** @type {any} */ one) => <p key={one.kind} class="big">{money(one.amount, one.kind)}</p>)}
            {answer && balances.every((/** @type {any} */ one) => one.amount === '0') && <p class="hint">{t('me.walletEmpty')}</p>}
        </Section>
    );
}

/** @param {{session: any, onEnd: (id: string) => void}} props */
const Session = ({ session, onEnd }) => (
    <li class="row">
        <span class="told-text">
            <strong>{t(session.current ? 'me.sessionHere' : `me.session.${given(session.kind) || 'PASSWORD'}`)}</strong>
            <small>{t('me.sessionUsed', { when: away(session.last_used_at ?? session.created_at ?? now(), now()) })} <bdi>{session.network}</bdi></small>
        </span>
        {!session.current && <Button onClick={() => onEnd(session.id)}>{t('me.sessionEnd')}</Button>}
    </li>
);

function Sessions() {
    const { answer, problem, again } = useAsked((signal) => get('/auth/sessions', { signal }), [user.value.id]);
    const tap = useTap();
    const end = (/** @type {string} */ id) => tap.run(() => send('DELETE', `/auth/sessions/${id}`)).then(again);
    return (
        <Section id="sessions" icon="door" title={t('me.sessions')}>
            <Refused problem={problem ?? tap.problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" rows={2} />}
            <ul class="list">{answer?.sessions.map((/** @type {any} */ session) => <Session key={session.id} session={session} onEnd={end} />)}</ul>
            <Button icon="door" wide onClick={logOut}>{t('me.out')}</Button>
        </Section>
    );
}

const ABOUT = ['GAME', 'SEAT', 'REMINDER', 'MENTION'];
function Quiet() {
    const { answer, problem, again } = useAsked((signal) => get('/notifications/preferences', { signal }), [user.value.id]);
    const [quiet, set] = useState(/** @type {string[] | null} */ (null));
    const tap = useTap();
    useEffect(() => set(answer?.preferences?.quiet ?? null), [answer]);
    /** @param {string} about @param {boolean} on */
    const turn = (about, on) => {
        const wanted = ABOUT.filter((one) => (one === about ? !on : quiet?.includes(one)));
        set(wanted);
        tap.run(() => send('PUT', '/notifications/preferences', { quiet: wanted, no_push: answer?.preferences?.no_push ?? [] })).then((done) => (done ? say(t('me.saved')) : set(quiet)));
    };
    return (
        <Section id="quiet" icon="inbox" title={t('me.quiet')}>
            <Refused problem={problem ?? tap.problem} onAgain={again} />
            {quiet && ABOUT.map((about) => <Switch key={about} label={t(`me.about.${about}`)} on={!quiet.includes(about)} onChange={(on) => turn(about, on)} />)}
            <p class="hint">{t('me.quietHint')}</p>
        </Section>
    );
}

const Look = () => (
    <Section id="look" icon="moon" title={t('me.look')}>
        <h3>{t('me.theme')}</h3>
        <Segments label={t('me.theme')} value={theme.value} options={THEMES.map((value) => ({ value, label: t(`me.theme.${value}`) }))} onChange={setTheme} />
        <h3>{t('me.language')}</h3>
        <Segments label={t('me.language')} value={language.value} options={Object.entries(LANGUAGES).map(([value, { name }]) => ({ value, label: name }))}
            onChange={(value) => setLanguage(/** @type {'en' | 'fa'} */ (value))} />
    </Section>
);

export function Screen() {
    useTitle(t('me.title'));
    const { value: me } = user;
    if (!settled.value) return <Loading />;
    return (
        <div class="page">
            <header class="head">
                <h1>{me ? <Said>{me.username}</Said> : t('me.title')}</h1>
                {me && <p>{t(`me.${me.level.toLowerCase()}`)} · {t('me.since', { date: date(me.created_at) })}</p>}
            </header>
            {!me && <Empty icon="me" title={t('door.hint')}><LinkButton kind="main" href="/c/door?next=/c/me">{t('nav.door')}</LinkButton></Empty>}
            <div class="columns">
                {me && <Rating />}
                {me && <Wallet />}
                <Look />
                {me && <Quiet />}
                {me && <Sessions />}
            </div>
        </div>
    );
}
