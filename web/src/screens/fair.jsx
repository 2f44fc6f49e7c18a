// The deal of a finished game, checked by this browser: from the server, or from a file that was saved, without a connection.
import { useEffect, useState } from 'preact/hooks';
import { useAsked } from '../core/asked.js';
import { get } from '../core/calls.js';
import { checkDeal } from '../core/fair/deal.js';
import { canHash } from '../core/fair/hash.js';
import { route } from '../core/router.js';
import { LinkButton } from '../parts/controls.jsx';
import { Icon } from '../parts/icons.jsx';
import { Loading, Refused, Said, Section, useTitle } from '../parts/shown.jsx';
import { nameOf, number, t } from '../words/words.js';

/** @typedef {{deal: any, fault: any}} Verdict */

/** @param {any} deal @returns {Promise<Verdict>} */
const judge = (deal) => checkDeal(deal).then(() => ({ deal, fault: null }), (fault) => ({ deal, fault }));

/** @param {Verdict} verdict */
const verdictOf = ({ deal, fault }) => (fault ? t(`fair.fault.${fault.code}`, { n: fault.n }) : t('fair.good', { k: deal.k, n: deal.opened.leaves.length }));

/** @param {{verdict: Verdict}} props */
const Told = ({ verdict }) => (
    <p class={verdict.fault ? 'notice bad verdict' : 'notice verdict'}><Icon name={verdict.fault ? 'close' : 'seal'} />{verdictOf(verdict)}</p>
);

/** @param {{deal: any, event: any, roles: any[]}} props */
function Cards({ deal, event, roles }) {
    const names = new Map(event?.players.map((/** @type {any} */ { user_id, username }) => [user_id, username]));
    const byId = new Map(roles.map((role) => [role.id, role]));
    return (
        <Section id="cards" icon="cards" title={t('fair.cards')}>
            {deal.assurance === 'BEACON' && <p class="hint">{t('fair.beacon', { slot: deal.beacon.block_slot })}</p>}
            <ol class="people">
                {deal.opened.leaves.map((/** @type {any} */ { user_id, role_id }, /** @type {number} */ i) => (
                    <li key={user_id}>
                        <span class="seat-number">{number(i + 1)}</span>
                        <span class="chair-name">
                            {names.has(user_id) ? <Said>{names.get(user_id)}</Said> : <code dir="ltr">{user_id.slice(-12)}</code>}
                            <small>{nameOf(byId.get(role_id)) || <code dir="ltr">{role_id.slice(-12)}</code>}</small>
                        </span>
                    </li>
                ))}
            </ol>
        </Section>
    );
}

/** @param {{onDeal: (deal: any) => void}} props */
function Saved({ onDeal }) {
    const open = async (/** @type {HTMLInputElement} */ input) => {
        const text = await input.files?.[0]?.text();
        if (text === undefined) return;
        try {
            onDeal(JSON.parse(text).deal);
        } catch {
            onDeal(undefined);
        }
    };
    return (
        <Section id="saved" icon="copy" title={t('fair.saved')}>
            <p class="hint" id="saved-hint">{t('fair.savedHint')}</p>
            <label class="button plain file">
                <Icon name="search" /><span>{t('fair.open')}</span>
                <input type="file" accept="application/json,.json" aria-describedby="saved-hint" onChange={(event) => open(event.currentTarget)} />
            </label>
        </Section>
    );
}

/** The names that go with a deal; without a connection there are none. @param {string} id */
const useNames = (id) =>
    useAsked(async (signal) => {
        const [told, catalogue] = await Promise.all([get(`/events/${id}`, { signal }), get('/roles', { signal })]);
        return { event: told.event, roles: catalogue.roles };
    }, [id]).answer;

export function Screen() {
    const { id } = route.value;
    const asked = useAsked(async (signal) => (id ? get(`/events/${id}/deal`, { signal }) : null), [id]);
    const [verdict, set] = useState(/** @type {Verdict | null} */ (null));
    const names = useNames(verdict?.deal?.event_id ?? id);
    const show = (/** @type {any} */ deal) => judge(deal).then(set);
    useEffect(() => void (asked.answer && canHash() && show(asked.answer.deal)), [asked.answer]);
    useTitle(t('fair.title'));
    return (
        <div class="page">
            <header class="head"><h1>{t('fair.title')}</h1><p>{t('fair.hint')}</p></header>
            {!canHash() && <p class="notice bad"><Icon name="close" />{t('fair.cannot')}</p>}
            {id && <Refused problem={asked.problem} onAgain={asked.again} />}
            {id && canHash() && !verdict && !asked.problem && <Loading kind="line" />}
            <div class="spoken" role="status">{verdict && <Told verdict={verdict} />}</div>
            {verdict && !verdict.fault && <Cards deal={verdict.deal} event={names?.event} roles={names?.roles ?? []} />}
            {canHash() && <Saved onDeal={show} />}
            {id && asked.answer && <LinkButton icon="copy" href={`/events/${id}/deal`} download={`deal-${id}.json`}>{t('fair.save')}</LinkButton>}
            {id && <LinkButton icon="back" href={`/c/event/${id}`}>{t('table.about')}</LinkButton>}
        </div>
    );
}
