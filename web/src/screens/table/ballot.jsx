// A poll that is open: who may vote has a button for each candidate.
import { useEffect, useState } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { keyOfSeat } from '../../core/keys.js';
import { Icon } from '../../parts/icons.jsx';
import { Countdown } from '../../parts/phase.jsx';
import { Refused, Said } from '../../parts/shown.jsx';
import { number, t } from '../../words/words.js';

const NOBODY = 'NONE';

/** The poll as it is now. @param {any} event @param {any} newest the entry that came last */
function usePoll(event, newest) {
    const [poll, set] = useState(/** @type {any} */ (null));
    const load = () => get(`/events/${event.id}/polls/${event.poll_id}`).then((answer) => set(answer.poll), () => {});
    useEffect(() => void load(), [event.poll_id, newest]);
    return { poll, load };
}

/** @param {{name: any, seat?: number, first?: boolean, chosen: boolean, busy: boolean, onChoose: () => void}} props */
const Choice = ({ name, seat = 0, first, chosen, busy, onChoose }) => (
    <button type="button" class="choice" aria-keyshortcuts={[first && 'V', keyOfSeat(seat)].filter(Boolean).join(' ') || undefined} data-focuses aria-pressed={chosen} aria-busy={busy || undefined} onClick={onChoose}>
        {seat ? <span class="seat-number">{number(seat)}</span> : <Icon name="close" />}
        <span class="chair-name">{name}</span>
        {chosen && <Icon name="check" />}
    </button>
);

/** @param {{event: any, live: import('../../core/live.js').LiveEvent, seated: boolean}} props */
export function Ballot({ event, live, seated }) {
    const { poll, load } = usePoll(event, live.entry.value);
    const tap = useTap();
    if (!poll || poll.state !== 'OPEN') return null;
    const cast = (/** @type {string} */ candidate_id) =>
        tap.run(() => send('PUT', `/events/${event.id}/polls/${poll.id}/ballot`, { candidate_id }).finally(load));
    const candidates = event.players.filter((/** @type {any} */ player) => poll.candidates.includes(player.user_id));
    const mine = poll.my_candidate_id;
    const nameOf = (/** @type {string} */ id) => `\u2068${event.players.find((/** @type {any} */ player) => player.user_id === id)?.username ?? ''}\u2069`;
    return (
        <section class="panel ballot" aria-labelledby="ballot">
            <h2 id="ballot">
                <Icon name="up" />{t(`poll.${poll.kind}`)}<Countdown clock={poll} />
            </h2>
            <p class="hint">{t('poll.turnout', { voted: poll.voted, eligible: poll.eligible })}{poll.secret && <> · {t('poll.secret')}</>}</p>
            <Refused problem={tap.problem} />
            {seated && (
                <div class="choices" role="group" aria-labelledby="ballot">
                    {candidates.map((/** @type {any} */ player, /** @type {number} */ at) => (
                        <Choice key={player.user_id} name={<Said>{player.username}</Said>} seat={player.seat} first={at === 0} chosen={mine === player.user_id} busy={tap.busy} onChoose={() => cast(player.user_id)} />
                    ))}
                    <Choice name={t('poll.nobody')} chosen={mine === NOBODY} busy={tap.busy} onChoose={() => cast(NOBODY)} />
                </div>
            )}
            <div class="spoken" role="status">{mine && <p class="seat-line"><Icon name="check" />{t('poll.votedFor', { name: mine === NOBODY ? t('poll.nobody') : nameOf(mine) })}</p>}</div>
        </section>
    );
}
