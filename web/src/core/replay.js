// What a log tells of a game, phase by phase. Of the open log it is all of the game; of a running one what its reader may see.
import { get } from './calls.js';

const GONE = ['KICKED', 'DEAD', 'EXITED', 'DEVOTED'];
const TOLD = ['STATUS_SET', 'ROLE_CHANGED', 'ABILITY_USED', 'CHAINED', 'NOTED', 'LAST_MOVE_DRAWN', 'FOULED', 'POLL_CLOSED', 'FINISHED'];
const PAGE = 500;

/** @typedef {{index: string, kind: string, time: string, actor_id: string, fields: any}} Entry */
/** @typedef {{id: string, name: string, seat: number, alive: boolean, statuses: string[], role_id: string, side_id: string}} Person */
/** @typedef {{phase: {number: number, day: number, kind: string} | null, opened: string, people: Person[], told: Entry[]}} Step */

/** All entries that the reader may see. @param {string} id @param {{signal?: AbortSignal, visitor?: boolean}} [options] @returns {Promise<Entry[]>} */
export async function readEntries(id, options = {}) {
    const all = [];
    for (let from = '1'; ; ) {
        const page = await get(`/events/${id}/log?from=${from}&limit=${PAGE}`, options);
        all.push(...page.entries);
        if (page.entries.length === 0) return all;
        from = page.next;
    }
}

// One act may be several entries: the later ones say that they join, or open the card of who left.
const joins = (/** @type {Entry} */ entry, /** @type {Entry} */ first) => entry.fields?.joins || (entry.kind === 'CARD_OPENED' && entry.fields.user_id === first.fields?.user_id);

/** What stands: without what was taken back. @param {Entry[]} entries */
export function standing(entries) {
    /** @type {Entry[]} */
    const stand = [];
    for (const entry of entries) {
        if (entry.kind !== 'UNDONE') {
            stand.push(entry);
            continue;
        }
        const { kind, time_ms } = entry.fields;
        const at = stand.findLastIndex((one) => one.kind === kind && new Date(one.time).getTime() === Number(time_ms));
        if (at < 0) continue;
        let count = 1;
        while (stand[at + count] && joins(stand[at + count], stand[at])) count++;
        stand.splice(at, count);
    }
    return stand;
}

class Table {
    constructor() {
        /** @type {Map<string, Person>} */
        this.people = new Map();
    }

    /** @param {string} id @param {Partial<Person>} more */
    change(id, more) {
        const person = this.people.get(id);
        if (person) Object.assign(person, more);
    }

    /** @param {any} fields */
    seat({ user_id, username, seat }) {
        this.people.set(user_id, { id: user_id, name: username, seat, alive: true, statuses: [], role_id: '', side_id: '' });
    }

    /** @param {string[]} ids */
    order(ids) {
        ids.forEach((id, i) => this.change(id, { seat: i + 1 }));
    }

    /** @param {any} fields @param {boolean} on */
    status({ user_id, status }, on) {
        const person = this.people.get(user_id);
        if (!person) return;
        const others = person.statuses.filter((one) => one !== status);
        const statuses = status === 'DEFAULT' ? [] : on ? [...others, status] : others;
        Object.assign(person, { statuses, alive: !statuses.some((one) => GONE.includes(one)) });
    }

    now() {
        return [...this.people.values()].sort((one, two) => one.seat - two.seat).map((person) => ({ ...person, statuses: [...person.statuses] }));
    }
}

/** @type {Record<string, (table: Table, fields: any) => void>} */
const CHANGES = {
    RESERVED: (table, fields) => table.seat(fields),
    SEAT_HELD: (table, fields) => table.seat(fields),
    SEAT_FREED: (table, { user_id }) => void table.people.delete(user_id),
    SEATS_ORDERED: (table, { user_ids }) => table.order(user_ids),
    LOCKED: (table, { user_ids }) => table.order(user_ids),
    GUEST_CLAIMED: (table, { guest_id, username }) => table.change(guest_id, { name: username }),
    CARD_DEALT: (table, { user_id, role_id, side_id }) => table.change(user_id, { role_id, side_id }),
    CARD_OPENED: (table, { user_id, role_id, side_id }) => table.change(user_id, { ...(role_id && { role_id }), side_id }),
    ROLE_CHANGED: (table, { user_id, role, side_id }) => table.change(user_id, role ? { role_id: role.role_id, side_id: side_id || role.side_id } : { side_id }),
    STATUS_SET: (table, fields) => table.status(fields, true),
    STATUS_ENDED: (table, fields) => table.status(fields, false),
};

/** The game as it was when each phase was over; before the first one, as the cards were dealt. @param {Entry[]} entries @returns {Step[]} */
export function replay(entries) {
    const table = new Table();
    /** @type {Step[]} */
    const steps = [{ phase: null, opened: entries[0]?.time ?? '', people: [], told: [] }];
    for (const entry of standing(entries)) {
        const { kind, fields, time } = entry;
        let step = steps[steps.length - 1];
        if (kind === 'PHASE_OPENED') steps.push((step = { phase: fields, opened: time, people: [], told: [] }));
        CHANGES[kind]?.(table, fields);
        if (step.phase && TOLD.includes(kind)) step.told.push(entry);
        step.people = table.now();
    }
    return steps;
}

/** Who had how much of a vote, the most first. @param {Entry} closed @returns {{id: string, weight: number, voters: string[]}[]} */
export function tally(closed) {
    const ballots = /** @type {any[]} */ (closed.fields.ballots ?? []);
    return closed.fields.counts
        .map((/** @type {any} */ { candidate_id: id, weight }) => ({ id, weight, voters: ballots.filter((one) => one.candidate_id === id).map((one) => one.voter_id) }))
        .filter((/** @type {any} */ one) => one.weight > 0)
        .sort((/** @type {any} */ one, /** @type {any} */ two) => two.weight - one.weight);
}
