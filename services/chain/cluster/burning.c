#include "services/chain/cluster/burning.h"

#include "services/chain/cluster/reading.h"

enum { DEADLINE_MS = 4000, TRY_MS = 2000, AWAY_RETRY_S = 5 };

// The accounts that are read of each mint.
enum { MINT, TOKEN, TOKEN_2022, RECORD, ACCOUNTS };
_Static_assert(READING_KEYS_MAX >= ACCOUNTS * BURN_MINTS_MAX, "they are read at once");

struct asking {
    struct burning *burning;
    struct solana_rpc *confirmed;
    struct cluster_now now;
    struct reading reading;
};

static bool refuse_away(struct err *err, const char *why)
{
    err_fail(err, CLUSTER_AWAY, "%s", why);
    err->retry_after_s = AWAY_RETRY_S;
    return false;
}

// ---- Who burns

static bool check_account(const struct asking *asking, struct err *err)
{
    const struct solana_key *account = &asking->burning->terms.account;
    bool ours = solana_key_equal(account, &asking->now.authority) ||
                solana_key_equal(account, &asking->now.pool) ||
                solana_key_equal(account, &asking->now.revenue);
    if (!ours && solana_key_on_curve(account)) return true;
    return err_field(err, ACCOUNT_FORBIDDEN, "account", "no wallet burns from this account");
}

// ---- What it has

static void fill_keys(const struct burn_terms *terms, struct solana_key keys[ACCOUNTS * BURN_MINTS_MAX])
{
    for (size_t i = 0; i < terms->count; i++) {
        const struct solana_key *mint = &terms->mints[i].mint;
        struct solana_key *of = &keys[ACCOUNTS * i];
        of[MINT] = *mint;
        solana_token_address(&of[TOKEN], &terms->account, mint, &SOLANA_TOKEN_PROGRAM);
        solana_token_address(&of[TOKEN_2022], &terms->account, mint, &SOLANA_TOKEN_2022_PROGRAM);
        solana_burned_address(&of[RECORD], &terms->programs, &terms->list, mint);
    }
}

static bool check_mint(const struct burn_terms *terms, struct burn_mint *mint,
                       const struct solana_account accounts[ACCOUNTS], struct err *err)
{
    char text[SOLANA_KEY_TEXT];
    struct solana_burned burned;
    solana_key_format(&mint->mint, text);
    if (!burn_is_mint(&accounts[MINT], &mint->token_program))
        return err_field(err, INVALID_FIELD, "mints", "%s is no mint on the cluster", text);
    if (solana_burned_read(&burned, &accounts[RECORD], &terms->programs))
        return err_fail(err, MINT_TAKEN, "%s was burned for the whitelist", text);
    bool first = solana_key_equal(&mint->token_program, &SOLANA_TOKEN_PROGRAM);
    return burn_has_token(&accounts[first ? TOKEN : TOKEN_2022], mint, &terms->account) ||
           err_fail(err, MINT_NOT_HELD, "the wallet has no %s that it could burn", text);
}

static bool check_mints(struct asking *asking, struct err *err)
{
    struct burn_terms *terms = &asking->burning->terms;
    struct solana_key keys[ACCOUNTS * BURN_MINTS_MAX];
    struct solana_fault fault;
    bool ok = true;
    fill_keys(terms, keys);
    if (!reading_accounts(asking->confirmed, keys, ACCOUNTS * terms->count, 0, &asking->reading, &fault))
        return refuse_away(err, fault.message);
    for (size_t i = 0; ok && i < terms->count; i++)
        ok = check_mint(terms, &terms->mints[i], &asking->reading.accounts[ACCOUNTS * i], err);
    reading_finish(&asking->reading);
    return ok;
}

// ---- What it signs

static bool refuse_simulated(const struct solana_tx_error *error, struct err *err)
{
    const char *name = error->has_custom ? solana_refusal_name(error->custom) : NULL;
    return err_fail(err, BURN_REFUSED, "the cluster says %s", name ? name : error->name);
}

static bool measure_units(struct asking *asking, struct err *err)
{
    struct burning *burning = asking->burning;
    struct solana_simulation tried;
    struct solana_fault fault;
    const struct solana_bytes bytes = {burning->bytes.bytes, burning->bytes.len};
    if (!solana_rpc_simulate(asking->confirmed, bytes, &tried, &fault))
        return refuse_away(err, fault.message);
    bool ok = !*tried.error.name || refuse_simulated(&tried.error, err);
    uint64_t units = tried.units + tried.units / 5;
    burning->terms.units = units < BURN_UNITS_MAX ? (uint32_t)units : (uint32_t)BURN_UNITS_MAX;
    solana_simulation_finish(&tried);
    return ok;
}

static bool compose_all(struct asking *asking, struct err *err)
{
    struct burning *burning = asking->burning;
    burning->terms.blockhash = asking->now.blockhash;
    burning->terms.units = BURN_UNITS_MAX;
    burning->last_valid_height = asking->now.last_valid_height;
    return check_mints(asking, err) && burn_compose(&burning->terms, &burning->bytes, err) &&
           measure_units(asking, err) && burn_compose(&burning->terms, &burning->bytes, err);
}

bool burning_compose(const struct chain *chain, struct burning *burning, struct err *err)
{
    struct asking asking = {.burning = burning};
    struct solana_fault fault;
    const struct solana_rpc_options options = {.url = chain->settings.solana_rpc,
                                               .commitment = SOLANA_CONFIRMED,
                                               .deadline_ms = DEADLINE_MS,
                                               .try_ms = TRY_MS};
    cluster_now(chain->cluster, &asking.now);
    burning->terms.programs = asking.now.programs;
    if (!asking.now.healthy) return refuse_away(err, "the cluster's node does not answer, or is behind");
    if (!check_account(&asking, err)) return false;
    if (!solana_rpc_create(&asking.confirmed, &options, &fault)) return solana_fault_err(&fault, err);
    bool ok = compose_all(&asking, err);
    solana_rpc_destroy(asking.confirmed);
    return ok;
}
