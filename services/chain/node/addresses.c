#include "services/chain/node/addresses.h"

#include <stdio.h>
#include <string.h>

#include "ledger.pb-c.h"
#include "services/chain/tables.h"

enum { HASH_AT = 94 };

static const struct store_table *const addresses = &chain_tables[CHAIN_ADDRESSES];

bool addresses_find(struct chain *chain, const struct ledger_account *key, struct arena *arena,
                    const char **address, struct err *err)
{
    const struct store_query query = {.index = "by_key",
                                      .equal = {{.text = (const char *)key->bytes, .len = sizeof *key}},
                                      .equal_count = 1,
                                      .limit = 1,
                                      .page_token = ""};
    struct store_rows rows;
    if (!store_find(chain->store, addresses, &query, arena, &rows, err)) return false;
    *address = rows.count ? ((const Ledger__AddressRow *)rows.messages[0])->address : "";
    return true;
}

// Another process may have stored the same just now.
static bool store_address(struct chain *chain, const struct coinixerr_digest *address,
                          const struct ledger_account *key, struct err *err)
{
    Ledger__AddressRow row = LEDGER__ADDRESS_ROW__INIT;
    const struct store_write write = {.done = NULL};
    row.id = address->text + HASH_AT;
    row.address = address->text;
    row.key = (ProtobufCBinaryData){sizeof *key, (uint8_t *)key->bytes};
    if (store_wait(chain->store, store_put(chain->store, addresses, &row.base, 0, &write), err)) return true;
    if (!err_is(err, CONFLICT)) return false;
    *err = (struct err){0};
    return true;
}

bool addresses_make(struct chain *chain, const struct coinixerr_salt *salt, const struct ledger_account *key,
                    struct arena *arena, const char **address, struct err *err)
{
    struct coinixerr_digest made;
    if (!addresses_find(chain, key, arena, address, err)) return false;
    if (**address) return true;
    if (!coinixerr_digest_make(&made, salt, key->bytes, sizeof key->bytes))
        return err_fail(err, SERVICE_BUSY, "out of memory");
    if (!store_address(chain, &made, key, err)) return false;
    *address = arena_str(arena, made.text);
    return *address || err_fail(err, SERVICE_BUSY, "out of memory");
}

bool addresses_key(struct chain *chain, const struct coinixerr_digest *address, struct arena *arena,
                   struct ledger_account *key, struct err *err)
{
    Ledger__AddressRow *row;
    uint64_t version;
    if (!store_get(chain->store, addresses, address->text + HASH_AT, arena, (ProtobufCMessage **)&row,
                   &version, err))
        return false;
    bool known = row && strcmp(row->address, address->text) == 0 && row->key.len == sizeof *key;
    if (known) memcpy(key->bytes, row->key.data, sizeof key->bytes);
    return known || err_fail(err, NOT_FOUND, "nobody with this address is known here");
}
