// Some changes want to know anew who one is: by the password, or by a code to one's phone.
import { useState } from 'preact/hooks';
import { useTap } from '../core/asked.js';
import { asOwner, sendCode, user } from '../core/session.js';
import { digits, t } from '../words/words.js';
import { Button, Field, Segments } from './controls.jsx';
import { Sheet } from './sheet.jsx';
import { Refused } from './shown.jsx';

const WAYS = ['password', 'code'];

/** @param {{onProved: () => void, onClose: () => void}} props */
function Prove({ onProved, onClose }) {
    const [way, choose] = useState('password');
    const [secret, write] = useState('');
    const [sent, setSent] = useState(false);
    const { busy, problem, run } = useTap();
    const ask = async () => (await run(() => sendCode({ phone: user.value.phone }))) && setSent(true);
    const submit = async (/** @type {Event} */ event) => {
        event.preventDefault();
        if (way === 'code' && !sent) return ask();
        if (await run(() => asOwner('POST', '/auth/proof', way === 'code' ? { code: digits(secret).trim() } : { password: secret }))) onProved();
    };
    return (
        <Sheet title={t('prove.title')} onClose={onClose}>
            <p class="hint">{t('prove.hint')}</p>
            {user.value.phone && <Segments label={t('prove.title')} value={way} options={WAYS.map((value) => ({ value, label: t(`prove.${value}`) }))} onChange={(value) => (choose(value), write(''))} />}
            <form class="stack" onSubmit={submit}>
                <Refused problem={problem?.fields?.[way] ? null : problem} />
                {way === 'password'
                    ? <Field label={t('door.password')} name="proof" type="password" dir="ltr" autocomplete="current-password" value={secret} onInput={write} fault={problem?.fields?.password} required />
                    : sent && <Field label={t('door.oneTime')} name="code" dir="ltr" inputmode="numeric" autocomplete="one-time-code" value={secret} onInput={write} fault={problem?.fields?.code} required />}
                <Button kind="main" type="submit" wide busy={busy}>{t(way === 'code' && !sent ? 'door.send' : 'prove.do')}</Button>
            </form>
        </Sheet>
    );
}

/** A tap as useTap's; when it wants a proof first, `sheet` asks for one, and it goes on. */
export function useProved() {
    const tap = useTap();
    const [wanted, want] = useState(/** @type {{work: () => Promise<unknown>} | null} */ (null));
    /** @param {() => Promise<unknown>} work */
    const run = (work) =>
        tap.run(() => work().catch((fault) => {
            if (fault.code !== 'PROOF_NEEDED') throw fault;
            want({ work });
        }));
    const sheet = wanted && <Prove onClose={() => want(null)} onProved={() => (want(null), run(wanted.work))} />;
    return { busy: tap.busy, problem: tap.problem, run, sheet };
}
