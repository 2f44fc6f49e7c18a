// Another password; with it all other sessions end.
import { useState } from 'preact/hooks';
import { changePassword, user } from '../../core/session.js';
import { Button, Field } from '../../parts/controls.jsx';
import { useProved } from '../../parts/prove.jsx';
import { Refused, Section, say } from '../../parts/shown.jsx';
import { t } from '../../words/words.js';

export function Password() {
    const [current, writeCurrent] = useState('');
    const [next, writeNext] = useState('');
    const { busy, problem, run, sheet } = useProved();
    const change = async () => {
        await changePassword({ new_password: next, ...(current && { current_password: current }) });
        writeCurrent('');
        writeNext('');
        say(t('me.passwordChanged'));
    };
    const fields = problem?.code === 'BAD_CREDENTIALS' ? { current_password: t('me.passwordWrong') } : (problem?.fields ?? {});
    return (
        <Section id="password" icon="seal" title={t('me.password')}>
            <form class="stack" onSubmit={(event) => (event.preventDefault(), run(change))}>
                <input type="text" name="username" autocomplete="username" value={user.value.username} hidden readOnly />
                <Refused problem={fields.current_password || fields.new_password ? null : problem} />
                <Field label={t('me.passwordNow')} hint={t('me.passwordNone')} name="current_password" type="password" dir="ltr" autocomplete="current-password" value={current} onInput={writeCurrent} fault={fields.current_password} />
                <Field label={t('me.passwordNew')} hint={t('door.passwordHint')} name="new_password" type="password" dir="ltr" autocomplete="new-password" minLength={8} value={next} onInput={writeNext} fault={fields.new_password} required />
                <Button type="submit" wide busy={busy}>{t('me.passwordChange')}</Button>
            </form>
            <p class="hint">{t('me.passwordEnds')}</p>
            {sheet}
        </Section>
    );
}
