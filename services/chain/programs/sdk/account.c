#include "services/chain/programs/sdk/account.h"

#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/sdk/sysvar.h"

static uint64_t check_type(const struct account *a, const struct account_rule *rule,
                           const struct pubkey *program)
{
    const struct pubkey *owner = rule->owner ? rule->owner : program;
    if (!pubkey_equal(a->owner, owner))
        return account_is_unused(a) ? ERROR_NOT_INITIALIZED : ERROR_WRONG_OWNER;
    if (a->size < sizeof(uint64_t) || account_type(a) != rule->type) return ERROR_WRONG_ACCOUNT_TYPE;
    return SUCCESS;
}

uint64_t account_check(const struct account *a, const struct account_rule *rule, const struct pubkey *program)
{
    if ((rule->flags & ACCOUNT_OPTIONAL) && pubkey_equal(a->key, program)) return SUCCESS;
    if ((rule->flags & ACCOUNT_SIGNER) && !a->is_signer) return ERROR_MISSING_SIGNER;
    if ((rule->flags & ACCOUNT_WRITABLE) && !a->is_writable) return ERROR_NOT_WRITABLE;
    if (rule->address && !pubkey_equal(a->key, rule->address)) return ERROR_WRONG_PROGRAM;
    return rule->type ? check_type(a, rule, program) : SUCCESS;
}

bool account_is_unused(const struct account *a)
{
    return a->size == 0 && pubkey_equal(a->owner, &SYSTEM_PROGRAM);
}

uint64_t account_check_rent(const struct account *a)
{
    uint64_t least, error = rent_minimum(account_size_now(a), &least);
    if (error) return error;
    return *a->lamports != 0 && *a->lamports < least ? ERROR_RECIPIENT_NOT_RENT_EXEMPT : SUCCESS;
}

uint64_t account_pay(struct account *from, struct account *to, uint64_t lamports)
{
    uint64_t balance;
    if (*from->lamports < lamports) return ERROR_INSUFFICIENT_FUNDS;
    if (__builtin_add_overflow(*to->lamports, lamports, &balance)) return ERROR_OVERFLOW;
    if (from->lamports == to->lamports) return SUCCESS;
    *from->lamports -= lamports;
    *to->lamports = balance;
    return SUCCESS;
}

uint64_t account_close(struct account *a, struct account *heir)
{
    if (pubkey_equal(a->key, heir->key)) return ERROR_DUPLICATE_ACCOUNT;
    uint64_t error = account_pay(a, heir, *a->lamports);
    if (error) return error;
    sol_memset_(a->data, 0, account_size_now(a));
    *(uint64_t *)(a->data - 8) = 0;
    *a->owner = SYSTEM_PROGRAM;
    return SUCCESS;
}
