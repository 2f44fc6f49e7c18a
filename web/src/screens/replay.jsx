// S12: a finished game once more, phase by phase, from its open log alone.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAsked } from '../core/asked.js';
import { get } from '../core/calls.js';
import { readEntries, replay } from '../core/replay.js';
import { go, route } from '../core/router.js';
import { loadRoles, roles } from '../parts/catalogue.js';
import { Button, LinkButton } from '../parts/controls.jsx';
import { Icon } from '../parts/icons.jsx';
import { Empty, Loading, Refused, Said, useTitle } from '../parts/shown.jsx';
import { SideMark, loadSides, sides } from '../parts/side.jsx';
import { has, nameOf, number, t } from '../words/words.js';
import { Told } from './end/told.jsx';

/** @typedef {import('../core/replay.js').Step} Step */

/** @param {Step} step */
const nameOfStep = ({ phase }) => (phase ? t(`phase.${phase.kind}`, { day: phase.day }) : t('replay.dealt'));

/** @param {{person: import('../core/replay.js').Person, before: import('../core/replay.js').Person | undefined}} props */
const Chair = ({ person, before }) => {
    const status = person.statuses.find((one) => has(`status.${one}`));
    const fresh = before && (before.alive !== person.alive || before.role_id !== person.role_id || before.side_id !== person.side_id);
    return (
        <li class={`chair${person.alive ? '' : ' out'}${fresh ? ' fresh' : ''}`}>
            <span class="seat-number">{number(person.seat)}</span>
            <span class="chair-name">
                <Said>{person.name}</Said>
                <small class="result-role"><SideMark id={person.side_id} />{nameOf(roles.value[person.role_id]) || nameOf(sides.value[person.side_id])}</small>
            </span>
            {status && <span class="badge">{t(`status.${status}`)}</span>}
        </li>
    );
};

/** Arrow keys, wherever one is: on in the direction in which one reads. @param {(by: number) => void} move */
function useArrows(move) {
    useEffect(() => {
        const onKey = (/** @type {KeyboardEvent} */ event) => {
            if (event.altKey || event.ctrlKey || event.metaKey || /** @type {Element} */ (event.target).closest?.('input, textarea, select')) return;
            const on = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
            if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') move(event.key === on ? 1 : -1);
        };
        addEventListener('keydown', onKey);
        return () => removeEventListener('keydown', onKey);
    });
}

/** @param {{steps: Step[], at: number, onGo: (at: number) => void, onMove: (by: number) => void}} props */
function Switcher({ steps, at, onGo, onMove }) {
    useArrows(onMove);
    const name = nameOfStep(steps[at]);
    return (
        <div class="dock">
            <div class="dock-box switcher" role="group" aria-label={t('replay.phases')}>
                <Button icon="back" label={t('replay.before')} disabled={at === 0} onClick={() => onMove(-1)} />
                <label>
                    <span class="switcher-name">{name} <small>{t('replay.of', { at: at + 1, all: steps.length })}</small></span>
                    <input type="range" min={0} max={steps.length - 1} step={1} value={at} aria-valuetext={name} aria-label={t('replay.phases')} onInput={(event) => onGo(Number(event.currentTarget.value))} />
                </label>
                <Button icon="next" label={t('replay.after')} disabled={at === steps.length - 1} onClick={() => onMove(1)} />
            </div>
        </div>
    );
}

/** @param {{id: string, steps: Step[]}} props */
function Replay({ id, steps }) {
    const asked = Number(route.value.query.get('step') ?? 0) || 0;
    const [at, set] = useState(Math.min(Math.max(asked, 0), steps.length - 1));
    const newest = useRef(at); // keys come before it is drawn
    const onGo = (/** @type {number} */ wanted) => {
        if (wanted < 0 || wanted >= steps.length) return;
        newest.current = wanted;
        set(wanted);
        history.replaceState(null, '', `/c/replay/${id}?step=${wanted}`);
    };
    const step = steps[at];
    const before = new Map((steps[at - 1]?.people ?? []).map((person) => [person.id, person]));
    const living = step.people.filter((person) => person.alive).length;
    return (
        <>
            <div class={step.phase ? `phase phase-${step.phase.kind.toLowerCase()}` : 'phase'}>
                <p class="phase-name" aria-live="polite"><Icon name={step.phase?.kind === 'NIGHT' ? 'moon' : 'games'} />{nameOfStep(step)}</p>
                <span>{t('table.living', { n: living, most: step.people.length })}</span>
            </div>
            <ol class="chairs">{step.people.map((person) => <Chair key={person.id} person={person} before={before.get(person.id)} />)}</ol>
            {step.phase && <section class="panel" aria-labelledby="happened"><h2 id="happened">{t('replay.happened')}</h2><Told step={step} /></section>}
            <Switcher steps={steps} at={at} onGo={onGo} onMove={(by) => onGo(newest.current + by)} />
        </>
    );
}

export function Screen() {
    const { id } = route.value;
    const { answer, problem, again } = useAsked(async (signal) => {
        const { event } = await get(`/events/${id}`, { signal });
        return { event, steps: event.state === 'DONE' ? replay(await readEntries(id, { signal })) : null };
    }, [id]);
    useEffect(() => void (loadSides(), loadRoles()), []);
    useTitle(t('replay.title'));
    if (problem?.status === 404)
        return <div class="page"><Empty top title={t('event.gone')}><LinkButton href="/" kind="main">{t('event.explore')}</LinkButton></Empty></div>;
    return (
        <div class="page">
            <header class="lead-head">
                <h1 class="table-title">{answer ? <Said>{answer.event.title}</Said> : t('replay.title')}</h1>
                <Button kind="quiet" icon="close" label={t('replay.leave')} onClick={() => go(`/c/table/${id}`)} />
            </header>
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading />}
            {answer && !answer.steps && <Empty icon="hidden" title={t('replay.notYet')} hint={t('replay.notYetHint')}><LinkButton kind="main" href={`/c/table/${id}`}>{t('event.live')}</LinkButton></Empty>}
            {answer?.steps && <Replay key={id} id={id} steps={answer.steps} />}
        </div>
    );
}
