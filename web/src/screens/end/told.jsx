// What happened in one phase, in words.
import { useEffect } from 'preact/hooks';
import { tally } from '../../core/replay.js';
import { lastMoves, loadLastMoves, loadRoles, roles } from '../../parts/catalogue.js';
import { Icon } from '../../parts/icons.jsx';
import { Said } from '../../parts/shown.jsx';
import { sides } from '../../parts/side.jsx';
import { has, listed, nameOf, number, t } from '../../words/words.js';

/** @typedef {import('../../core/replay.js').Entry} Entry */
/** @typedef {import('../../core/replay.js').Step} Step */

const isolated = (/** @type {string} */ text) => `\u2068${text}\u2069`;

/** @param {Step} step @returns {(id: string) => string} */
const namesOf = (step) => {
    const names = new Map(step.people.map(({ id, name }) => [id, isolated(name)]));
    return (id) => names.get(id) ?? t('poll.nobody');
};

/** @type {Record<string, (fields: any, name: (id: string) => string) => string>} */
const WORDS = {
    STATUS_SET: ({ user_id, status }, name) => {
        if (status === 'DEFAULT') return t('replay.back', { name: name(user_id) });
        return has(`status.${status}`) ? t('replay.status', { name: name(user_id), status: t(`status.${status}`) }) : '';
    },
    ROLE_CHANGED: ({ user_id, role, side_id }, name) =>
        t('replay.became', { name: name(user_id), what: nameOf(role ? roles.value[role.role_id] : sides.value[side_id]) }),
    ABILITY_USED: ({ user_id, target_id }, name) => t(target_id ? 'replay.acted' : 'replay.actedAlone', { name: name(user_id), target: name(target_id) }),
    CHAINED: ({ user_id, to_id }, name) => t('replay.chained', { name: name(user_id), target: name(to_id) }),
    LAST_MOVE_DRAWN: ({ user_id, last_move_id }, name) => t('replay.lastMove', { name: name(user_id), what: nameOf(lastMoves.value[last_move_id]) }),
    FOULED: ({ user_id, fouls }, name) => t('replay.fouled', { name: name(user_id), n: fouls }),
    NOTED: ({ user_id, text }, name) => (user_id ? t('replay.notedTo', { name: name(user_id), text: isolated(text) }) : t('replay.noted', { text: isolated(text) })),
    FINISHED: ({ winning_side_ids }) => t('end.sides', { sides: listed(winning_side_ids.map((/** @type {string} */ id) => nameOf(sides.value[id]))) }),
};

/** @type {Record<string, any>} */
const ICONS = { STATUS_SET: 'close', ROLE_CHANGED: 'cards', ABILITY_USED: 'next', CHAINED: 'people', NOTED: 'inbox', FINISHED: 'check' };

/** @param {{entry: Entry, name: (id: string) => string}} props */
const Votes = ({ entry, name }) => {
    const rows = tally(entry);
    return (
        <li class="happened">
            <Icon name="up" />
            <div>
                <strong>{t('tv.votes')}</strong>
                {rows.length === 0 && <p>{t('tv.noVotes')}</p>}
                {rows.map(({ id, weight, voters }) => (
                    <p key={id}>{name(id)} <b>{number(weight)}</b> <small>{voters.map(name).join(t('replay.and'))}</small></p>
                ))}
            </div>
        </li>
    );
};

/** @param {{step: Step}} props */
export function Told({ step }) {
    useEffect(() => void (loadRoles(), loadLastMoves()), []);
    const name = namesOf(step);
    const lines = step.told.map((entry) => ({ entry, text: WORDS[entry.kind]?.(entry.fields, name) ?? '' }));
    return (
        <ol class="happened-list">
            {lines.map(({ entry, text }) => (entry.kind === 'POLL_CLOSED' ? <Votes key={entry.index} entry={entry} name={name} /> : text && (
                <li key={entry.index} class="happened">
                    <Icon name={ICONS[entry.kind] ?? 'next'} /><Said>{text}</Said>
                </li>
            )))}
            {step.phase && !lines.some(({ entry, text }) => text || entry.kind === 'POLL_CLOSED') && <li class="hint">{t('replay.quiet')}</li>}
        </ol>
    );
}
