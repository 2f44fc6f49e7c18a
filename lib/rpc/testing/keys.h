// Bus keys for tests.
#ifndef LIB_RPC_TESTING_KEYS_H
#define LIB_RPC_TESTING_KEYS_H

#include "lib/rpc/bus_keys.h"
#include "tests/test.h"

static inline struct bus_key_list key_list_of(uint8_t first, uint8_t second)
{
    return (struct bus_key_list){second ? 2 : 1, {{first}, {second}}};
}

// One key, or two; each is told by a byte.
static inline struct bus_keys *keys_of(uint8_t first, uint8_t second)
{
    const struct bus_key_list list = key_list_of(first, second);
    struct bus_keys *keys = bus_keys_create(&list);
    assert_non_null(keys);
    return keys;
}

#endif
