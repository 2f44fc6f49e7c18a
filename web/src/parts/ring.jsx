// Whether this browser may ring is asked once somebody has something to wait for, never before.
import { useTap } from '../core/asked.js';
import { decline, declined, ring, rings } from '../core/push.js';
import { t } from '../words/words.js';
import { Button } from './controls.jsx';
import { Refused } from './shown.jsx';

export function Ring() {
    const { busy, problem, run } = useTap();
    if (rings.value !== 'no' || declined.value) return null;
    return (
        <div class="ring-ask" role="group" aria-labelledby="ring">
            <p id="ring">{t('ring.ask')}</p>
            <p class="hint">{t('ring.night')}</p>
            <Refused problem={problem} />
            <div class="row end">
                <Button kind="quiet" onClick={decline}>{t('ring.no')}</Button>
                <Button icon="inbox" busy={busy} onClick={() => run(ring)}>{t('ring.yes')}</Button>
            </div>
        </div>
    );
}
