// S14: what games told the reader.
import { useEffect, useState } from 'preact/hooks';
import { useTap } from '../core/asked.js';
import { get, send } from '../core/calls.js';
import { minute } from '../core/clock.js';
import { settled, user } from '../core/session.js';
import { Button, LinkButton } from '../parts/controls.jsx';
import { told, unread } from '../parts/shell.jsx';
import { Empty, Loading, Refused, Said, useTitle } from '../parts/shown.jsx';
import { away, has, t } from '../words/words.js';

const wordsOf = (/** @type {string} */ kind) => t(has(`told.${kind}`) ? `told.${kind}` : 'told.other');

/** @param {any} entry */
const placeOf = (entry) => {
    if (entry.kind === 'OFFERED') return '/c/queue';
    if (entry.room_id) return `/c/rooms/${entry.room_id.replace('.', '/')}${entry.message_id ? `?message=${entry.message_id}` : ''}`;
    return `/c/event/${entry.event_id}`;
};

/** @param {{entry: any, fresh: boolean}} props */
const Told = ({ entry, fresh }) => (
    <li>
        <a class={fresh ? 'told fresh' : 'told'} href={placeOf(entry)}>
            <span class="told-text">
                <strong>{wordsOf(entry.kind)}</strong>
                {entry.fields?.text && <Said>{entry.fields.text}</Said>}
                <small><Said>{entry.title}</Said></small>
            </span>
            <span class="told-when">
                {fresh && <span class="badge good">{t('inbox.new')}</span>}
                <small>{away(entry.time, minute.value)}</small>
            </span>
        </a>
    </li>
);

function useInbox() {
    const [page, set] = useState(/** @type {{list: any[], seen: number, more: boolean} | null} */ (null));
    const tap = useTap();
    const load = (before = '') =>
        tap.run(async () => {
            const answer = await get(`/notifications?page_size=30${before && `&before=${before}`}`);
            unread.value = answer.unread;
            set((old) => ({ list: [...(before && old ? old.list : []), ...answer.notifications], seen: Number(answer.seen), more: answer.more }));
        });
    useEffect(() => void (user.value && load()), [user.value?.id, told.value?.cursor]);
    const see = () =>
        tap.run(async () => {
            const newest = page?.list[0];
            if (!newest) return;
            const answer = await send('POST', '/notifications/seen', { until: newest.cursor });
            unread.value = answer.unread;
            set((old) => old && { ...old, seen: Number(answer.seen) });
        });
    return { page, tap, load, see };
}

export function Screen() {
    const { page, tap, load, see } = useInbox();
    useTitle(t('inbox.title'));
    if (settled.value && !user.value)
        return <div class="page"><Empty top icon="inbox" title={t('inbox.title')} hint={t('inbox.emptyHint')}><LinkButton kind="main" href="/c/door?next=/c/inbox">{t('nav.door')}</LinkButton></Empty></div>;
    return (
        <div class="page">
            <header class="head split">
                <h1>{t('inbox.title')}</h1>
                {unread.value > 0 && <Button icon="check" busy={tap.busy} onClick={see}>{t('inbox.seen')}</Button>}
            </header>
            <Refused problem={tap.problem} onAgain={() => load()} />
            {!page && !tap.problem && <Loading kind="line" rows={5} />}
            {page?.list.length === 0 && <Empty icon="inbox" title={t('inbox.empty')} hint={t('inbox.emptyHint')} />}
            {page && page.list.length > 0 && (
                <ol class="list">{page.list.map((entry) => <Told key={entry.index} entry={entry} fresh={Number(entry.index) > page.seen} />)}</ol>
            )}
            {page?.more && <Button wide busy={tap.busy} onClick={() => load(page.list.at(-1).index)}>{t('inbox.older')}</Button>}
        </div>
    );
}
