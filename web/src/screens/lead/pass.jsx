// One phone for all: it goes from hand to hand, and each sees one card, while they hold it. That it was shown is noted.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../../core/calls.js';
import { useHeld } from '../../core/held.js';
import { language } from '../../core/prefs.js';
import { Button } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Place } from '../../parts/phase.jsx';
import { Sheet } from '../../parts/sheet.jsx';
import { Refused, Said } from '../../parts/shown.jsx';
import { nameOf, t } from '../../words/words.js';
import { useAct } from './act.js';

/** @typedef {{event: any, live: import('../../core/live.js').LiveEvent}} Props */

/** What the player was told, not what is true. @param {any} player */
async function cardOf(player) {
    const told = player.told_role ?? player.role, side = player.told_side ?? player.side;
    const { roles } = await get('/roles');
    return { told, side, role: roles.find((/** @type {any} */ role) => role.id === (player.told_role_id || player.role_id)) };
}

/** @param {Props & {player: any, onNext: () => void}} props */
function Card({ event, live, player, onNext }) {
    const { shown, problem, handlers } = useHeld(() => cardOf(player));
    const { problem: refused, act } = useAct(event, live);
    const [seen, see] = useState(false);
    useEffect(() => {
        if (!shown || seen) return;
        see(true);
        act('POST', `/players/${player.user_id}/shown`);
    }, [shown]);
    return (
        <>
            <p>{t('pass.give')} <strong><Said>{player.username}</Said></strong></p>
            <Refused problem={problem ?? refused} />
            <button type="button" class={shown ? 'held open' : 'held'} {...handlers}>
                {shown
                    ? <><span class="held-side">{nameOf(shown.side)}</span><strong class="held-role">{nameOf(shown.told)}</strong><span class="held-effect">{(language.value === 'fa' && shown.role?.effect_fa) || shown.role?.effect}</span></>
                    : <><Icon name="hidden" /><strong>{t('card.hold')}</strong><span>{t('card.covered')}</span></>}
            </button>
            <Button kind={seen ? 'main' : 'plain'} icon="next" wide onClick={onNext}>{t('pass.next')}</Button>
        </>
    );
}

/** @param {Props} props */
export function Pass({ event, live }) {
    const [open, set] = useState(false);
    const [chosen, choose] = useState('');
    const players = event.players;
    const player = players.find((/** @type {any} */ one) => one.user_id === chosen);
    const shown = players.filter((/** @type {any} */ one) => one.card_shown).length;
    return (
        <section class="panel" aria-labelledby="pass">
            <h2 id="pass"><Icon name="cards" />{t('pass.title')}</h2>
            <p class="hint">{t('pass.hint')}</p>
            {shown > 0 && <p>{t('pass.shown', { n: shown })}</p>}
            <Button wide icon="cards" onClick={() => set(true)}>{t('pass.do')}</Button>
            {open && (
                <Sheet title={t('pass.title')} onClose={() => (set(false), choose(''))}>
                    {player && <Card key={chosen} event={event} live={live} player={player} onNext={() => choose('')} />}
                    {!player && (
                        <div class="choices" role="group" aria-label={t('pass.whose')}>
                            <p>{t('pass.whose')}</p>
                            {players.map((/** @type {any} */ one) => (
                                <button key={one.user_id} type="button" class="choice" onClick={() => choose(one.user_id)}>
                                    <Place player={one} /><span class="chair-name"><Said>{one.username}</Said></span>
                                    {one.card_shown && <span class="badge good"><Icon name="check" />{t('pass.seen')}</span>}
                                </button>
                            ))}
                        </div>
                    )}
                </Sheet>
            )}
        </section>
    );
}
