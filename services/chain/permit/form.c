#include "services/chain/permit/form.h"

#include <string.h>

static void make_reserve(struct solana_instruction *ix, const struct permit_terms *terms)
{
    const struct permit_event *event = &terms->event;
    const struct solana_seat seat = {.event = event->event,
                                     .player = terms->account,
                                     .whitelist = event->whitelist,
                                     .reference = terms->reference};
    const struct solana_permit permit = {event->authority, terms->not_after_s};
    solana_ticket_reserve(ix, &event->programs, &seat, &permit);
}

static bool check_terms(const struct permit_terms *terms, struct err *err)
{
    size_t memo = strlen(terms->memo);
    if (terms->not_after_s <= 0) return err_field(err, INVALID_FIELD, "not_after", "it has no end");
    return (memo && memo <= PERMIT_MEMO_MAX) || err_field(err, INVALID_FIELD, "memo", "it has no memo");
}

bool form_compose(const struct permit_terms *terms, struct permit_bytes *out, struct err *err)
{
    struct solana_instruction ix[FORM_INSTRUCTIONS];
    uint64_t price =
        terms->unit_price < PERMIT_UNIT_PRICE_MAX ? terms->unit_price : (uint64_t)PERMIT_UNIT_PRICE_MAX;
    if (!check_terms(terms, err)) return false;
    solana_compute_unit_limit(&ix[FORM_UNIT_LIMIT], PERMIT_UNITS);
    solana_compute_unit_price(&ix[FORM_UNIT_PRICE], price);
    make_reserve(&ix[FORM_RESERVE], terms);
    solana_memo(&ix[FORM_MEMO], terms->memo, NULL);
    const struct solana_draft draft = {.payer = terms->account,
                                       .blockhash = terms->blockhash,
                                       .instructions = ix,
                                       .instruction_count = FORM_INSTRUCTIONS};
    return solana_message_compile(&draft, out->bytes, &out->len, err);
}

static bool calls_program(const struct solana_transaction *tx, size_t at, const struct solana_key *program)
{
    return solana_key_equal(&tx->keys[tx->instructions[at].program], program);
}

static bool is_reserve(const struct solana_transaction *tx, const struct solana_programs *programs)
{
    const struct solana_instruction_view *given = &tx->instructions[FORM_RESERVE];
    const struct permit_terms nobodys = {.event.programs = *programs};
    struct solana_instruction ix;
    make_reserve(&ix, &nobodys);
    return calls_program(tx, FORM_RESERVE, &programs->ticket) && given->data_len == ix.data_len &&
           given->account_count == ix.meta_count && memcmp(given->data, ix.data, sizeof(uint64_t)) == 0;
}

bool form_fits(const struct solana_transaction *tx, const struct solana_programs *programs)
{
    return !tx->versioned && tx->instruction_count == FORM_INSTRUCTIONS &&
           calls_program(tx, FORM_UNIT_LIMIT, &SOLANA_COMPUTE_BUDGET_PROGRAM) &&
           calls_program(tx, FORM_UNIT_PRICE, &SOLANA_COMPUTE_BUDGET_PROGRAM) && is_reserve(tx, programs) &&
           calls_program(tx, FORM_MEMO, &SOLANA_MEMO_PROGRAM);
}

bool form_reserves(const struct solana_transaction *tx, const struct permit_terms *terms)
{
    const struct solana_instruction_view *given = &tx->instructions[FORM_RESERVE];
    struct solana_instruction ix;
    make_reserve(&ix, terms);
    if (given->account_count != ix.meta_count) return false;
    for (uint16_t i = 0; i < ix.meta_count; i++)
        if (given->accounts[i] >= tx->key_count ||
            !solana_key_equal(&tx->keys[given->accounts[i]], &ix.metas[i].key))
            return false;
    return true;
}
