// A guest who has an account by now takes their seat over, by the code that the host's phone shows.
import { useState } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { send } from '../../core/calls.js';
import { user } from '../../core/session.js';
import { Button, LinkButton } from '../../parts/controls.jsx';
import { Refused } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

// It is taken out of the address, so that nobody sends it along with that.
let ticket = /claim=([^&]+)/.exec(location.hash)?.[1] ?? '';
if (ticket) history.replaceState(null, '', location.pathname);

/** @param {{event: any, live: import('../../core/live.js').LiveEvent}} props */
export function Claim({ event, live }) {
    const [open, set] = useState(Boolean(ticket));
    const tap = useTap();
    if (!open) return null;
    const claim = () =>
        tap.run(async () => {
            await send('POST', `/events/${event.id}/claim`, { ticket });
            ticket = '';
            set(false);
            live.again();
        });
    return (
        <div class="panel">
            <h2>{t('claim.title')}</h2>
            <p>{t('claim.hint')}</p>
            <Refused problem={tap.problem} />
            {user.value
                ? <Button kind="main" icon="seat" busy={tap.busy} onClick={claim}>{t('claim.do')}</Button>
                : <LinkButton kind="main" icon="door" href={`/c/door?next=/c/event/${event.id}`}>{t('seat.door')}</LinkButton>}
        </div>
    );
}
