// Clusters are known by their first block.
#include "tests/test.h"

#include "services/chain/cluster/genesis.h"

static void public_clusters_have_names(void **state)
{
    (void)state;
    static const char *const known[][2] = {
        {"5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKqc147dw2N9d", "mainnet"},
        {"4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY", "testnet"},
        {"EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxkPZBAG", "devnet"},
        {"11111111111111111111111111111111", "local"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct solana_key genesis;
        assert_true(solana_key_parse(&genesis, known[i][0]));
        assert_string_equal(genesis_name(&genesis), known[i][1]);
    }
}

static void a_bit_makes_another(void **state)
{
    (void)state;
    struct solana_key genesis;
    assert_true(solana_key_parse(&genesis, "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxkPZBAG"));
    genesis.bytes[31] ^= 1;
    assert_string_equal(genesis_name(&genesis), "local");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_clusters_have_names),
        cmocka_unit_test(a_bit_makes_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
