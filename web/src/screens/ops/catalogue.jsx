// Roles, last moves and sides: looked at, written, and switched off and on.
import { useEffect, useState } from 'preact/hooks';
import { useAsked, useTap } from '../../core/asked.js';
import { get, send } from '../../core/calls.js';
import { Icon } from '../../parts/icons.jsx';
import { Button, Segments, Switch, wayOf } from '../../parts/controls.jsx';
import { Loading, Refused, say } from '../../parts/shown.jsx';
import { SideMark, loadSides } from '../../parts/side.jsx';
import { language } from '../../core/prefs.js';
import { nameOf, number, t } from '../../words/words.js';
import { Edit } from './edit.jsx';
import { KINDS } from './kinds.js';

/** @param {{of: string, thing: any}} props */
const Mark = ({ of, thing }) => (of === 'moves' ? <span class="badge">{number(thing.number)}</span> : <SideMark id={of === 'sides' ? thing.id : thing.side_id} name={of === 'sides' ? nameOf(thing) : undefined} />);

/** @param {{of: string, thing: any, onEdit: () => void, onDone: () => void}} props */
function Thing({ of, thing, onEdit, onDone }) {
    const { problem, run } = useTap();
    const turn = (/** @type {boolean} */ on) => run(async () => (await send('PATCH', `${KINDS[of].path}/${thing.id}`, { disabled: !on }), say(t('me.saved')), onDone()));
    return (
        <li class="report">
            <p class="row"><Mark of={of} thing={thing} /><strong>{nameOf(thing)}</strong><small>{language.value === 'fa' ? thing.name : thing.name_fa}</small>{thing.night_order > 0 && <span class="badge"><Icon name="moon" />{number(thing.night_order)}</span>}</p>
            {thing.effect && <p class="hint">{(language.value === 'fa' && thing.effect_fa) || thing.effect}</p>}
            <Refused problem={problem} />
            <div class="row split-row">
                <Switch label={t('ops.roleOn', { name: nameOf(thing) })} on={!thing.disabled} onChange={turn} />
                <Button label={t('ops.edit', { name: nameOf(thing) })} icon="pen" onClick={onEdit} />
            </div>
        </li>
    );
}

/** @param {any} thing @param {string} words */
const isFound = ({ name, name_fa, slug = '' }, words) => `${name} ${name_fa} ${slug}`.toLowerCase().includes(words.trim().toLowerCase());

export function Catalogue() {
    const [of, choose] = useState('roles');
    const [words, write] = useState('');
    const [edited, edit] = useState(/** @type {{thing: any} | null} */ (null));
    const { path, list } = KINDS[of];
    const { answer, problem, again } = useAsked((signal) => get(`${path}?include_disabled=true`, { signal }), [path]);
    useEffect(() => void loadSides(), []);
    const all = /** @type {any[] | undefined} */ (answer?.[list]);
    const found = all?.filter((thing) => isFound(thing, words));
    return (
        <>
            <Segments label={t('ops.part.catalogue')} value={of} onChange={choose} options={Object.keys(KINDS).map((value) => ({ value, label: t(`ops.kind.${value}`) }))} />
            <label class="box">
                <span class="unseen">{t('ops.findRole')}</span><Icon name="search" />
                <input type="search" dir={wayOf(words)} value={words} placeholder={t('ops.findRole')} onInput={(event) => write(event.currentTarget.value)} />
            </label>
            <Button icon="plus" wide onClick={() => edit({ thing: null })}>{t(`ops.new.${of}`)}</Button>
            <Refused problem={problem} onAgain={again} />
            {!all && !problem && <Loading kind="line" rows={6} />}
            {found && <p class="hint" role="status">{t(`ops.count.${of}`, { n: found.length })}</p>}
            {found && found.length > 0 && <ul class="list panel">{found.map((thing) => <Thing key={thing.id} of={of} thing={thing} onEdit={() => edit({ thing })} onDone={again} />)}</ul>}
            {edited && <Edit of={of} thing={edited.thing} onClose={() => edit(null)} onDone={again} />}
        </>
    );
}
