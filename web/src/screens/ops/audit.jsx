// What operators did, newest first, as the chain of each service has it.
import { useState } from 'preact/hooks';
import { useAsked } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { Select } from '../../parts/controls.jsx';
import { Said } from '../../parts/shown.jsx';
import { given, has, moment, number, t } from '../../words/words.js';
import { Pages } from './pages.jsx';
import { usePages } from './use_pages.js';

const KINDS = [
    'LEVEL_SET', 'USER_SUSPENDED', 'USER_READMITTED', 'SESSIONS_ENDED', 'USER_UNLOCKED', 'REPORT_RESOLVED', 'KEY_ROTATED', 'KEY_REWRAPPED',
    'SIDE_CREATED', 'SIDE_UPDATED', 'ROLE_CREATED', 'ROLE_UPDATED', 'LAST_MOVE_CREATED', 'LAST_MOVE_UPDATED', 'EVENT_HANDED_OVER',
    'GRANTED', 'REFUNDED', 'DISPUTES_SETTLED', 'CARD_MADE', 'ROLE_STOPPED', 'LIST_MADE', 'LIST_WANTED', 'LIST_ENTERED',
];

/** Of a kind that the page does not know yet, its own name. @param {string} kind */
const kindOf = (kind) => (has(`ops.act.${kind}`) ? t(`ops.act.${kind}`) : kind);

/** @param {{actor: any, names: Record<string, string>}} props */
const Actor = ({ actor, names }) => (
    <>{actor?.user_id && <><Said>{names[actor.user_id] ?? actor.user_id}</Said> · </>}{given(actor?.way) && t(`ops.way.${actor.way}`)}</>
);

/** @param {{one: any, names: Record<string, string>}} props */
const Act = ({ one: { number: n, entry }, names }) => (
    <li class="told">
        <span class="told-text">
            <strong>{kindOf(entry.kind)}</strong>
            <small><Actor actor={entry.actor} names={names} /></small>
        </span>
        <small class="told-when">{number(Number(n))}<span>{moment(entry.time)}</span></small>
        {entry.target && <code dir="ltr">{entry.target}</code>}
    </li>
);

/** Who did it: the few who do. @param {any[]} list */
function useNames(list) {
    const ids = [...new Set(list.map(({ entry }) => entry.actor?.user_id).filter(Boolean))].sort();
    const { answer } = useAsked(async (signal) => {
        const users = await Promise.all(ids.map((id) => get(`/auth/users/${id}`, { signal }).catch(() => null))); // an account that is gone
        return Object.fromEntries(users.filter(Boolean).map(({ user }) => [user.id, user.username]));
    }, [ids.join()]);
    return answer ?? {};
}

export function Audit() {
    const [kind, choose] = useState('');
    /** @type {Record<string, string>} */
    const query = kind ? { kind } : {};
    const pages = usePages('/ops/audit', 'entries', query);
    const names = useNames(pages.page?.list ?? []);
    return (
        <>
            <Select label={t('ops.audit.kind')} name="kind" value={kind} onChange={choose} options={['', ...KINDS].map((value) => ({ value, label: value ? kindOf(value) : t('ops.audit.all') }))} />
            <Pages pages={pages} empty={t('ops.noAudit')} row={(one) => <Act key={one.number} one={one} names={names} />} />
        </>
    );
}
