// Who leads no games yet: what it takes.
import { user } from '../../core/session.js';
import { LinkButton } from '../../parts/controls.jsx';
import { Empty } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

/** @param {{next: string}} props where one goes on, once one is logged in */
export const NotYet = ({ next }) =>
    user.value ? (
        <Empty top icon="lead" title={t('lead.notYet')} hint={t('lead.notYetHint')}>
            <p class="hint">{t('lead.notYetHow')}</p>
            <p><code class="command" dir="ltr">build/bin/consectl user level {user.value.username} god</code></p>
        </Empty>
    ) : (
        <Empty top icon="lead" title={t('nav.lead')} hint={t('lead.hint')}><LinkButton kind="main" href={`/c/door?next=${next}`}>{t('nav.door')}</LinkButton></Empty>
    );
