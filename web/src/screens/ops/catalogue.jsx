// The roles: looked at, and switched off and on.
import { useEffect, useState } from 'preact/hooks';
import { useAsked, useTap } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { Icon } from '../../parts/icons.jsx';
import { Switch } from '../../parts/controls.jsx';
import { Loading, Refused, say } from '../../parts/shown.jsx';
import { SideMark, loadSides } from '../../parts/side.jsx';
import { language } from '../../core/prefs.js';
import { nameOf, number, t } from '../../words/words.js';

/** @param {{role: any, onDone: () => void}} props */
function Role({ role, onDone }) {
    const { problem, run } = useTap();
    const turn = (/** @type {boolean} */ on) => run(async () => (await send('PATCH', `/roles/${role.id}`, { disabled: !on }), say(t('me.saved')), onDone()));
    return (
        <li class="report">
            <p class="row"><SideMark id={role.side_id} /><strong>{nameOf(role)}</strong><small>{language.value === 'fa' ? role.name : role.name_fa}</small>{role.night_order > 0 && <span class="badge"><Icon name="moon" />{number(role.night_order)}</span>}</p>
            <p class="hint">{(language.value === 'fa' && role.effect_fa) || role.effect}</p>
            <Refused problem={problem} />
            <Switch label={t('ops.roleOn', { name: nameOf(role) })} on={!role.disabled} onChange={turn} />
        </li>
    );
}

export function Catalogue() {
    const [words, write] = useState('');
    const { answer, problem, again } = useAsked((signal) => get('/roles?include_disabled=true', { signal }), []);
    useEffect(() => void loadSides(), []);
    const found = (answer?.roles ?? []).filter((/** @type {any} */ role) => `${role.name} ${role.name_fa} ${role.slug}`.toLowerCase().includes(words.trim().toLowerCase()));
    return (
        <>
            <label class="box">
                <span class="unseen">{t('ops.findRole')}</span><Icon name="search" />
                <input type="search" dir="auto" value={words} placeholder={t('ops.findRole')} onInput={(event) => write(event.currentTarget.value)} />
            </label>
            <Refused problem={problem} onAgain={again} />
            {!answer && !problem && <Loading kind="line" rows={6} />}
            {answer && <p class="hint" role="status">{t('ops.roles', { n: found.length })}</p>}
            {found.length > 0 && <ul class="list panel">{found.map((/** @type {any} */ role) => <Role key={role.id} role={role} onDone={again} />)}</ul>}
        </>
    );
}
