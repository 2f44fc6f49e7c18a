// How often one may write in a room, as who leads says.
import { useState } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { send } from '../../core/calls.js';
import { Segments } from '../../parts/controls.jsx';
import { Sheet } from '../../parts/sheet.jsx';
import { Refused } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

const SECONDS = ['0', '10', '30', '60'];

/** @param {{room: any, live: import('../../core/room.js').LiveRoom, onClose: () => void}} props */
export function SlowSheet({ room, live, onClose }) {
    const { problem, run } = useTap();
    const [chosen, choose] = useState(String(room.slow_mode));
    const slow = (/** @type {string} */ seconds) => {
        choose(seconds);
        run(async () => (await send('PUT', `/rooms/${room.id}/slow-mode`, { seconds: Number(seconds) }), live.reload()));
    };
    return (
        <Sheet title={t('rooms.slow')} onClose={onClose}>
            <p class="hint">{t('rooms.slowHint')}</p>
            <Segments label={t('rooms.slow')} value={chosen} onChange={slow}
                options={SECONDS.map((value) => ({ value, label: value === '0' ? t('rooms.slowNot') : t('rooms.slowly', { n: Number(value) }) }))} />
            <Refused problem={problem} />
        </Sheet>
    );
}
