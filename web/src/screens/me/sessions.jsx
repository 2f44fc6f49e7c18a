// Where one is logged in.
import { useAsked, useTap } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { now } from '../../core/clock.js';
import { beSilent } from '../../core/push.js';
import { endOthers, logOut, user } from '../../core/session.js';
import { Button } from '../../parts/controls.jsx';
import { Loading, Refused, Section, say } from '../../parts/shown.jsx';
import { away, given, t } from '../../words/words.js';

/** @param {{session: any, onEnd: (id: string) => void}} props */
const Session = ({ session, onEnd }) => (
    <li class="row">
        <span class="told-text">
            <strong>{t(session.current ? 'me.sessionHere' : `me.session.${given(session.kind) || 'PASSWORD'}`)}</strong>
            <small>{t('me.sessionUsed', { when: away(session.last_used_at ?? session.created_at ?? now(), now()) })} · <bdi>{session.network}</bdi></small>
        </span>
        {!session.current && <Button onClick={() => onEnd(session.id)}>{t('me.sessionEnd')}</Button>}
    </li>
);

export function Sessions() {
    const { answer, problem, again } = useAsked((signal) => get('/auth/sessions', { signal }), [user.value.id]);
    const tap = useTap();
    const sessions = answer?.sessions ?? [];
    const end = (/** @type {string} */ id) => tap.run(() => send('DELETE', `/auth/sessions/${id}`)).then(again);
    const endAll = () => tap.run(endOthers).then((done) => (done && say(t('me.sessionsEnded')), again()));
    return (
        <Section id="sessions" icon="door" title={t('me.sessions')}>
            <Refused problem={problem ?? tap.problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" rows={2} />}
            <ul class="list">{sessions.map((/** @type {any} */ session) => <Session key={session.id} session={session} onEnd={end} />)}</ul>
            {sessions.length > 1 && <Button kind="danger" wide busy={tap.busy} onClick={endAll}>{t('me.sessionsEnd')}</Button>}
            <Button icon="door" wide onClick={() => beSilent().catch(() => {}).then(logOut)}>{t('me.out')}</Button>
        </Section>
    );
}
