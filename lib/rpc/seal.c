#include "lib/rpc/seal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { HEAD_BYTES = 2 * SEAL_ID_BYTES + 8 + 8 };

const char *seal_fault_text(enum seal_fault fault)
{
    static const char *const texts[] = {
        "fine",
        "it is not sealed, or by a program of another version",
        "it has another key, or is meant for another service",
        "its time is more than 30 s from ours",
        "it was sent before",
        "its connection is not known",
        "there are too many senders",
    };
    return texts[fault];
}

void seal_init(struct seal *seal, struct bus_keys *keys, enum seal_use use, const char *service)
{
    static const char *const uses[] = {"request", "reply", "topic"};
    *seal = (struct seal){.keys = keys};
    snprintf(seal->context, sizeof seal->context, "conse/%s/%d/%s", uses[use], SEAL_VERSION, service);
    pthread_mutex_init(&seal->mutex, NULL);
}

void seal_finish(struct seal *seal)
{
    pthread_mutex_destroy(&seal->mutex);
    bus_key_list_forget(&seal->derived);
}

static struct bus_key_list derived_keys(struct seal *seal)
{
    pthread_mutex_lock(&seal->mutex);
    if (seal->version != bus_keys_version(seal->keys))
        seal->version = bus_keys_derive(seal->keys, seal->context, &seal->derived);
    struct bus_key_list derived = seal->derived;
    pthread_mutex_unlock(&seal->mutex);
    return derived;
}

static void put_u64le(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 8; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_u64le(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) value = value << 8 | at[i];
    return value;
}

static void pack_head(uint8_t out[HEAD_BYTES], const struct seal_head *head)
{
    memcpy(out, head->sender, SEAL_ID_BYTES);
    memcpy(out + SEAL_ID_BYTES, head->connection, SEAL_ID_BYTES);
    put_u64le(out + 2 * SEAL_ID_BYTES, head->counter);
    put_u64le(out + 2 * SEAL_ID_BYTES + 8, (uint64_t)head->time_ms);
}

static void unpack_head(struct seal_head *head, const uint8_t bytes[HEAD_BYTES])
{
    memcpy(head->sender, bytes, SEAL_ID_BYTES);
    memcpy(head->connection, bytes + SEAL_ID_BYTES, SEAL_ID_BYTES);
    head->counter = get_u64le(bytes + 2 * SEAL_ID_BYTES);
    head->time_ms = (int64_t)get_u64le(bytes + 2 * SEAL_ID_BYTES + 8);
}

bool seal_close(struct seal *seal, nng_msg *message, const struct seal_head *head)
{
    if (!seal->keys) return true;
    size_t len = nng_msg_len(message) + HEAD_BYTES;
    if (nng_msg_realloc(message, nng_msg_len(message) + SEAL_BYTES) != 0) return false;
    struct bus_key_list derived = derived_keys(seal);
    uint8_t *bytes = nng_msg_body(message);
    pack_head(bytes + len - HEAD_BYTES, head);
    crypto_generichash(bytes + len, SEAL_MAC_BYTES, bytes, len, derived.keys[0], BUS_KEY_BYTES);
    bytes[len + SEAL_MAC_BYTES] = SEAL_VERSION;
    bus_key_list_forget(&derived);
    return true;
}

static bool has_mac(const uint8_t *bytes, size_t len, const struct bus_key_list *derived)
{
    uint8_t mac[SEAL_MAC_BYTES];
    for (size_t i = 0; i < derived->count; i++) {
        crypto_generichash(mac, sizeof mac, bytes, len, derived->keys[i], BUS_KEY_BYTES);
        if (sodium_memcmp(mac, bytes + len, sizeof mac) == 0) return true;
    }
    return false;
}

static bool is_timely(int64_t time_ms, int64_t now_ms)
{
    int64_t least, most;
    return !__builtin_sub_overflow(now_ms, SEAL_SKEW_MS, &least) &&
           !__builtin_add_overflow(now_ms, SEAL_SKEW_MS, &most) && time_ms >= least && time_ms <= most;
}

enum seal_fault seal_open(struct seal *seal, nng_msg *message, int64_t now_ms, struct seal_head *head)
{
    *head = (struct seal_head){0};
    if (!seal->keys) return SEAL_FINE;
    const uint8_t *bytes = nng_msg_body(message);
    size_t len = nng_msg_len(message);
    if (len < SEAL_BYTES || bytes[len - 1] != SEAL_VERSION) return SEAL_OTHER_VERSION;
    struct bus_key_list derived = derived_keys(seal);
    bool ours = has_mac(bytes, len - 1 - SEAL_MAC_BYTES, &derived);
    bus_key_list_forget(&derived);
    if (!ours) return SEAL_WRONG_KEY;
    unpack_head(head, bytes + len - SEAL_BYTES);
    if (!is_timely(head->time_ms, now_ms)) return SEAL_OTHER_TIME;
    return nng_msg_chop(message, SEAL_BYTES) == 0 ? SEAL_FINE : SEAL_OTHER_VERSION;
}
