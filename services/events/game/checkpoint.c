#include "services/events/game/checkpoint.h"

#include <string.h>

size_t checkpoint_message(uint8_t out[CHECKPOINT_MOST], const char *event_id, uint32_t phase_number,
                          const uint8_t hash[HASH_CHAIN_HASH])
{
    static const char tag[] = "conse/checkpoint/1";
    uint8_t *at = out;
    memcpy(at, tag, sizeof tag - 1);
    at += sizeof tag - 1;
    size_t id_len = strnlen(event_id, 36);
    memcpy(at, event_id, id_len);
    at += id_len;
    for (int i = 0; i < 4; i++) *at++ = (uint8_t)(phase_number >> (24 - 8 * i));
    memcpy(at, hash, HASH_CHAIN_HASH);
    return (size_t)(at + HASH_CHAIN_HASH - out);
}
