// How many of each card, by side; how that balances; and keeping it as a new version.
import { useState } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { send } from '../../core/calls.js';
import { roles } from '../../parts/catalogue.js';
import { Button, Field, LinkButton, wayOf } from '../../parts/controls.jsx';
import { Icon } from '../../parts/icons.jsx';
import { Loading, Refused, Section, say } from '../../parts/shown.jsx';
import { SideMark, sides } from '../../parts/side.jsx';
import { nameOf, number, t } from '../../words/words.js';
import { Balance } from './balance.jsx';

/** @typedef {Record<string, number>} Counts copies by role */

/** @param {{role: any, count: number, onCount: (count: number) => void}} props */
const Card = ({ role, count, onCount }) => (
    <li class={count ? 'deck-card in' : 'deck-card'}>
        <span class="chair-name">{nameOf(role)}{role.disabled && <small>{t('decks.off')}</small>}</span>
        <Button icon="minus" label={t('decks.less', { name: nameOf(role) })} disabled={count === 0} onClick={() => onCount(count - 1)} />
        <output aria-label={t('decks.copies', { name: nameOf(role) })}>{number(count)}</output>
        <Button icon="plus" label={t('decks.more', { name: nameOf(role) })} disabled={role.disabled || count >= role.copies} onClick={() => onCount(count + 1)} />
    </li>
);

/** Roles by side: the sides with most roles first, and in each the cards that the deck began with. @param {string} words @param {Counts} counts @param {any} deck */
function grouped(words, counts, deck) {
    const first = new Set(deck.roles.map((/** @type {any} */ one) => one.role_id));
    /** @type {Map<string, any[]>} */
    const bySide = new Map();
    const wanted = words.trim().toLowerCase();
    for (const role of Object.values(roles.value)) {
        const fits = `${role.name} ${role.name_fa}`.toLowerCase().includes(wanted);
        if (fits && (!role.disabled || counts[role.id])) bySide.set(role.side_id, [...(bySide.get(role.side_id) ?? []), role]);
    }
    for (const some of bySide.values()) some.sort((one, two) => Number(first.has(two.id)) - Number(first.has(one.id)));
    return [...bySide].sort((one, two) => two[1].length - one[1].length);
}

/** @param {{deck: any, onSaved: (deck: any) => void}} props */
export function Editor({ deck, onSaved }) {
    const [name, rename] = useState(deck.name);
    const [counts, count] = useState(/** @type {Counts} */ (Object.fromEntries(deck.roles.map((/** @type {any} */ one) => [one.role_id, one.copies]))));
    const [words, write] = useState('');
    const { busy, problem, run } = useTap();
    const chosen = Object.entries(counts).filter(([, copies]) => copies > 0).map(([role_id, copies]) => ({ role_id, copies }));
    const total = chosen.reduce((sum, { copies }) => sum + copies, 0);
    /** @type {Counts} */
    const bySide = {};
    for (const { role_id, copies } of chosen) {
        const side = roles.value[role_id]?.side_id;
        if (side) bySide[side] = (bySide[side] ?? 0) + copies;
    }
    const save = () =>
        run(async () => {
            const body = { name: name.trim(), roles: chosen };
            const saved = deck.id ? await send('PATCH', `/decks/${deck.id}`, body) : await send('POST', '/decks', { ...body, group_id: deck.group_id });
            say(t('me.saved'));
            onSaved(saved.deck);
        });
    if (Object.keys(roles.value).length === 0) return <Loading />;
    return (
        <>
            <header class="lead-head">
                <div class="lead-name">
                    <h1 class="table-title">{deck.id ? t('decks.edit') : t('decks.new')}</h1>
                    {deck.version > 0 && <span class="badge">{t('decks.version', { version: deck.version })}</span>}
                </div>
                <LinkButton kind="quiet" icon="close" href="/c/decks" label={t('decks.title')} />
            </header>
            <div class="columns">
                <div>
                    <Section id="deck" title={t('decks.about')}>
                        <Field label={t('decks.name')} name="name" value={name} onInput={rename} maxLength={128} fault={problem?.fields?.name} />
                        <p class="hint">{t('decks.seats', { n: total })}</p>
                        <ul class="chips">{Object.entries(bySide).map(([side, n]) => <li key={side} class="chip"><SideMark id={side} /> {nameOf(sides.value[side])} <b>{number(n)}</b></li>)}</ul>
                        {deck.last_moves.length > 0 && <p class="hint">{t('decks.lastMoves', { n: deck.last_moves.length })}</p>}
                        <p class="hint">{t('decks.versions')}</p>
                    </Section>
                    {deck.id && <Balance id={deck.id} bySide={bySide} />}
                </div>
                <Section id="cards" icon="cards" title={t('event.cards')}>
                    <label class="box">
                        <span class="unseen">{t('ops.findRole')}</span><Icon name="search" />
                        <input type="search" dir={wayOf(words)} value={words} placeholder={t('ops.findRole')} onInput={(event) => write(event.currentTarget.value)} />
                    </label>
                    {grouped(words, counts, deck).map(([side, some]) => (
                        <details key={side} open={Boolean(words) || some.some((role) => counts[role.id])}>
                            <summary class="deck-side"><SideMark id={side} />{nameOf(sides.value[side])}<span class="count-of">{number(bySide[side] ?? 0)}</span></summary>
                            <ul class="list">{some.map((role) => <Card key={role.id} role={role} count={counts[role.id] ?? 0} onCount={(n) => count({ ...counts, [role.id]: n })} />)}</ul>
                        </details>
                    ))}
                </Section>
            </div>
            <div class="dock"><div class="dock-box">
                <Refused problem={problem?.fields?.name ? null : problem} />
                <Button kind="main" wide icon="check" busy={busy} disabled={total === 0 || !name.trim()} onClick={save}>{t('decks.save', { n: total })}</Button>
            </div></div>
        </>
    );
}
