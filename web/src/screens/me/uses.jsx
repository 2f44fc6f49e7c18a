// What of the account is used, and for what.
import { useEffect, useState } from 'preact/hooks';
import { useAsked, useTap } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { user } from '../../core/session.js';
import { Switch } from '../../parts/controls.jsx';
import { Loading, Refused, Section, say } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

const USES = ['show_rating', 'tips', 'suggestions', 'llm'];

/** @typedef {Record<string, boolean>} Uses all of them: what is left out of a change would be turned on */

/** @param {any} preferences @returns {Uses} */
const usesOf = (preferences) => Object.fromEntries(USES.map((use) => [use, Boolean(preferences[use])]));

export function UsesOfMe() {
    const { answer, problem, again } = useAsked((signal) => get('/auth/me/preferences', { signal, secret: true }), [user.value.id]);
    const [uses, set] = useState(/** @type {Uses | null} */ (null));
    const tap = useTap();
    useEffect(() => set(answer && usesOf(answer.preferences)), [answer]);
    /** @param {Uses} before @param {string} use @param {boolean} on */
    const turn = (before, use, on) => {
        const next = { ...before, [use]: on };
        set(next);
        tap.run(() => send('PUT', '/auth/me/preferences', next)).then((done) => (done ? say(t('me.saved')) : set(before)));
    };
    return (
        <Section id="uses" icon="seal" title={t('me.uses')}>
            <Refused problem={problem ?? tap.problem} onAgain={problem ? again : undefined} />
            {!uses && !problem && <Loading kind="line" rows={4} />}
            {uses && USES.map((use) => <Switch key={use} label={t(`me.use.${use}`)} on={uses[use]} onChange={(on) => turn(uses, use, on)} />)}
        </Section>
    );
}
