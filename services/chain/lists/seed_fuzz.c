#include <stdlib.h>
#include <string.h>

#include "services/chain/lists/lists.h"
#include "services/chain/lists/seed.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void expect_that(bool holds)
{
    if (!holds) abort();
}

// Whatever the file is, what is read of it can be said, and reading comes to an end.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct list_seed_reader reader = list_seed_reader((const char *)bytes, size);
    struct list_seed seed;
    struct err err = {0};
    uint8_t key[LIST_KEY_BYTES];
    size_t count = 0;
    while (list_seed_next(&reader, &seed, &err)) {
        expect_that(++count <= size);
        expect_that(base58_decode(key, sizeof key, seed.mint));
        if (*seed.wallet) expect_that(base58_decode(key, sizeof key, seed.wallet));
        if (!*seed.wallet) expect_that(seed.points && seed.points <= LIST_POINTS_MOST);
    }
    expect_that(reader.at <= reader.end && count <= size / LIST_SEED_LEAST + 1);
    struct err found;
    bool whole = list_seed_check((const char *)bytes, size, &found);
    expect_that(whole == !found.reason && (!err.reason || !whole));
    return 0;
}
