// A connection that is lost: what is shown is of then.
import { t, toTheSecond } from '../words/words.js';
import { Icon } from './icons.jsx';

/** @param {{live: import('../core/followed.js').Followed}} props */
export const Stale = ({ live }) => (
    <div class="stale" role="status">
        {live.stale.value > 0 && <p class="notice bad"><Icon name="away" />{t('live.asOf', { time: toTheSecond(live.stale.value) })}</p>}
    </div>
);
