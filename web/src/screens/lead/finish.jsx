// The end of a game: who won.
import { useEffect, useState } from 'preact/hooks';
import { HoldButton } from '../../parts/acts.jsx';
import { Refused } from '../../parts/shown.jsx';
import { Sheet } from '../../parts/sheet.jsx';
import { SideMark, loadSides, sides } from '../../parts/side.jsx';
import { nameOf, t } from '../../words/words.js';
import { useAct } from './act.js';

/** @param {{event: any, live: import('../../core/live.js').LiveEvent, onClose: () => void}} props */
export function Finish({ event, live, onClose }) {
    const [chosen, choose] = useState(/** @type {string[]} */ ([]));
    const { busy, problem, act } = useAct(event, live);
    useEffect(() => void loadSides(), []);
    const dealt = [...new Set(event.players.map((/** @type {any} */ player) => player.side_id))].filter(Boolean);
    const turn = (/** @type {string} */ id) => choose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
    return (
        <Sheet title={t('finish.title')} onClose={onClose}>
            <div class="choices" role="group" aria-label={t('finish.title')}>
                {dealt.map((id) => (
                    <button key={id} type="button" class="choice" aria-pressed={chosen.includes(id)} onClick={() => turn(id)}>
                        <SideMark id={id} /><span class="chair-name">{nameOf(sides.value[id])}</span>
                    </button>
                ))}
            </div>
            <Refused problem={problem} />
            <HoldButton icon="check" busy={busy} disabled={!chosen.length} onDone={() => act('POST', '/finish', { winning_side_ids: chosen })}>{t('finish.do')}</HoldButton>
        </Sheet>
    );
}
