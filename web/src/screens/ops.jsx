// S17: what operators look after.
import { go, route } from '../core/router.js';
import { settled, user } from '../core/session.js';
import { LinkButton, Segments } from '../parts/controls.jsx';
import { Empty, Loading, useTitle } from '../parts/shown.jsx';
import { t } from '../words/words.js';
import { Audit } from './ops/audit.jsx';
import { Calls } from './ops/calls.jsx';
import { Catalogue } from './ops/catalogue.jsx';
import { Disputes } from './ops/disputes.jsx';
import { Ledger } from './ops/ledger.jsx';
import { People } from './ops/people.jsx';
import { Reports } from './ops/reports.jsx';
import { Services } from './ops/services.jsx';

/** @type {Record<string, any>} */
const PARTS = { people: People, reports: Reports, catalogue: Catalogue, disputes: Disputes, ledger: Ledger, audit: Audit, services: Services, calls: Calls };

export function Screen() {
    const { id } = route.value;
    const part = PARTS[id] ? id : 'people';
    const Part = PARTS[part];
    useTitle(t('ops.title'));
    if (!settled.value) return <div class="page"><Loading /></div>;
    if (user.value?.level !== 'DEV') {
        return (
            <div class="page">
                <Empty top icon="hidden" title={t('ops.notYours')} hint={t('ops.notYoursHint')}>
                    <LinkButton kind="main" href={user.value ? '/' : '/c/door?next=/c/ops'}>{t(user.value ? 'event.explore' : 'nav.door')}</LinkButton>
                </Empty>
            </div>
        );
    }
    return (
        <div class="page ops">
            <header class="head"><h1>{t('ops.title')}</h1></header>
            <Segments label={t('ops.parts')} value={part} onChange={(value) => go(`/c/ops/${value}`)} options={Object.keys(PARTS).map((value) => ({ value, label: t(`ops.part.${value}`) }))} />
            <Part />
        </div>
    );
}
