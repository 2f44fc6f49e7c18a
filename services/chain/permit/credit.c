#include "services/chain/permit/credit.h"

#include "services/chain/permit/form.h"

enum { PAYER = 0, ROLES = 2 }; // the authority is the player of `reserve`, and permits it

// It pays, alone, for this seat, and nothing else is done in its name.
static bool pays_alone(const struct solana_transaction *tx, const struct permit_terms *terms)
{
    const uint8_t *accounts = tx->instructions[FORM_RESERVE].accounts;
    return tx->signer_count == 1 && solana_key_equal(&tx->keys[PAYER], &terms->event.authority) &&
           form_fits(tx, &terms->event.programs) && form_reserves(tx, terms) && accounts[0] == PAYER &&
           accounts[1] == PAYER && solana_transaction_uses(tx, PAYER) == ROLES;
}

bool credit_compose(const struct permit_terms *given, const struct solana_signer *authority,
                    struct permit_bytes *out, struct err *err)
{
    const struct solana_key key = solana_signer_key(authority);
    struct permit_terms terms = *given;
    struct solana_transaction tx;
    terms.account = terms.event.authority;
    if (!form_compose(&terms, out, err) || !solana_transaction_parse(&tx, out->bytes, out->len, err))
        return false;
    if (!solana_key_equal(&key, &terms.event.authority) || !pays_alone(&tx, &terms))
        return err_fail(err, INTERNAL_ERROR, "the authority does not pay by this message");
    return solana_transaction_sign(out->bytes, out->len, authority, err);
}
