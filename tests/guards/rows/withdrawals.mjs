// Credit that goes to wallets: it leaves once, lands once, or comes back.
export const WITHDRAWALS = [
    {
        name: 'an account has two withdrawals on their way',
        file: 'services/chain/withdrawals/withdrawals.c',
        guard: 'if (withdrawals_find(withdrawals, withdrawal->account)) return "its account has one on its way";',
        without: '',
        test: 'services/chain/withdrawals/withdrawals_test',
    },
    {
        name: 'what has landed comes back',
        file: 'services/chain/withdrawals/withdrawals.c',
        guard: 'uint32_t to = withdrawal->state == WITHDRAWAL_DONE ? 0 : withdrawal->account;',
        without: 'uint32_t to = withdrawal->account;',
        test: 'services/chain/withdrawals/withdrawals_test',
    },
    {
        name: 'what is known is taken again by a restored ledger',
        file: 'services/chain/withdrawals/withdrawals.c',
        guard: 'if (withdrawal->state != WITHDRAWAL_DONE || withdrawals_landed(withdrawals, withdrawal->id) ||',
        without: 'if (withdrawal->state != WITHDRAWAL_DONE ||',
        test: 'services/chain/withdrawals/withdrawals_test',
    },
    {
        name: "strangers' lamports pass for a mark",
        file: 'services/chain/withdrawals/mark.c',
        guard: 'return account->found && account->data_len == MARK_BYTES &&',
        without: 'return account->found &&',
        test: 'services/chain/withdrawals/mark_test',
    },
    {
        name: "a stranger's memo takes somebody's credit",
        file: 'services/chain/withdrawals/mark.c',
        guard: 'if (tx->signer_count != 1 || !solana_key_equal(&tx->keys[0], authority)) return false;',
        without: '',
        test: 'services/chain/withdrawals/mark_test',
    },
    {
        name: 'a withdrawal is written that a process does not know',
        file: 'services/chain/handlers/withdrawals.c',
        guard: 'bool known = replica_all_know(b->chain->replica, WITHDRAWALS_SINCE);',
        without: 'bool known = true;',
        test: 'services/chain/handlers/withdrawal_story_test',
    },
    {
        name: 'credit goes to a wallet that is not linked',
        file: 'services/chain/handlers/withdrawals.c',
        guard: 'return !*address || strcmp(address, told.wallet) == 0 ||',
        without: 'return *address || strcmp(address, told.wallet) == 0 ||',
        test: 'services/chain/handlers/withdrawal_story_test',
    },
    {
        name: 'what has landed is given up',
        file: 'services/chain/wishes/step.c',
        guard: 'return sight->has_mark;',
        without: 'return false;',
        test: 'services/chain/wishes/withdrawing_test',
    },
];
