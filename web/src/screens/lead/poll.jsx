// A poll that is open, as its host sees it: who is missing, what a close would count.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../../core/calls.js';
import { Button } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Countdown } from '../../parts/phase.jsx';
import { Refused, Said } from '../../parts/shown.jsx';
import { listed, number, t } from '../../words/words.js';
import { useAct } from './act.js';

/** @param {{event: any, live: import('../../core/live.js').LiveEvent}} props */
export function Poll({ event, live }) {
    const [poll, set] = useState(/** @type {any} */ (null));
    const { busy, problem, act } = useAct(event, live);
    const newest = live.entry.value;
    useEffect(() => void get(`/events/${event.id}/polls/${event.poll_id}`).then((answer) => set(answer.poll), () => {}), [event.poll_id, newest]);
    if (!poll) return null;
    const nameOf = (/** @type {string} */ id) => event.players.find((/** @type {any} */ player) => player.user_id === id)?.username ?? t('poll.nobody');
    const counts = [...poll.counts].filter(({ weight }) => weight > 0).sort((one, two) => two.weight - one.weight);
    return (
        <section class="panel ballot" aria-labelledby="poll">
            <h2 id="poll"><Icon name="up" />{t(`poll.${poll.kind}`)}<Countdown clock={poll} /></h2>
            <p>{t('poll.turnout', { voted: poll.voted, eligible: poll.eligible })}</p>
            <ol class="counts">{counts.map(({ candidate_id, weight }) => <li key={candidate_id}><Said>{nameOf(candidate_id)}</Said><strong>{number(weight)}</strong></li>)}</ol>
            {poll.waiting_for.length > 0 && <p class="hint">{t('poll.waiting')} <Said>{listed(poll.waiting_for.map(nameOf))}</Said></p>}
            <Refused problem={problem} />
            <Button kind="main" busy={busy} icon="check" wide shortcut="V" focuses onClick={() => act('POST', `/polls/${poll.id}/close`)}>{t('poll.close')}</Button>
        </section>
    );
}
