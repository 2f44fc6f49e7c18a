// How such a list is shown.
import { Button } from '../../parts/controls.jsx';
import { Empty, Loading, Refused } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

/** @param {{pages: ReturnType<typeof import('./use_pages.js').usePages>, empty: string, row: (one: any) => any}} props */
export const Pages = ({ pages: { page, busy, problem, more, again }, empty, row }) => (
    <>
        <Refused problem={problem} onAgain={again} />
        {!page && !problem && <Loading kind="line" rows={5} />}
        {page?.list.length === 0 && <Empty icon="check" title={empty} />}
        {page && page.list.length > 0 && <ul class="list panel">{page.list.map(row)}</ul>}
        {page?.next && <Button wide busy={busy} onClick={more}>{t('explore.more')}</Button>}
    </>
);
