// A table that is being planned: what was chosen, and what is asked of the API for it.
import { useState } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { send } from '../../core/calls.js';
import { now } from '../../core/clock.js';
import { go } from '../../core/router.js';
import { user } from '../../core/session.js';
import { lastMoves, roles } from '../../parts/catalogue.js';
import { t } from '../../words/words.js';
import { LEAST, starterMoves, starterOf } from './starter.js';

const EVENING = 20, HALF_MIN = 30; // half past eight, by this device's clock
const SOON_MS = 1800_000;

/** @typedef {{title: string, content: string, at: string, group: string, groupName: string, deck: string, seats: number, waitlist: boolean}} Plan */
/** @typedef {{plan: Plan, set: (change: Partial<Plan>) => void, busy: boolean, problem: any, open: () => void}} Planning */

/** As a field for local times has it. @param {Date} time */
export const localOf = (time) => new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/** The next evening. @param {number} from ms */
export function eveningAfter(from) {
    const evening = new Date(from);
    evening.setHours(EVENING, HALF_MIN, 0, 0);
    if (evening.getTime() < from + SOON_MS) evening.setDate(evening.getDate() + 1);
    return evening;
}

/** @param {Plan} plan @param {string} group_id @returns {Promise<string>} id of a deck that fits */
async function makeDeck({ seats }, group_id) {
    const cards = starterOf(roles.value, seats).map((role) => ({ role_id: role.id, copies: 1 }));
    const moves = starterMoves(lastMoves.value).map((move) => ({ last_move_id: move.id, copies: 1 }));
    return (await send('POST', '/decks', { group_id, name: t('plan.starterName', { n: cards.length }), roles: cards, last_moves: moves })).deck.id;
}

/** @param {any[]} groups that one has @returns {Planning} */
export function usePlan(groups) {
    const [plan, put] = useState(() => /** @type {Plan} */ ({
        title: '', content: '', at: localOf(eveningAfter(now())), group: groups[0]?.id ?? '', groupName: t('plan.groupOf', { name: user.value.username }), deck: '', seats: LEAST * 2, waitlist: true,
    }));
    const { busy, problem, run } = useTap();
    const set = (/** @type {Partial<Plan>} */ change) => put((old) => ({ ...old, ...change }));
    // What was made is kept when a later step is refused, and is not made again.
    const open = () =>
        run(async () => {
            const group_id = plan.group || (await send('POST', '/groups', { name: plan.groupName.trim() })).group.id;
            set({ group: group_id });
            const deck_id = plan.deck || (await makeDeck(plan, group_id));
            set({ deck: deck_id });
            const starts_at = { local: `${plan.at}:00`, zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
            const { event } = await send('POST', '/events', { group_id, deck_id, title: plan.title.trim(), content: plan.content.trim(), starts_at, max_players: plan.seats, waitlist: plan.waitlist });
            go(`/c/lead/${event.id}`, { replace: true });
        });
    return { plan, set, busy, problem, open };
}
