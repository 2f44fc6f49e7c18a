// Another name, or another phone: after a proof of who one is.
import { useState } from 'preact/hooks';
import { asOwner, changed, user } from '../../core/session.js';
import { Button, Field } from '../../parts/controls.jsx';
import { useProved } from '../../parts/prove.jsx';
import { Refused, Section, say } from '../../parts/shown.jsx';
import { digits, t } from '../../words/words.js';

export function Name() {
    const { value: me } = user;
    const [username, writeName] = useState(me.username);
    const [phone, writePhone] = useState(me.phone ?? '');
    const { busy, problem, run, sheet } = useProved();
    const wanted = { ...(username.trim() !== me.username && { username: username.trim() }), ...(digits(phone).trim() !== (me.phone ?? '') && { phone: digits(phone).trim() }) };
    const change = () =>
        run(async () => {
            const { user: after } = await asOwner('PATCH', '/auth/me', wanted);
            changed(after);
            writeName(after.username);
            writePhone(after.phone ?? '');
            say(t('me.saved'));
        });
    const faults = problem?.fields ?? {};
    return (
        <Section id="name" icon="me" title={t('me.name')}>
            <form class="stack" onSubmit={(event) => (event.preventDefault(), change())}>
                <Refused problem={faults.username || faults.phone ? null : problem} />
                <Field label={t('door.username')} name="username" dir="ltr" autocomplete="username" maxLength={32} value={username} onInput={writeName} fault={faults.username} required />
                <Field label={t('door.phone')} name="phone" type="tel" inputmode="tel" dir="ltr" autocomplete="tel" maxLength={20} value={phone} onInput={writePhone} fault={faults.phone} />
                <Button type="submit" wide busy={busy} disabled={Object.keys(wanted).length === 0}>{t('me.nameChange')}</Button>
            </form>
            {sheet}
        </Section>
    );
}
