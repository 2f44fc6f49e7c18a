// Who speaks, and how long.
import { Countdown } from '../../parts/phase.jsx';
import { Said } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

/** @param {{event: any}} props */
export function Speaker({ event }) {
    const speaker = event.players.find((/** @type {any} */ player) => player.user_id === event.clock.user_id);
    return (
        <div class="speaker">
            <span>
                {speaker && <Said>{t('table.speaks', { name: speaker.username })}</Said>}
                {event.clock.label && <small><Said>{event.clock.label}</Said></small>}
            </span>
            <Countdown clock={event.clock} />
        </div>
    );
}
