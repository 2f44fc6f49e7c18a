// S15: who one is, how well one plays, what one has, and how the page looks.
import { LANGUAGES, THEMES, language, setLanguage, setTheme, theme } from '../core/prefs.js';
import { settled, user } from '../core/session.js';
import { LinkButton, Segments } from '../parts/controls.jsx';
import { Empty, Loading, Said, Section, useTitle } from '../parts/shown.jsx';
import { date, t } from '../words/words.js';
import { Account } from './me/account.jsx';
import { Keys } from './me/keys.jsx';
import { Name } from './me/name.jsx';
import { Notices } from './me/notices.jsx';
import { Password } from './me/password.jsx';
import { Rating } from './me/rating.jsx';
import { Sessions } from './me/sessions.jsx';
import { UsesOfMe } from './me/uses.jsx';
import { Wallet } from './me/wallet.jsx';

const Look = () => (
    <Section id="look" icon="moon" title={t('me.look')}>
        <h3>{t('me.theme')}</h3>
        <Segments label={t('me.theme')} value={theme.value} options={THEMES.map((value) => ({ value, label: t(`me.theme.${value}`) }))} onChange={setTheme} />
        <h3>{t('me.language')}</h3>
        <Segments label={t('me.language')} value={language.value} options={Object.entries(LANGUAGES).map(([value, { name }]) => ({ value, label: name }))}
            onChange={(value) => setLanguage(/** @type {'en' | 'fa'} */ (value))} />
    </Section>
);

export function Screen() {
    useTitle(t('me.title'));
    const { value: me } = user;
    if (!settled.value) return <Loading />;
    return (
        <div class="page">
            <header class="head">
                <h1>{me ? <Said>{me.username}</Said> : t('me.title')}</h1>
                {me && <p>{t(`me.${me.level.toLowerCase()}`)} · {t('me.since', { date: date(me.created_at) })}</p>}
            </header>
            {!me && <Empty icon="me" title={t('door.hint')}><LinkButton kind="main" href="/c/door?next=/c/me">{t('nav.door')}</LinkButton></Empty>}
            <div class="columns">
                <div>
                    {me && <Rating />}
                    {me && <Wallet />}
                    <Look />
                    {me && <UsesOfMe />}
                    {me && <Keys />}
                </div>
                {me && (
                    <div>
                        <Notices />
                        <Name />
                        <Sessions />
                        <Password />
                        <Account />
                    </div>
                )}
            </div>
        </div>
    );
}
