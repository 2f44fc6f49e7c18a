// S1: log in, sign up, or a code by phone.
import { useEffect, useState } from 'preact/hooks';
import { useTap } from '../core/asked.js';
import { go, route } from '../core/router.js';
import { enterCode, lasts, logIn, sendCode, showWallet, signUp, user } from '../core/session.js';
import { connect, findWallets, wallets } from '../core/wallets.js';
import { Button, Field, Segments } from '../parts/controls.jsx';
import { Refused, say, useTitle } from '../parts/shown.jsx';
import { WalletLinks } from '../parts/wallet_links.jsx';
import { digits, t } from '../words/words.js';

const WAYS = { in: 'door.in', up: 'door.up', code: 'door.code' };

// Only within the console, whatever the address says.
const leave = () => {
    const next = route.value.query.get('next') ?? '';
    go(/^\/c\/[\w/-]+$/.test(next) ? next : '/', { replace: true });
};

/** @param {string} text */
const phoneOf = (text) => digits(text).replace(/[\s().-]/g, '').replace(/^00/, '+');

/** @param {Record<string, string>} start */
function useForm(start) {
    const [values, set] = useState(start);
    /** @param {string} name */
    const of = (name) => ({ name, value: values[name], onInput: (/** @type {string} */ value) => set((old) => ({ ...old, [name]: value })) });
    return { values, of };
}

/** What is refused about a field is said beside it, all else above. @param {any} problem @param {string[]} names */
const without = (problem, names) => (problem && names.some((name) => problem.fields?.[name]) ? null : problem);

function LogIn() {
    const { values, of } = useForm({ username: '', password: '' });
    const { busy, problem, run } = useTap();
    const submit = (/** @type {Event} */ event) => {
        event.preventDefault();
        run(() => logIn({ username: values.username.trim(), password: values.password }));
    };
    return (
        <form onSubmit={submit}>
            <Refused problem={without(problem, ['username', 'password'])} />
            <Field label={t('door.username')} {...of('username')} fault={problem?.fields?.username} dir="ltr" autocomplete="username" required />
            <Field label={t('door.password')} {...of('password')} fault={problem?.fields?.password} dir="ltr" type="password" autocomplete="current-password" required />
            <Button kind="main" type="submit" wide busy={busy}>{t('door.go')}</Button>
        </form>
    );
}

function SignUp() {
    const { values, of } = useForm({ username: '', password: '', phone: '' });
    const { busy, problem, run } = useTap();
    const submit = (/** @type {Event} */ event) => {
        event.preventDefault();
        const account = { username: values.username.trim(), password: values.password };
        run(async () => {
            await signUp({ ...account, ...(values.phone.trim() && { phone: phoneOf(values.phone) }) });
            await logIn(account);
        });
    };
    return (
        <form onSubmit={submit}>
            <Refused problem={without(problem, ['username', 'password', 'phone'])} />
            <Field label={t('door.username')} hint={t('door.usernameHint')} {...of('username')} fault={problem?.fields?.username} dir="ltr" autocomplete="username" required />
            <Field label={t('door.password')} hint={t('door.passwordHint')} {...of('password')} fault={problem?.fields?.password} dir="ltr" type="password" autocomplete="new-password" minLength={8} required />
            <Field label={t('door.phoneMaybe')} hint={t('door.phoneHint')} {...of('phone')} fault={problem?.fields?.phone} dir="ltr" inputmode="tel" autocomplete="tel" />
            <Button kind="main" type="submit" wide busy={busy}>{t('door.make')}</Button>
        </form>
    );
}

function ByPhone() {
    const { values, of } = useForm({ phone: '', code: '', password: '' });
    const [sent, setSent] = useState('');
    const { busy, problem, run } = useTap();
    const ask = () =>
        run(async () => {
            const phone = phoneOf(values.phone);
            await sendCode({ phone });
            setSent(phone);
            say(t('door.sent', { phone }));
        });
    const enter = () => run(() => enterCode({ phone: sent, code: digits(values.code).trim(), ...(values.password && { new_password: values.password }) }));
    const submit = (/** @type {Event} */ event) => (event.preventDefault(), sent ? enter() : ask());
    return (
        <form onSubmit={submit}>
            <Refused problem={without(problem, ['phone', 'code', 'new_password'])} />
            {!sent && <Field label={t('door.phone')} hint={t('door.phoneHint')} {...of('phone')} fault={problem?.fields?.phone} dir="ltr" inputmode="tel" autocomplete="tel" required />}
            {sent && <p class="notice">{t('door.sent', { phone: `\u2068${sent}\u2069` })}</p>}
            {sent && <Field label={t('door.oneTime')} {...of('code')} fault={problem?.fields?.code} dir="ltr" inputmode="numeric" autocomplete="one-time-code" required />}
            {sent && <Field label={t('door.newPassword')} hint={t('door.passwordHint')} {...of('password')} fault={problem?.fields?.new_password} dir="ltr" type="password" autocomplete="new-password" minLength={8} />}
            <Button kind="main" type="submit" wide busy={busy}>{t(sent ? 'door.go' : 'door.send')}</Button>
        </form>
    );
}

function ByWallet() {
    const { busy, problem, run } = useTap();
    useEffect(findWallets, []);
    return (
        <>
            <Refused problem={problem} />
            {wallets.value.map((one) => <Button key={one.name} icon="coin" wide busy={busy} onClick={() => run(async () => showWallet(await connect(one)))}>{t('door.wallet', { name: one.name })}</Button>)}
            <WalletLinks />
        </>
    );
}

const FORMS = { in: LogIn, up: SignUp, code: ByPhone };

export function Screen() {
    const [way, choose] = useState(/** @type {keyof typeof WAYS} */ ('in'));
    const Form = FORMS[way];
    useTitle(t('door.title'));
    useEffect(() => {
        if (user.value) leave();
    }, [user.value]);
    return (
        <div class="page narrow">
            <header class="head">
                <h1>{t('door.title')}</h1>
                <p>{t('door.hint')}</p>
            </header>
            <div class="panel">
                <Segments label={t('door.title')} value={way} options={Object.entries(WAYS).map(([value, key]) => ({ value, label: t(key) }))}
                    onChange={(value) => choose(/** @type {keyof typeof WAYS} */ (value))} />
                <Form key={way} />
                <ByWallet />
                {!lasts() && <p class="hint">{t('door.short')}</p>}
            </div>
        </div>
    );
}
