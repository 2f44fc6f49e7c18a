// Which part of the game it is, and how long it lasts. Times run from left to right in every language.
import { useEffect } from 'preact/hooks';
import { now, second } from '../core/clock.js';
import { awake } from '../core/awake.js';
import { hushed, mute, muted, plan } from '../core/sound.js';
import { number, span, t } from '../words/words.js';
import { Button } from './controls.jsx';
import { facts } from './heard.js';
import { Icon } from './icons.jsx';

const msOf = (/** @type {string} */ duration) => Number(duration.replace('s', '')) * 1000;

/** What is left, in ms; null: it has no end. @param {{closes_at?: string, ends_at?: string, remaining?: string} | undefined} clock */
export function left(clock) {
    const end = clock?.closes_at ?? clock?.ends_at;
    if (end) return Math.max(0, new Date(end).getTime() - Math.max(now(), second.value));
    return clock?.remaining ? msOf(clock.remaining) : null;
}

/** @param {any} clock */
function useBell(clock) {
    const end = new Date(clock?.closes_at ?? clock?.ends_at ?? 0).getTime();
    const rings = end > now() && clock.kind !== 'NIGHT' && !hushed.value && !muted.value;
    useEffect(() => (rings ? plan(end) : undefined), [end, rings]);
}

/** @param {{clock: any}} props */
export function Countdown({ clock }) {
    useBell(clock);
    const ms = left(clock);
    if (ms === null) return null;
    return <time class={ms < 10_000 ? 'countdown soon' : 'countdown'} dir="ltr" role="timer">{span(ms)}</time>;
}

const Mute = () => (
    <Button kind="quiet" icon={muted.value ? 'mute' : 'sound'} label={t('sound.mute')} pressed={muted.value} onClick={() => mute(!muted.value)} />
);

/** @param {{event: any}} props */
export function PhaseBanner({ event }) {
    const { phase } = event;
    const night = phase?.kind === 'NIGHT' && phase.state !== 'CLOSED';
    useEffect(() => void (hushed.value = night), [night]);
    if (!phase) return <div class="phase"><p class="phase-name">{t(`state.${event.state}`)}</p></div>;
    return (
        <div class={`phase phase-${phase.kind.toLowerCase()}`}>
            <p class="phase-name">
                <Icon name={phase.kind === 'NIGHT' ? 'moon' : 'games'} />
                {t(`phase.${phase.kind}`, { day: phase.day })}
                {phase.state === 'PAUSED' && <span class="badge">{t('phase.paused')}</span>}
                {!awake.value && <span class="unawake" title={t('phase.sleeps')}><Icon name="moon" /><span class="unseen">{t('phase.sleeps')}</span></span>}
            </p>
            {!night && <Mute />}
            <Countdown clock={phase.state === 'CLOSED' ? undefined : phase} />
        </div>
    );
}

/** Reads the newest facts aloud, each when it comes. */
export const Facts = () => <div class="unseen" role="log" aria-live="polite">{facts.value.map(({ n, text }) => <p key={n}>{text}</p>)}</div>;

/** @param {{player: any}} props */
export const Place = ({ player }) => <span class="seat-number">{number(player.seat)}</span>;

