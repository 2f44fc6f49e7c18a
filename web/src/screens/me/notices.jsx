// What one is told, and how: pushed to browsers, counted as unread, or only listed.
import { useEffect, useState } from 'preact/hooks';
import { useAsked, useTap } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { user } from '../../core/session.js';
import { beSilent, ring, rings } from '../../core/push.js';
import { Segments, Switch } from '../../parts/controls.jsx';
import { Refused, Section, say } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

const ABOUT = ['GAME', 'SEAT', 'REMINDER', 'MENTION'];
const HOW = ['push', 'count', 'quiet'];

/** @typedef {{quiet: string[], no_push: string[]}} Preferences */

/** @param {Preferences} preferences @param {string} about */
const howOf = ({ quiet, no_push }, about) => (quiet.includes(about) ? 'quiet' : no_push.includes(about) ? 'count' : 'push');

function Here() {
    const tap = useTap();
    if (rings.value === 'never') return null;
    return (
        <>
            <Refused problem={tap.problem} />
            {rings.value === 'forbidden' ? <p class="hint">{t('ring.forbidden')}</p> : <Switch label={t('ring.here')} on={rings.value === 'yes'} onChange={(on) => tap.run(on ? ring : beSilent)} />}
        </>
    );
}

export function Notices() {
    const { answer, problem, again } = useAsked((signal) => get('/notifications/preferences', { signal }), [user.value.id]);
    const [wanted, set] = useState(/** @type {Preferences | null} */ (null));
    const tap = useTap();
    useEffect(() => set(answer?.preferences ?? null), [answer]);
    if (!wanted) return <Section id="quiet" icon="inbox" title={t('me.quiet')}><Refused problem={problem} onAgain={again} /></Section>;
    /** @param {string} about @param {string} how */
    const turn = (about, how) => {
        const but = (/** @type {string[]} */ list) => list.filter((one) => one !== about);
        const next = { quiet: [...but(wanted.quiet), ...(how === 'quiet' ? [about] : [])], no_push: [...but(wanted.no_push), ...(how === 'count' ? [about] : [])] };
        set(next);
        tap.run(() => send('PUT', '/notifications/preferences', next)).then((done) => (done ? say(t('me.saved')) : set(wanted)));
    };
    return (
        <Section id="quiet" icon="inbox" title={t('me.quiet')}>
            <Refused problem={tap.problem} />
            {ABOUT.map((about) => (
                <div key={about} class="about">
                    <h3>{t(`me.about.${about}`)}</h3>
                    <Segments label={t(`me.about.${about}`)} value={howOf(wanted, about)} options={HOW.map((value) => ({ value, label: t(`me.how.${value}`) }))} onChange={(how) => turn(about, how)} />
                </div>
            ))}
            <p class="hint">{t('me.quietHint')}</p>
            <Here />
        </Section>
    );
}
