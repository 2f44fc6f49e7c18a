#include "services/chain/ledger/order.h"

#include <sodium.h>
#include <string.h>

static const char SIGNED_DOMAIN[] = "conse/ledger/order/1";
static const char ID_DOMAIN[] = "conse/ledger/order-id/1";

enum { SIGNED_TEXT = sizeof SIGNED_DOMAIN - 1 + MERKLE_HASH_BYTES + LEDGER_ORDER_SIGNED_BYTES };

void ledger_order_encode(const struct ledger_order *order, uint8_t bytes[LEDGER_ORDER_BYTES])
{
    struct fields_writer writer = {bytes};
    fields_put(&writer, &order->from, sizeof order->from);
    fields_put(&writer, &order->to, sizeof order->to);
    fields_put_uint(&writer, order->asset, 4);
    fields_put_uint(&writer, order->amount, 8);
    fields_put_uint(&writer, order->issued_ms, 8);
    fields_put(&writer, order->nonce, sizeof order->nonce);
    fields_put(&writer, order->signature, sizeof order->signature);
}

bool ledger_order_decode(struct ledger_order *order, const uint8_t *bytes, size_t length)
{
    struct fields_reader reader = {bytes, length, false};
    fields_get(&reader, &order->from, sizeof order->from);
    fields_get(&reader, &order->to, sizeof order->to);
    order->asset = (uint32_t)fields_get_uint(&reader, 4);
    order->amount = fields_get_uint(&reader, 8);
    order->issued_ms = fields_get_uint(&reader, 8);
    fields_get(&reader, order->nonce, sizeof order->nonce);
    fields_get(&reader, order->signature, sizeof order->signature);
    return fields_is_whole(&reader);
}

static void signed_text(const struct ledger_order *order, const struct merkle_hash *chain,
                        uint8_t text[SIGNED_TEXT])
{
    uint8_t bytes[LEDGER_ORDER_BYTES];
    struct fields_writer writer = {text};
    ledger_order_encode(order, bytes);
    fields_put(&writer, SIGNED_DOMAIN, sizeof SIGNED_DOMAIN - 1);
    fields_put(&writer, chain, sizeof *chain);
    fields_put(&writer, bytes, LEDGER_ORDER_SIGNED_BYTES);
}

void ledger_order_sign(struct ledger_order *order, const struct merkle_hash *chain,
                       const uint8_t secret_key[64])
{
    uint8_t text[SIGNED_TEXT];
    signed_text(order, chain, text);
    crypto_sign_detached(order->signature, NULL, text, sizeof text, secret_key);
}

bool ledger_order_verify(const struct ledger_order *order, const struct merkle_hash *chain)
{
    uint8_t text[SIGNED_TEXT];
    signed_text(order, chain, text);
    return crypto_sign_verify_detached(order->signature, text, sizeof text, order->from.bytes) == 0;
}

struct merkle_hash ledger_order_id(const struct ledger_order *order)
{
    uint8_t text[sizeof ID_DOMAIN - 1 + LEDGER_ACCOUNT_BYTES + LEDGER_NONCE_BYTES];
    struct fields_writer writer = {text};
    struct merkle_hash id;
    fields_put(&writer, ID_DOMAIN, sizeof ID_DOMAIN - 1);
    fields_put(&writer, &order->from, sizeof order->from);
    fields_put(&writer, order->nonce, sizeof order->nonce);
    crypto_hash_sha256(id.bytes, text, sizeof text);
    return id;
}

bool ledger_account_is_key(const struct ledger_account *account)
{
    return !ledger_account_is_kept(account) && crypto_core_ed25519_is_valid_point(account->bytes) == 1;
}
