// One thing of the catalogue, written or added.
import { useState } from 'preact/hooks';
import { useTap } from '../../core/asked.js';
import { send } from '../../core/calls.js';
import { Button, Choice, Field, Long, Switch } from '../../parts/controls.jsx';
import { Sheet } from '../../parts/sheet.jsx';
import { Refused, say } from '../../parts/shown.jsx';
import { sides } from '../../parts/side.jsx';
import { digits, nameOf, number, t } from '../../words/words.js';
import { KINDS, sent, writtenOf } from './kinds.js';

/** @typedef {import('./kinds.js').Piece} Piece */

/** @param {Piece} piece */
const optionsOf = ({ kind, choices = [] }) =>
    kind === 'side' ? Object.values(sides.value).map((side) => ({ value: side.id, label: nameOf(side) })) : choices.map((value) => ({ value, label: t(`ops.wakes.${value}`) }));

/** @param {{piece: Piece, value: any, fault: string | undefined, onInput: (value: any) => void}} props */
function PieceField({ piece, value, fault, onInput }) {
    const { name, kind, most, needed, persian } = piece;
    const label = t(`ops.piece.${name}`);
    const shared = { label, name, value, onInput, fault, required: needed };
    if (kind === 'switch') return <Switch label={label} on={value} onChange={onInput} />;
    if (kind === 'number') return <Field {...shared} value={value && number(Number(value))} dir="ltr" inputmode="numeric" onInput={(text) => onInput(digits(text).replace(/\D/g, ''))} hint={t('ops.upTo', { most: most ?? 0 })} />;
    if (kind === 'long') return <Long {...shared} maxLength={most} lang={persian ? 'fa' : 'en'} />;
    if (kind === 'text') return <Field {...shared} maxLength={most} />;
    return <Choice {...shared} options={optionsOf(piece)} />;
}

/** @param {{of: string, thing: any, onClose: () => void, onDone: () => void}} props thing: null for a new one */
export function Edit({ of, thing, onClose, onDone }) {
    const kind = KINDS[of];
    const [written, write] = useState(() => writtenOf(kind, thing));
    const { busy, problem, run } = useTap();
    const body = sent(kind, thing, written);
    const pieces = kind.pieces.filter(({ once }) => !thing || !once);
    const faults = problem?.fields ?? {};
    const submit = (/** @type {Event} */ event) => {
        event.preventDefault();
        run(async () => (await send(thing ? 'PATCH' : 'POST', thing ? `${kind.path}/${thing.id}` : kind.path, body), say(t('me.saved')), onDone(), onClose()));
    };
    return (
        <Sheet title={thing ? nameOf(thing) : t(`ops.new.${of}`)} onClose={onClose}>
            <form class="stack" onSubmit={submit}>
                {pieces.map((piece) => <PieceField key={piece.name} piece={piece} value={written[piece.name]} fault={faults[piece.name]} onInput={(value) => write((before) => ({ ...before, [piece.name]: value }))} />)}
                <Refused problem={pieces.some(({ name }) => faults[name]) ? null : problem} />
                <Button kind="main" type="submit" wide busy={busy} disabled={Object.keys(body).length === 0}>{t('ops.keep')}</Button>
            </form>
        </Sheet>
    );
}
