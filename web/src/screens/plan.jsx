// A host's next table: when, for whom, with which cards. What it needs and is not there yet, a group or a deck, is made along with it.
import { useEffect } from 'preact/hooks';
import { useAsked } from '../core/asked.js';
import { get } from '../core/calls.js';
import { leads, settled, user } from '../core/session.js';
import { lastMoves, loadLastMoves, loadRoles, roles } from '../parts/catalogue.js';
import { Button, Field, LinkButton, Select, Switch } from '../parts/controls.jsx';
import { Loading, Refused, Section, useTitle } from '../parts/shown.jsx';
import { loadSides } from '../parts/side.jsx';
import { t } from '../words/words.js';
import { NotYet } from './lead/not_yet.jsx';
import { Deck } from './plan/deck.jsx';
import { usePlan } from './plan/use_plan.js';
import { When } from './plan/when.jsx';

/** @param {{planning: import('./plan/use_plan.js').Planning, groups: any[]}} props */
function About({ planning: { plan, set, problem }, groups }) {
    const faults = problem?.fields ?? {};
    const names = [...groups.map((group) => ({ value: group.id, label: group.name })), { value: '', label: t('plan.newGroup') }];
    const known = groups.some((group) => group.id === plan.group);
    return (
        <Section id="about" icon="calendar" title={t('event.about')}>
            <Field label={t('plan.title')} name="title" value={plan.title} onInput={(title) => set({ title })} hint={t('plan.titleHint')} fault={faults.title} maxLength={200} required />
            <When value={plan.at} onChange={(at) => set({ at })} fault={faults['starts_at.local'] ?? faults.starts_at} />
            {groups.length > 0 && <Select label={t('event.group')} name="group" value={known ? plan.group : ''} options={names} onChange={(group) => set({ group, deck: '' })} />}
            {!known && <Field label={t('plan.groupName')} name="groupName" value={plan.groupName} onInput={(groupName) => set({ groupName })} hint={t('plan.groupHint')} fault={faults.name} maxLength={128} required />}
            <Field label={t('plan.content')} name="content" value={plan.content} onInput={(content) => set({ content })} fault={faults.content} maxLength={2000} />
            <Switch label={t('plan.waitlist')} on={plan.waitlist} onChange={(waitlist) => set({ waitlist })} />
        </Section>
    );
}

/** @param {{groups: any[]}} props */
function Form({ groups }) {
    const planning = usePlan(groups);
    const { busy, problem, open } = planning;
    const told = ['title', 'starts_at', 'starts_at.local', 'name', 'content'].some((name) => problem?.fields?.[name]);
    return (
        <form class="stack" onSubmit={(event) => (event.preventDefault(), open())}>
            <div class="columns">
                <About planning={planning} groups={groups} />
                <Deck planning={planning} />
            </div>
            <div class="dock"><div class="dock-box">
                <Refused problem={told ? null : problem} />
                <Button kind="main" type="submit" icon="seat" wide busy={busy}>{t('plan.open')}</Button>
            </div></div>
        </form>
    );
}

function Plan() {
    const { answer, problem, again } = useAsked((signal) => get(`/groups?god_id=${user.value.id}&page_size=100`, { signal }), [user.value.id]);
    useEffect(() => void (loadRoles(), loadLastMoves(), loadSides()), []);
    const ready = answer && Object.keys(roles.value).length > 0 && Object.keys(lastMoves.value).length > 0;
    return (
        <>
            <header class="lead-head">
                <h1 class="table-title">{t('lead.plan')}</h1>
                <LinkButton kind="quiet" icon="close" href="/c/lead" label={t('nav.lead')} />
            </header>
            <Refused problem={problem} onAgain={again} />
            {!ready && !problem && <Loading />}
            {ready && <Form groups={answer.groups} />}
        </>
    );
}

export function Screen() {
    useTitle(t('lead.plan'));
    if (!settled.value) return <div class="page"><Loading /></div>;
    return <div class="page">{leads.value ? <Plan /> : <NotYet next="/c/plan" />}</div>;
}
