// S13: the decks of one's groups; or one deck, to be looked at and changed.
import { useEffect, useState } from 'preact/hooks';
import { useAsked, useTap } from '../core/asked.js';
import { get, send } from '../core/calls.js';
import { go, route } from '../core/router.js';
import { leads, settled, user } from '../core/session.js';
import { loadRoles } from '../parts/catalogue.js';
import { Button, Field, LinkButton } from '../parts/controls.jsx';
import { Empty, Loading, Refused, Said, Section, useTitle } from '../parts/shown.jsx';
import { loadSides } from '../parts/side.jsx';
import { t } from '../words/words.js';
import { Editor } from './decks/editor.jsx';

const countOf = (/** @type {any} */ deck) => deck.roles.reduce((/** @type {number} */ sum, /** @type {any} */ role) => sum + role.copies, 0);

/** @param {{deck: any}} props */
function Deck({ deck }) {
    const { busy, problem, run } = useTap();
    const duplicate = () =>
        run(async () => {
            const { name, group_id, roles, last_moves } = deck;
            const copy = await send('POST', '/decks', { name: t('decks.copyOf', { name }).slice(0, 128), group_id, roles, last_moves });
            go(`/c/decks/${copy.deck.id}`);
        });
    return (
        <li class="row split-row">
            <a class="deck-link" href={`/c/decks/${deck.id}`}><strong><Said>{deck.name}</Said></strong><small>{t('decks.cards', { n: countOf(deck) })} · {t('decks.version', { version: deck.version })}</small></a>
            <Button icon="copy" busy={busy} onClick={duplicate}>{t('decks.duplicate')}</Button>
            <Refused problem={problem} />
        </li>
    );
}

/** @param {{group: any}} props */
function Group({ group }) {
    const { answer, problem, again } = useAsked((signal) => get(`/decks?group_id=${group.id}&page_size=100`, { signal }), [group.id]);
    return (
        <Section id={`group-${group.id}`} icon="cards" title={group.name}>
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" rows={2} />}
            {answer?.decks.length === 0 && <p class="hint">{t('decks.none')}</p>}
            <ul class="list">{answer?.decks.map((/** @type {any} */ deck) => <Deck key={deck.id} deck={deck} />)}</ul>
            <LinkButton href={`/c/decks/new?group=${group.id}`}>{t('decks.new')}</LinkButton>
        </Section>
    );
}

/** @param {{onMade: () => void}} props */
function NewGroup({ onMade }) {
    const [name, write] = useState('');
    const { busy, problem, run } = useTap();
    const make = (/** @type {Event} */ submitted) => {
        submitted.preventDefault();
        run(async () => (await send('POST', '/groups', { name: name.trim() }), write(''), onMade()));
    };
    return (
        <form class="inline" onSubmit={make}>
            <Field label={t('plan.newGroup')} name="group" value={name} onInput={write} fault={problem?.fields?.name} maxLength={128} required />
            <Button type="submit" icon="plus" busy={busy} label={t('decks.makeGroup')} />
            <Refused problem={problem?.fields?.name ? null : problem} />
        </form>
    );
}

function All() {
    const { answer, problem, again } = useAsked((signal) => get(`/groups?god_id=${user.value.id}&page_size=100`, { signal }), [user.value.id]);
    return (
        <>
            <header class="head"><h1>{t('decks.title')}</h1><p>{t('decks.hint')}</p></header>
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading />}
            {answer?.groups.length === 0 && <Empty icon="people" title={t('decks.noGroup')} hint={t('decks.noGroupHint')} />}
            {answer && <NewGroup onMade={again} />}
            {answer?.groups.map((/** @type {any} */ group) => <Group key={group.id} group={group} />)}
        </>
    );
}

/** @param {{id: string}} props */
function One({ id }) {
    const { answer, problem, again } = useAsked((signal) => get(`/decks/${id}`, { signal }), [id]);
    if (problem?.status === 404 || problem?.status === 403) return <Empty top icon="cards" title={t('problem.NOT_FOUND')}><LinkButton kind="main" href="/c/decks">{t('decks.title')}</LinkButton></Empty>;
    if (!answer) return problem ? <Refused problem={problem} onAgain={again} /> : <Loading />;
    return <Editor key={answer.deck.version} deck={answer.deck} onSaved={again} />;
}

export function Screen() {
    const { id, query } = route.value;
    useEffect(() => void (loadRoles(), loadSides()), []);
    useTitle(t('decks.title'));
    if (!settled.value) return <div class="page"><Loading /></div>;
    if (!leads.value)
        return <div class="page"><Empty top icon="cards" title={t('decks.title')} hint={t('decks.forHosts')}><LinkButton kind="main" href={user.value ? '/' : '/c/door?next=/c/decks'}>{t(user.value ? 'event.explore' : 'nav.door')}</LinkButton></Empty></div>;
    const fresh = { id: '', name: '', version: 0, group_id: query.get('group') ?? '', roles: [], last_moves: [] };
    return (
        <div class="page">
            {!id && <All />}
            {id === 'new' && <Editor deck={fresh} onSaved={(saved) => go(`/c/decks/${saved.id}`, { replace: true })} />}
            {id && id !== 'new' && <One key={id} id={id} />}
        </div>
    );
}
