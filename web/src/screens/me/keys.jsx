// API keys: programs that act for a person. A key is shown once, when it is made.
import { useState } from 'preact/hooks';
import { useAsked, useTap } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { now } from '../../core/clock.js';
import { asOwner, user } from '../../core/session.js';
import { Button, Field, Segments, Switch } from '../../parts/controls.jsx';
import { useProved } from '../../parts/prove.jsx';
import { Sheet } from '../../parts/sheet.jsx';
import { Loading, Refused, Said, Section, say } from '../../parts/shown.jsx';
import { away, date, t } from '../../words/words.js';

const DAY_MS = 86_400_000;
/** @type {Record<string, number>} days; 0: for ever */
const SPANS = { month: 30, year: 365, ever: 0 };

/** @param {{onClose: () => void, onMade: (key: string) => void}} props */
function Make({ onClose, onMade }) {
    const [name, write] = useState('');
    const [readOnly, limit] = useState(true);
    const [span, choose] = useState('year');
    const { busy, problem, run, sheet } = useProved();
    const make = () =>
        run(async () => {
            const until = SPANS[span] ? { expires_at: new Date(now() + SPANS[span] * DAY_MS).toISOString() } : {};
            onMade((await asOwner('POST', '/auth/api-keys', { name: name.trim(), read_only: readOnly, ...until })).key);
        });
    return (
        <Sheet title={t('me.keyNew')} onClose={onClose}>
            <form class="stack" onSubmit={(event) => (event.preventDefault(), make())}>
                <Refused problem={problem?.fields?.name ? null : problem} />
                <Field label={t('me.keyName')} name="key-name" value={name} onInput={write} maxLength={64} fault={problem?.fields?.name} required />
                <Switch label={t('me.keyReads')} on={readOnly} onChange={limit} />
                <Segments label={t('me.keySpan')} value={span} onChange={choose} options={Object.keys(SPANS).map((value) => ({ value, label: t(`me.keySpan.${value}`) }))} />
                <Button kind="main" type="submit" wide busy={busy}>{t('me.keyMake')}</Button>
            </form>
            {sheet}
        </Sheet>
    );
}

/** @param {{secret: string, onClose: () => void}} props */
const Made = ({ secret, onClose }) => (
    <Sheet title={t('me.keyMade')} onClose={onClose}>
        <p class="hint">{t('me.keyOnce')}</p>
        <p class="notice"><code dir="ltr">{secret}</code></p>
        <Button icon="copy" wide onClick={() => navigator.clipboard.writeText(secret).then(() => say(t('me.keyCopied')), () => {})}>{t('me.keyCopy')}</Button>
    </Sheet>
);

/** @param {{one: any, onEnd: () => void}} props */
const Key = ({ one, onEnd }) => (
    <li class="row">
        <span class="told-text">
            <strong><Said>{one.name}</Said></strong>
            <small>{t(one.read_only ? 'me.keyOnlyReads' : 'me.keyWrites')} · {one.expires_at ? t('me.keyUntil', { date: date(one.expires_at) }) : t('me.keySpan.ever')}{one.last_used_at && <> · {t('me.sessionUsed', { when: away(one.last_used_at, now()) })}</>}</small>
        </span>
        <Button label={t('me.keyEnd', { name: one.name })} icon="close" onClick={onEnd} />
    </li>
);

export function Keys() {
    const { answer, problem, again } = useAsked((signal) => get('/auth/api-keys', { signal, secret: true }), [user.value.id]);
    const [making, make] = useState(false);
    const [secret, show] = useState('');
    const tap = useTap();
    const keys = /** @type {any[]} */ (answer?.api_keys ?? []);
    const end = (/** @type {string} */ id) => tap.run(() => send('DELETE', `/auth/api-keys/${id}`)).then((done) => (done && say(t('me.keyEnded')), again()));
    return (
        <Section id="keys" icon="copy" title={t('me.keys')}>
            <Refused problem={problem ?? tap.problem} onAgain={problem ? again : undefined} />
            {!answer && !problem && <Loading kind="line" rows={2} />}
            {answer && keys.length === 0 && <p class="hint">{t('me.keyNone')}</p>}
            <ul class="list">{keys.map((one) => <Key key={one.id} one={one} onEnd={() => end(one.id)} />)}</ul>
            <Button icon="plus" wide onClick={() => make(true)}>{t('me.keyNew')}</Button>
            {making && <Make onClose={() => make(false)} onMade={(key) => (make(false), show(key), again())} />}
            {secret && <Made secret={secret} onClose={() => show('')} />}
        </Section>
    );
}
