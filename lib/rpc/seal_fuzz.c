// Seals of any bytes: what opens is what was sealed, and no counter is taken twice, whatever the heads say.
#include <string.h>

#include "lib/rpc/senders.h"

enum { SENDERS = 4, NOW_MS = 1000000000 };

static struct bus_keys *keys;

static nng_msg *message_of(const uint8_t *bytes, size_t len)
{
    nng_msg *message;
    if (nng_msg_alloc(&message, 0) != 0 || nng_msg_append(message, bytes, len) != 0) __builtin_trap();
    return message;
}

// Bytes that have no seal of ours.
static void open_anything(struct seal *seal, const uint8_t *bytes, size_t len)
{
    struct seal_head head;
    nng_msg *message = message_of(bytes, len);
    if (seal_open(seal, message, NOW_MS, &head) == SEAL_FINE || nng_msg_len(message) != len) __builtin_trap();
    nng_msg_free(message);
}

// The bytes as the heads of sealed messages, one after another.
static void open_sealed(struct seal *seal, struct senders *senders, const uint8_t *bytes, size_t len)
{
    struct seal_head head = {{0}, {0}, 0, NOW_MS}, found;
    for (; len >= 4; bytes += 4, len -= 4) {
        head.sender[0] = bytes[0] % (2 * SENDERS);
        head.counter += bytes[1];
        head.counter -= bytes[2];
        head.time_ms += (int8_t)bytes[3] * 1000;
        nng_msg *message = message_of(bytes, 4);
        if (!seal_close(seal, message, &head)) __builtin_trap();
        if (seal_open(seal, message, NOW_MS, &found) == SEAL_FINE) {
            if (memcmp(&head, &found, sizeof head) != 0 || nng_msg_len(message) != 4) __builtin_trap();
            if (senders_meet(senders, &found, NOW_MS) == SEAL_FINE &&
                senders_meet(senders, &found, NOW_MS) != SEAL_REPEATED)
                __builtin_trap();
        }
        nng_msg_free(message);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct bus_key_list list = {2, {{1}, {2}}};
    struct seal seal;
    struct senders senders;
    struct err err;
    if (!keys && !(keys = bus_keys_create(&list))) __builtin_trap();
    seal_init(&seal, keys, SEAL_TOPIC, "auth");
    if (!senders_init(&senders, SENDERS, &err)) __builtin_trap();
    open_anything(&seal, bytes, len);
    open_sealed(&seal, &senders, bytes, len);
    senders_finish(&senders);
    seal_finish(&seal);
    return 0;
}
