// What is kept of a person: to take along, or to end.
import { useState } from 'preact/hooks';
import { asOwner, deleteMe, user } from '../../core/session.js';
import { go } from '../../core/router.js';
import { HoldButton } from '../../parts/acts.jsx';
import { Button, Switch } from '../../parts/controls.jsx';
import { useProved } from '../../parts/prove.jsx';
import { Sheet } from '../../parts/sheet.jsx';
import { Refused, Section, say } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

/** @param {string} name @param {unknown} what */
function saveFile(name, what) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([JSON.stringify(what, null, 2)], { type: 'application/json' }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
}

/** @param {{onClose: () => void}} props */
function Leave({ onClose }) {
    const [forfeit, give] = useState(false);
    const { busy, problem, run, sheet } = useProved();
    const leave = () => run(async () => (await deleteMe(forfeit), say(t('me.gone')), go('/')));
    return (
        <Sheet title={t('me.leaveSure', { name: user.value?.username })} onClose={onClose}>
            <p>{t('me.leaveHint')}</p>
            <Refused problem={problem} />
            <Switch label={t('me.forfeit')} on={forfeit} onChange={give} />
            <HoldButton kind="danger" busy={busy} onDone={leave}>{t('me.leave')}</HoldButton>
            {sheet}
        </Sheet>
    );
}

export function Account() {
    const [leaving, leave] = useState(false);
    const { busy, problem, run, sheet } = useProved();
    const take = () => run(async () => saveFile(`conse-${user.value.username}.json`, await asOwner('GET', '/auth/me/export')));
    return (
        <Section id="account" icon="me" title={t('me.account')}>
            <p class="hint">{t('me.exportHint')}</p>
            <Refused problem={problem} />
            <Button icon="copy" wide busy={busy} onClick={take}>{t('me.export')}</Button>
            <Button kind="danger" wide onClick={() => leave(true)}>{t('me.leave')}</Button>
            {sheet}
            {leaving && <Leave onClose={() => leave(false)} />}
        </Section>
    );
}
