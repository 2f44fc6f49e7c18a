// What happens at the table in words, for who hears the page instead of seeing it. Nothing is told but what all at the table may know,
// and that there is something for oneself.
import { effect, signal, untracked } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { tally } from '../core/replay.js';
import { has, listed, nameOf, number, t } from '../words/words.js';

const KEPT = 6;
let count = 0;

/** The newest, each of which is read once. @type {import('@preact/signals').Signal<{n: number, text: string}[]>} */
export const facts = signal([]);

/** @param {string} text */
export function tell(text) {
    if (text) facts.value = [...facts.peek(), { n: ++count, text }].slice(-KEPT);
}

const isolated = (/** @type {string} */ text) => `\u2068${text}\u2069`;

/** @type {Record<string, (fields: any, name: (id: string) => string, entry: any) => string>} */
const WORDS = {
    RESERVED: ({ username }) => t('log.RESERVED', { name: isolated(username) }),
    REVEALED: () => t('log.REVEALED'),
    READY_ASKED: () => t('ready.ask'),
    PHASE_OPENED: ({ kind, day }) => t(`phase.${kind}`, { day }),
    PHASE_CLOSED: () => t('log.PHASE_CLOSED'),
    STATUS_SET: ({ user_id, status }, name) => {
        if (status === 'DEFAULT') return t('replay.back', { name: name(user_id) });
        return has(`status.${status}`) ? t('replay.status', { name: name(user_id), status: t(`status.${status}`) }) : '';
    },
    CLOCK_STARTED: ({ user_id }, name) => (user_id ? t('table.speaks', { name: name(user_id) }) : ''),
    NOTED: ({ audience, text }) => (audience === 'TABLE' ? t('replay.noted', { text: isolated(text) }) : audience === 'PLAYER' ? t('log.NOTED') : ''),
    POLL_OPENED: ({ kind }) => `${t('log.POLL_OPENED')} ${t(`poll.${kind}`)}`,
    POLL_CLOSED: (_, name, entry) => {
        const rows = tally(entry).map(({ id, weight }) => `${name(id)} ${number(weight)}`);
        return `${t('log.POLL_CLOSED')} ${rows.length ? rows.join(t('replay.and')) : t('tv.noVotes')}`;
    },
    FINISHED: () => t('log.FINISHED'),
    UNDONE: () => t('log.UNDONE'),
};

/** @param {any} entry @param {any[]} players */
export function heard(entry, players) {
    const names = new Map(players.map(({ user_id, username }) => [user_id, isolated(username)]));
    return WORDS[entry.kind]?.(entry.fields, (id) => names.get(id) ?? t('poll.nobody'), entry) ?? '';
}

/** Tells all that comes, and at the end who won. @param {import('../core/live.js').LiveEvent | null} live @param {any} event */
export function useHeard(live, event) {
    const before = useRef('');
    useEffect(() => {
        if (!live) return undefined;
        facts.value = [];
        return effect(() => {
            const entry = live.entry.value;
            if (entry) untracked(() => tell(heard(entry, live.event.value?.players ?? [])));
        });
    }, [live]);
    useEffect(() => {
        if (before.current && before.current !== 'DONE' && event?.state === 'DONE') tell(t('end.sides', { sides: listed(event.winning_sides.map(nameOf)) }));
        before.current = event?.state ?? '';
    }, [event?.state]);
}
