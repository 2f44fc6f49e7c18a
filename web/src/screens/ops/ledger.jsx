// The ledger: what there is, its blocks, and what operators issued.
import { useAsked } from '../../core/asked.js';
import { get } from '../../core/calls.js';
import { Loading, Refused, Said, Section } from '../../parts/shown.jsx';
import { moment, money, number, t } from '../../words/words.js';

/** @param {{label: string, value: any}} props */
const Figure = ({ label, value }) => <div><dt>{label}</dt><dd>{value}</dd></div>;

/** @param {{grant: any}} props */
const Grant = ({ grant: { transaction } }) => {
    const moved = transaction.movements.find((/** @type {any} */ one) => Number(one.amount) > 0);
    return (
        <li class="told">
            <span class="told-text"><Said>{transaction.memo}</Said><small>{moment(transaction.time)}</small></span>
            {moved && <strong>{money(moved.amount, moved.kind ?? 'CONSE')}</strong>}
        </li>
    );
};

export function Ledger() {
    const { answer, problem, again } = useAsked(async (signal) => {
        const [ledger, { blocks }, { grants }] = await Promise.all([get('/ledger', { signal }), get('/ledger/blocks?page_size=10', { signal }), get('/ledger/grants?page_size=10', { signal })]);
        return { ledger, blocks, grants };
    }, []);
    if (!answer) return problem ? <Refused problem={problem} onAgain={again} /> : <Loading />;
    const { ledger, blocks, grants } = answer;
    return (
        <div class="columns">
            <div>
                <Section id="ledger" icon="coin" title={t('ops.ledger')}>
                    <p class="big">{money(ledger.conse, 'CONSE')}</p>
                    <dl class="figures">
                        <Figure label={t('ops.blocks')} value={number(Number(ledger.height))} />
                        <Figure label={t('ops.waiting')} value={number(ledger.waiting)} />
                    </dl>
                    <p class="hint">{t('ops.head')}: <code dir="ltr">{ledger.head}</code></p>
                </Section>
                <Section id="grants" title={t('ops.grants')}>
                    {grants.length === 0 && <p class="hint">{t('ops.noGrants')}</p>}
                    <ol class="list">{grants.map((/** @type {any} */ grant) => <Grant key={grant.transaction.id} grant={grant} />)}</ol>
                </Section>
            </div>
            <Section id="blocks" icon="seal" title={t('ops.lastBlocks')}>
                {blocks.length === 0 && <p class="hint">{t('ops.noBlocks')}</p>}
                <ol class="list">
                    {blocks.map((/** @type {any} */ block) => (
                        <li key={block.index} class="told">
                            <span class="told-text"><strong>{number(Number(block.index))}</strong><small>{t('ops.records', { n: block.count })}</small></span>
                            <small class="told-when">{moment(block.sealed_at)}</small>
                            <code dir="ltr">{block.hash}</code>
                        </li>
                    ))}
                </ol>
            </Section>
        </div>
    );
}
