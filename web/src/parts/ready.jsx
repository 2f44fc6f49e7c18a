// Before the first phase: who is ready.
import { useTap } from '../core/asked.js';
import { send } from '../core/calls.js';
import { now, second } from '../core/clock.js';
import { user } from '../core/session.js';
import { t } from '../words/words.js';
import { Button } from './controls.jsx';
import { Icon } from './icons.jsx';
import { Countdown } from './phase.jsx';
import { Refused, Said } from './shown.jsx';

const ASKED_S = 60;

/** @param {any} check */
const lasts = (check) => Boolean(check) && new Date(check.ends_at).getTime() > Math.max(now(), second.value);

/** @typedef {{event: any, live: import('../core/live.js').LiveEvent}} Props */

/** For a player: it is asked, and answered by one tap. @param {Props} props */
export function AmReady({ event, live }) {
    const { busy, problem, run } = useTap();
    const check = event.ready_check;
    const me = event.players.find((/** @type {any} */ player) => [player.user_id, player.account_id].includes(user.value?.id));
    if (!me || event.state !== 'REVEALED' || !check) return null;
    const said = check.ready.includes(me.user_id);
    return (
        <>
            {!said && lasts(check) && (
                <section class="panel" aria-labelledby="ready">
                    <h2 id="ready">{t('ready.ask')}<Countdown clock={check} /></h2>
                    <Refused problem={problem} />
                    <Button kind="main" icon="check" wide busy={busy} onClick={() => run(() => send('PUT', `/events/${event.id}/ready`, {}).finally(() => live.again()))}>{t('ready.am')}</Button>
                </section>
            )}
            <div class="spoken" role="status">{said && <p class="seat-line"><Icon name="check" />{t('ready.said')}</p>}</div>
        </>
    );
}

/** For who leads: asks, and sees whom the table waits for. @param {Props} props */
export function ReadyCheck({ event, live }) {
    const { busy, problem, run } = useTap();
    const check = event.ready_check;
    const waiting = event.players.filter((/** @type {any} */ player) => check?.waiting_for.includes(player.user_id));
    const act = (/** @type {'POST' | 'PUT'} */ method, /** @type {string} */ path, /** @type {object} */ body) => run(() => send(method, `/events/${event.id}${path}`, body).finally(() => live.again()));
    return (
        <section class="panel" aria-labelledby="ready">
            <h2 id="ready"><Icon name="check" />{t('ready.title')}{lasts(check) && <Countdown clock={check} />}</h2>
            {check && <p role="status">{t(waiting.length ? 'ready.count' : 'ready.all', { ready: check.ready.length, most: check.ready.length + waiting.length })}</p>}
            <Refused problem={problem} />
            {check && waiting.length > 0 && (
                <ul class="list">
                    {waiting.map((/** @type {any} */ player) => (
                        <li key={player.user_id} class="row split-row">
                            <Said>{player.username}</Said>
                            {player.guest && lasts(check) && <Button busy={busy} icon="check" onClick={() => act('PUT', '/ready', { user_id: player.user_id })}>{t('ready.guest')}</Button>}
                        </li>
                    ))}
                </ul>
            )}
            {!lasts(check) && <Button wide busy={busy} onClick={() => act('POST', '/ready-check', { seconds: ASKED_S })}>{t(check ? 'ready.again' : 'ready.do')}</Button>}
        </section>
    );
}
