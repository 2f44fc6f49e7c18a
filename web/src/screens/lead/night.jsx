// S9: the night. Black, dim, without a sound: who wakes tonight, in their order, and what they do.
import { useMemo, useState } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { keyOfSeat } from '../../core/keys.js';
import { language } from '../../core/prefs.js';
import { Button } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { PhaseBanner, Place } from '../../parts/phase.jsx';
import { Loading, Refused, Said } from '../../parts/shown.jsx';
import { Sheet } from '../../parts/sheet.jsx';
import { nameOf, t } from '../../words/words.js';
import { useAct } from './act.js';
import { Undo } from './day.jsx';
import { wakesTonight } from './wakes.js';

/** @typedef {{event: any, live: import('../../core/live.js').LiveEvent}} Props */

/** @param {Props & {step: any, onClose: () => void}} props */
function Target({ event, live, step, onClose }) {
    const { busy, problem, act } = useAct(event, live);
    const use = async (/** @type {string} */ target) => (await act('POST', `/players/${step.player.user_id}/abilities`, target ? { target_id: target } : {})) && onClose();
    return (
        <Sheet title={<Said>{step.player.username}</Said>} onClose={onClose}>
            <p>{t('night.target')}</p>
            <Refused problem={problem} />
            <div class="choices" role="group" aria-label={t('night.target')} aria-busy={busy}>
                {event.players.filter((/** @type {any} */ one) => one.alive).map((/** @type {any} */ one) => (
                    <button key={one.user_id} type="button" class="choice" aria-keyshortcuts={keyOfSeat(one.seat)} data-focuses onClick={() => use(one.user_id)}><Place player={one} /><span class="chair-name"><Said>{one.username}</Said></span></button>
                ))}
                <button type="button" class="choice" onClick={() => use('')}><Icon name="check" /><span class="chair-name">{t('night.noTarget')}</span></button>
            </div>
        </Sheet>
    );
}

/** @param {{step: any, done: boolean, next: boolean, onDone: () => void, onUse: () => void}} props */
const Step = ({ step, done, next, onDone, onUse }) => (
    <li class={done ? 'wake done' : 'wake'}>
        <div class="wake-who">
            <strong>{nameOf(step.role)}</strong>
            <small><Said>{step.player.username}</Said>{step.player.alive ? '' : ` · ${t('status.DEAD')}`}</small>
        </div>
        <p class="wake-prompt">{(language.value === 'fa' && step.role.prompt_fa) || step.role.prompt}</p>
        <div class="row">
            {step.player.alive && step.role.abilities > 0 && <Button icon="seal" disabled={step.player.abilities_left === 0} onClick={onUse}>{t('night.use')}</Button>}
            <Button icon="check" pressed={done} shortcut={next ? 'N' : undefined} focuses={next} onClick={onDone}>{t('night.done')}</Button>
        </div>
    </li>
);

/** @param {Props} props */
export function Night({ event, live }) {
    const { answer, problem, again } = useAsked((signal) => get('/roles', { signal }), []);
    const [done, mark] = useState(/** @type {Record<string, boolean>} */ ({}));
    const [using, use] = useState(/** @type {any} */ (null));
    const { busy, problem: refused, actSeen } = useAct(event, live);
    const steps = useMemo(() => wakesTonight(event, answer?.roles ?? []), [event, answer]);
    const next = steps.find((step) => !done[`${event.phase.number}:${step.player.user_id}`]);
    const doneKey = (/** @type {any} */ step) => `${event.phase.number}:${step.player.user_id}`;
    return (
        <>
            <PhaseBanner event={event} />
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" />}
            {answer && steps.length === 0 && <p class="hint">{t('night.nobody')}</p>}
            <ol class="wakes">
                {steps.map((step) => (
                    <Step key={doneKey(step)} step={step} done={Boolean(done[doneKey(step)])} next={step === next} onUse={() => use(step)}
                        onDone={() => mark({ ...done, [doneKey(step)]: !done[doneKey(step)] })} />
                ))}
            </ol>
            <div class="dock"><div class="dock-box">
                <Refused problem={refused} />
                <div class="row">
                    <Undo event={event} live={live} />
                    <Button kind="main" icon="games" busy={busy} onClick={() => actSeen('POST', '/phases', { kind: 'DAY' })}>{t('day.toDay')}</Button>
                </div>
            </div></div>
            {using && <Target event={event} live={live} step={using} onClose={() => use(null)} />}
        </>
    );
}
