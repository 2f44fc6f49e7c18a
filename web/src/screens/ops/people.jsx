// Accounts: found by name; their level, whether they may come in, and their sessions.
import { useState } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { send } from '../../core/calls.js';
import { minute, now } from '../../core/clock.js';
import { user as me } from '../../core/session.js';
import { Button, Field, Segments, Sure, wayOf } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Refused, Said, say } from '../../parts/shown.jsx';
import { away, date, digits, moment, t } from '../../words/words.js';
import { Pages } from './pages.jsx';
import { usePages } from './use_pages.js';

const LEVELS = ['PLAYER', 'GOD', 'DEV'];
const HOUR_MS = 3600_000;
/** @type {Record<string, number>} */
const SPANS = { day: 24, week: 168, ever: 0 };

/** @param {{person: any, onDone: () => void}} props */
function Suspend({ person, onDone }) {
    const [reason, write] = useState('');
    const [span, choose] = useState('day');
    const { busy, problem, run } = useTap();
    const submit = (/** @type {Event} */ submitted) => {
        submitted.preventDefault();
        const until = SPANS[span] ? { until: new Date(now() + SPANS[span] * HOUR_MS).toISOString() } : {};
        run(async () => (await send('POST', `/auth/users/${person.id}/suspend`, { reason, ...until }), say(t('ops.suspended')), onDone()));
    };
    return (
        <form class="guest-more" onSubmit={submit}>
            <Segments label={t('ops.howLong')} value={span} onChange={choose} options={Object.keys(SPANS).map((value) => ({ value, label: t(`ops.span.${value}`) }))} />
            <Field label={t('ops.reason')} name="reason" value={reason} onInput={write} fault={problem?.fields?.reason} maxLength={500} required />
            <Refused problem={problem?.fields?.reason ? null : problem} />
            <Button kind="danger" type="submit" busy={busy}>{t('ops.suspend')}</Button>
        </form>
    );
}

/** @param {{person: any, onDone: () => void}} props */
function Acts({ person, onDone }) {
    const [wanted, want] = useState('');
    const { busy, problem, run } = useTap();
    const base = `/auth/users/${person.id}`;
    /** @param {'POST' | 'DELETE'} method @param {string} path @param {string} said @param {object} [body] */
    const act = (method, path, said, body) => run(async () => (await send(method, base + path, body), say(t(said)), onDone()));
    return (
        <div class="guest-more">
            <Segments label={t('ops.level')} value={person.level} onChange={want} options={LEVELS.map((value) => ({ value, label: t(`me.${value.toLowerCase()}`) }))} />
            <div class="row">
                <Button busy={busy} onClick={() => act('POST', '/unlock', 'ops.unlocked', {})}>{t('ops.unlock')}</Button>
                <Button busy={busy} onClick={() => act('DELETE', '/sessions', 'ops.sessionsEnded')}>{t('ops.endSessions')}</Button>
                {person.suspension && <Button busy={busy} onClick={() => act('DELETE', '/suspend', 'ops.lifted')}>{t('ops.lift')}</Button>}
            </div>
            <Refused problem={problem} />
            {!person.suspension && <Suspend person={person} onDone={onDone} />}
            {wanted && <Sure title={t('ops.levelSure', { name: person.username, level: t(`me.${wanted.toLowerCase()}`) })} hint={t('ops.levelHint')} yes={t('ops.levelDo')} no={t('close')}
                onNo={() => want('')} onYes={() => (want(''), act('POST', '/level', 'me.saved', { level: wanted }))} />}
        </div>
    );
}

/** @param {{person: any, onDone: () => void}} props */
const Person = ({ person, onDone }) => (
    <li class="guest">
        <details name="person">
            <summary>
                <span class="chair-name"><Said>{person.username}</Said><small>{t('me.since', { date: date(person.created_at) })}{person.last_login_at && <> · {t('me.sessionUsed', { when: away(person.last_login_at, minute.value) })}</>}</small></span>
                {person.suspension && <span class="badge state-cancelled">{t('ops.out')}</span>}
                <span class="badge">{t(`me.${person.level.toLowerCase()}`)}</span>
            </summary>
            {person.suspension && <p class="notice bad"><Icon name="close" /><span><Said>{person.suspension.reason}</Said> {person.suspension.until && <small>{moment(person.suspension.until)}</small>}</span></p>}
            <p class="hint">{person.phone && <><bdi dir="ltr">{person.phone}</bdi> · </>}<code dir="ltr">{person.id}</code></p>
            {person.id === me.value?.id ? <p class="hint">{t('ops.yourself')}</p> : <Acts person={person} onDone={onDone} />}
        </details>
    </li>
);

export function People() {
    const [words, write] = useState('');
    const [level, choose] = useState('ALL');
    const pages = usePages('/auth/users', 'users', { page_size: '30', ...(words && { username: digits(words) }), ...(level !== 'ALL' && { level }) });
    return (
        <>
            <search class="find">
                <label class="box">
                    <span class="unseen">{t('ops.find')}</span><Icon name="search" />
                    <input type="search" dir={wayOf(words)} maxLength={32} value={words} placeholder={t('ops.find')} onInput={(event) => write(event.currentTarget.value)} />
                </label>
                <Segments label={t('ops.level')} value={level} onChange={choose} options={[{ value: 'ALL', label: t('explore.all') }, ...LEVELS.map((value) => ({ value, label: t(`me.${value.toLowerCase()}`) }))]} />
            </search>
            <Pages pages={pages} empty={t('ops.nobody')} row={(person) => <Person key={person.id} person={person} onDone={pages.again} />} />
        </>
    );
}
