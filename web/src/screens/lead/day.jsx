// S8: the day. Everything is at the lower end, for one thumb; roles are seen only while they are held.
import { useState } from 'preact/hooks';
import { useHeld } from '../../core/held.js';
import { keyOfSeat } from '../../core/keys.js';
import { Button } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Countdown, PhaseBanner, Place } from '../../parts/phase.jsx';
import { ReadyCheck } from '../../parts/ready.jsx';
import { Refused, Said } from '../../parts/shown.jsx';
import { has, nameOf, t } from '../../words/words.js';
import { useAct } from './act.js';
import { Finish } from './finish.jsx';
import { Pass } from './pass.jsx';
import { Poll } from './poll.jsx';
import { PlayerSheet } from './sheet.jsx';

/** @typedef {{event: any, live: import('../../core/live.js').LiveEvent}} Props */
const SPEECH_S = 60;
const EXTEND = '60s';

/** @param {{player: any, roles: boolean, onOpen: () => void}} props */
export const Seat = ({ player, roles, onOpen }) => {
    const status = player.statuses.map((/** @type {any} */ one) => one.status).find((/** @type {string} */ one) => has(`status.${one}`));
    return (
        <li>
            <button type="button" class={player.alive ? 'chair' : 'chair out'} aria-keyshortcuts={keyOfSeat(player.seat)} onClick={onOpen}>
                <Place player={player} />
                <span class="chair-name"><Said>{player.username}</Said>{roles && player.role && <small>{nameOf(player.role)}</small>}</span>
                {player.fouls > 0 && <span class="badge">{t('day.fouls', { n: player.fouls })}</span>}
                {(status || !player.alive) && <span class="badge">{t(status ? `status.${status}` : 'status.DEAD')}</span>}
            </button>
        </li>
    );
};

/** Shows who is who, only while it is held. */
export const useRoles = () => useHeld(async () => true);

/** @param {{roles: ReturnType<typeof useRoles>}} props */
export const RolesButton = ({ roles }) => (
    <button type="button" class={roles.shown ? 'button plain only-you' : 'button plain'} {...roles.handlers}><Icon name={roles.shown ? 'eye' : 'hidden'} /><span>{t('day.roles')}</span></button>
);

/** @param {Props} props */
function Speech({ event, live }) {
    const { busy, problem, act } = useAct(event, live);
    const speaker = event.players.find((/** @type {any} */ player) => player.user_id === event.clock?.user_id);
    if (!event.clock) return null;
    return (
        <div class="speaker">
            <span>{speaker && <Said>{t('table.speaks', { name: speaker.username })}</Said>}</span>
            <Countdown clock={event.clock} />
            <Button kind="quiet" busy={busy} icon="close" label={t('day.stopClock')} onClick={() => act('POST', '/clock', { seconds: 0 })} />
            <Refused problem={problem} />
        </div>
    );
}

/** @param {Props} props */
function Phases({ event, live }) {
    const { busy, problem, actSeen } = useAct(event, live);
    const { phase } = event;
    const open = phase && phase.state !== 'CLOSED';
    return (
        <>
            <Refused problem={problem} />
            {open && phase.closes_at && <Button busy={busy} shortcut="E" onClick={() => actSeen('PATCH', '/phases/current', { extend: EXTEND })}>{t('day.extend')}</Button>}
            {open && (phase.closes_at || phase.remaining) && (
                <Button busy={busy} shortcut="P" onClick={() => actSeen('PATCH', '/phases/current', { pause: phase.state !== 'PAUSED' })}>{t(phase.state === 'PAUSED' ? 'day.resume' : 'day.pause')}</Button>
            )}
            {phase?.kind !== 'DAY' || !open ? <Button busy={busy} icon="games" onClick={() => actSeen('POST', '/phases', { kind: 'DAY' })}>{t('day.toDay')}</Button> : null}
            <Button busy={busy} icon="moon" shortcut="N" focuses onClick={() => actSeen('POST', '/phases', { kind: 'NIGHT' })}>{t('day.toNight')}</Button>
        </>
    );
}

/** @param {Props} props */
export function Undo({ event, live }) {
    const { busy, problem, act } = useAct(event, live);
    if (!Number(event.undo_seq)) return null;
    return (
        <>
            <Button busy={busy} onClick={() => act('POST', '/undo', { seq: event.undo_seq })}>{t('act.undo')}</Button>
            <Refused problem={problem} />
        </>
    );
}

/** @param {Props} props */
export function Day({ event, live }) {
    const [chosen, choose] = useState('');
    const [ending, end] = useState(false);
    const roles = useRoles();
    const { busy, problem, actSeen, act } = useAct(event, live);
    const player = event.players.find((/** @type {any} */ one) => one.user_id === chosen);
    const living = event.players.filter((/** @type {any} */ one) => one.alive).length;
    const begun = event.state !== 'REVEALED'; // what belongs to a phase is not in the way before the first one
    return (
        <>
            <PhaseBanner event={event} />
            <Speech event={event} live={live} />
            {event.poll_id && <Poll event={event} live={live} />}
            {!begun && <><ReadyCheck event={event} live={live} /><Pass event={event} live={live} /></>}
            <h2>{t('table.living', { n: living, most: event.players.length })}</h2>
            <ol class="chairs">{event.players.map((/** @type {any} */ one) => <Seat key={one.user_id} player={one} roles={Boolean(roles.shown)} onOpen={() => choose(one.user_id)} />)}</ol>
            <div class="dock"><div class="dock-box">
                <Refused problem={problem} />
                <div class="row">
                    {event.phase?.state === 'OPEN' && !event.poll_id && (
                        <>
                            <Button icon="up" busy={busy} onClick={() => actSeen('POST', '/polls', { kind: 'NOMINATION' })}>{t('day.nominate')}</Button>
                            <Button icon="lead" busy={busy} shortcut="V" focuses onClick={() => actSeen('POST', '/polls', { kind: 'TRIAL' })}>{t('day.trial')}</Button>
                        </>
                    )}
                    {begun && <Button busy={busy} onClick={() => act('POST', '/clock', { seconds: SPEECH_S })}>{t('day.clock', { n: SPEECH_S })}</Button>}
                    <Phases event={event} live={live} />
                    <Undo event={event} live={live} />
                    <RolesButton roles={roles} />
                    {begun && <Button onClick={() => end(true)}>{t('day.finish')}</Button>}
                </div>
            </div></div>
            {player && <PlayerSheet event={event} live={live} player={player} onClose={() => choose('')} />}
            {ending && <Finish event={event} live={live} onClose={() => end(false)} />}
        </>
    );
}

