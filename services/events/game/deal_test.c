// The deal: the same bytes as the second implementation in tests/e2e/parts/fairness.mjs, from which these
// values come.
#include <sodium.h>

#include "lib/base/ids.h"
#include "lib/base/merkle.h"
#include "services/events/game/checkpoint.h"
#include "services/events/game/deal.h"
#include "tests/test.h"

#define ID(digits) "01890000-0000-7000-8000-0000000000" digits

static const char event_id[] = ID("01");
static const struct deal_role deck[] = {{ID("11"), 1}, {ID("12"), 2}, {ID("13"), 4}};
static uint8_t secret[DEAL_HASH], nonce_a[DEAL_NONCE], nonce_5[DEAL_NONCE];
static const struct deal_seat seats[] = {{ID("21"), nonce_a, DEAL_NONCE},
                                         {ID("22"), NULL, 0},
                                         {ID("23"), nonce_5, DEAL_NONCE},
                                         {ID("24"), NULL, 0},
                                         {ID("25"), NULL, 0}};
static const struct deal_terms terms = {
    .event_id = event_id, .k = 3, .roles = deck, .roles_count = 3, .seats = seats, .seats_count = 5};

static void assert_hex(const uint8_t hash[DEAL_HASH], const char *expected)
{
    char hex[65];
    hex_encode(hex, hash, DEAL_HASH);
    assert_string_equal(hex, expected);
}

static void commits_to_a_secret(void **state)
{
    (void)state;
    uint8_t hash[DEAL_HASH];
    deal_commitment(hash, event_id, 3, secret);
    assert_hex(hash, "7150287d492461224490c723a142cb476481b87dc4207d74c11ca252d2c2ad99");
}

static void hashes_the_deck_and_the_seed(void **state)
{
    (void)state;
    uint8_t hash[DEAL_HASH];
    deal_deck_hash(hash, deck, 3);
    assert_hex(hash, "9a96358c7a64b159ee2d1d77b60d57b9f4af2910899fb876ac4d459bdc19b705");
    deal_seed(hash, &terms, secret);
    assert_hex(hash, "6bd09766375af310705dd2d8d51dea7e48cc06653a2dbcde66f478131e788d6d");
}

// From the ninth on k takes four bytes.
static void seeds_a_further_deal_by_a_formula_of_its_own(void **state)
{
    (void)state;
    uint8_t hash[DEAL_HASH];
    struct deal_terms further = terms;
    further.k = 1000;
    deal_seed(hash, &further, secret);
    assert_hex(hash, "cfc8bff9f06f94c5f5734b9bd26bfdae258194b3b0555a22c56fd3f45f398b9d");
}

static void proves_a_further_secret(void **state)
{
    (void)state;
    struct deal_secrets secrets = {.further = true};
    struct deal_commitments committed;
    uint8_t siblings[DEAL_PROOF][DEAL_HASH], last[DEAL_HASH];
    memset(secrets.seed, 7, sizeof secrets.seed);
    deal_commit(&committed, event_id, &secrets);
    for (uint32_t k = 9; k <= DEAL_MOST; k += k == 9 ? 1 : 341) {
        deal_secret(last, &secrets, k);
        deal_prove(siblings, event_id, &secrets, k);
        assert_true(deal_prove_check(committed.further_root, event_id, k, last, siblings));
        assert_false(deal_prove_check(committed.further_root, event_id, k ^ 1, last, siblings));
        assert_false(deal_prove_check(committed.further_root, ID("02"), k, last, siblings));
        last[31] ^= 1;
        assert_false(deal_prove_check(committed.further_root, event_id, k, last, siblings));
    }
    assert_false(deal_prove_check(committed.further_root, event_id, 8, last, siblings));
    assert_false(deal_prove_check(committed.further_root, event_id, DEAL_MOST + 1, last, siblings));
    assert_false(deal_prove_check(committed.further_root, "short", 9, last, siblings));
}

// The tree of the second implementation, over secrets of which each is its number.
static void roots_further_secrets(void **state)
{
    (void)state;
    uint8_t number[DEAL_HASH] = {0}, siblings[DEAL_PROOF][DEAL_HASH], root[DEAL_HASH];
    static const char *const proof[DEAL_PROOF] = {
        "aa041a17e56c9ba59c85c209df06b311f1a8bdcb23349a634f0c7521030d361e",
        "f34351f438d4b24f6f922e081ef06c9a956008bdd5c71841b4ff01c5af3c67f8",
        "d1932388af1b033ade079a59be52792a019634e8333671fa071fe2318a408b4f",
        "e5aee0025330a97ddf183f5c5788c1b28d621033e27043f3f4d298eebeafb76d",
        "b02e755354194bc089896e6b79f4a00ad8038a20c63f2ccabe8d1c98851fc8f6",
        "27c62c73d224d65f2f218a24818a3765fdea7016d185ac8abc3ac596e22e85f4",
        "b92b8028d9728bae9afa8d3cbdd8515c6d09812f824aa6283cc9a24288adf3f2",
        "48c1b64a80d9763cca4885c8ac28ed82bde3cbf3fda9455afd6147c53c0636e5",
        "0636288210764576d6135d3908c50122f1ecba6a668cabd57902247a82522406",
        "091fdef30f5e42a5a74388c4951596829c5202fb67e2683a348df8dfa6692bfe"};
    number[30] = 1000 >> 8, number[31] = 1000 & 255;
    for (int i = 0; i < DEAL_PROOF; i++) assert_true(hex_decode(siblings[i], DEAL_HASH, proof[i]));
    assert_true(
        hex_decode(root, DEAL_HASH, "55e01821d094b05ba25b9049a737b72eaf818b538f0ed0461b10b9645af0cc56"));
    assert_true(deal_prove_check(root, event_id, 1000, number, siblings));
}

static void shuffles_by_chacha20(void **state)
{
    (void)state;
    static const uint16_t expected[20] = {6,  16, 9, 19, 14, 8,  15, 5,  12, 1,
                                          17, 3,  2, 4,  0,  10, 18, 11, 7,  13};
    uint16_t cards[20];
    for (uint16_t i = 0; i < 20; i++) cards[i] = i;
    deal_shuffle(secret, cards, 20);
    assert_memory_equal(cards, expected, sizeof expected);
}

static void deals_a_card_to_each_seat(void **state)
{
    (void)state;
    static const uint16_t expected[5] = {1, 0, 1, 2, 2};
    uint16_t role_of[DEAL_MAX_SEATS];
    assert_true(deal_cards(&terms, secret, role_of));
    assert_memory_equal(role_of, expected, sizeof expected);
}

static void refuses_fewer_cards_than_seats(void **state)
{
    (void)state;
    static const struct deal_role small[] = {{ID("11"), 4}};
    struct deal_terms short_of = terms;
    uint16_t role_of[DEAL_MAX_SEATS];
    short_of.roles = small;
    short_of.roles_count = 1;
    assert_false(deal_cards(&short_of, secret, role_of));
}

static void roots_the_cards(void **state)
{
    (void)state;
    uint16_t role_of[DEAL_MAX_SEATS];
    struct merkle_hash leaves[5];
    uint8_t salt[DEAL_HASH];
    assert_true(deal_cards(&terms, secret, role_of));
    for (uint32_t i = 0; i < 5; i++) {
        deal_salt(salt, secret, i);
        if (i == 2) assert_hex(salt, "43f85c0e8dffe6da4c1059178fc0edb77fc3a0f01dc15a57834669d24314a844");
        deal_leaf(leaves[i].bytes, seats[i].user_id, deck[role_of[i]].role_id, salt);
    }
    assert_hex(leaves[2].bytes, "b510627e23709c3eb8f9bb7719f6eef9183114446a29a03f32a6a37f26bff685");
    struct merkle_hash root = merkle_root(leaves, 5);
    assert_hex(root.bytes, "dd47365fa1bbcab490aee66ef531e0ed50b27fe4de712e40fe4378681931a0ee");
}

// Each of 6 orders of 3 cards 1000 times expected in 6000; chi-squared with 5 degrees of freedom is below 30
// but once in 70 000.
static void deals_evenly(void **state)
{
    (void)state;
    enum { DEALS = 6000 };
    int seen[27] = {0};
    double chi = 0;
    for (int d = 0; d < DEALS; d++) {
        uint8_t seed[DEAL_HASH] = {(uint8_t)d, (uint8_t)(d >> 8), 1};
        uint16_t cards[3] = {0, 1, 2};
        deal_shuffle(seed, cards, 3);
        seen[cards[0] * 9 + cards[1] * 3 + cards[2]]++;
    }
    for (int i = 0; i < 27; i++)
        if (seen[i]) chi += (seen[i] - 1000.0) * (seen[i] - 1000.0) / 1000.0;
    assert_true(chi < 30);
}

static void chains_entries(void **state)
{
    (void)state;
    struct hash_chain chain = {0};
    uint8_t leaf[HASH_CHAIN_HASH], salt[HASH_CHAIN_SALT];
    memset(salt, 7, sizeof salt);
    hash_chain_leaf(leaf, salt, "hello", 5);
    assert_hex(leaf, "b2197b5ea32ddd6d106cdc9373c834bae9e338b6bfa1c4b0be404a27c7a87bb4");
    hash_chain_advance(&chain, leaf);
    assert_hex(chain.head, "6f88836eba73430422f4224c57e950a1597b2de8ac643ed23ed3347816b70cdd");
    hash_chain_advance(&chain, leaf);
    assert_hex(chain.head, "dd762bc5a1d889bc70bd0f383c89850f02e180e4ffd3935152bcc4d36485e74c");
    assert_int_equal(chain.seq, 2);
}

static void signs_what_a_checkpoint_says(void **state)
{
    (void)state;
    uint8_t message[CHECKPOINT_MOST], hash[HASH_CHAIN_HASH] = {9};
    size_t len = checkpoint_message(message, event_id, 0x01020304, hash);
    assert_int_equal(len, CHECKPOINT_MOST);
    assert_memory_equal(message, "conse/checkpoint/1", 18);
    assert_memory_equal(message + 18, event_id, 36);
    assert_memory_equal(message + 54, "\x01\x02\x03\x04\x09", 5);
}

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < DEAL_HASH; i++) secret[i] = (uint8_t)i;
    memset(nonce_a, 0xaa, sizeof nonce_a);
    memset(nonce_5, 0x55, sizeof nonce_5);
    return sodium_init() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commits_to_a_secret),
        cmocka_unit_test(hashes_the_deck_and_the_seed),
        cmocka_unit_test(seeds_a_further_deal_by_a_formula_of_its_own),
        cmocka_unit_test(proves_a_further_secret),
        cmocka_unit_test(roots_further_secrets),
        cmocka_unit_test(shuffles_by_chacha20),
        cmocka_unit_test(deals_a_card_to_each_seat),
        cmocka_unit_test(refuses_fewer_cards_than_seats),
        cmocka_unit_test(roots_the_cards),
        cmocka_unit_test(deals_evenly),
        cmocka_unit_test(chains_entries),
        cmocka_unit_test(signs_what_a_checkpoint_says),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
