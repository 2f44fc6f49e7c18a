// People are given CONSE and give it to each other; what is told of it can be checked.
#include "lib/base/base58.h"
#include "services/chain/testing/house.h"

static int set_up(void **state)
{
    *state = house_at(NULL);
    return 0;
}

static int tear_down(void **state)
{
    house_close(*state);
    return 0;
}

#define GRANT_ANN "{'to_user_id': '" ANN "', 'amount': '1000', 'memo': 'welcome'}"

static void a_dev_grants_and_people_transfer(void **state)
{
    struct house *house = *state;
    const Chain__TransactionReply *granted = house_must(house, DEV, "chain.Grant", GRANT_ANN);
    assert_int_equal(granted->balance, 1000);
    assert_string_equal(granted->transaction->memo, "welcome");
    assert_int_equal(granted->transaction->kind, CHAIN__TRANSACTION__KIND__GRANT);

    const Chain__TransactionReply *given =
        house_must(house, ANN, "chain.Transfer", "{'to_username': 'BOB', 'amount': '300'}");
    assert_int_equal(given->balance, 700);
    assert_int_equal(given->transaction->n_movements, 2);
    assert_int_equal(house_balance(house, BOB), 300);
    assert_int_equal(house_balance(house, ANN), 700);
    assert_int_equal(house_balance(house, EVE), 0);
}

static void what_cannot_be_given_is_refused(void **state)
{
    struct house *house = *state;
    house_must(house, DEV, "chain.Grant", GRANT_ANN);
    house_refuses(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '1001'}",
                  IS(FUNDS_SHORT));
    house_refuses(house, EVE, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '1'}", IS(FUNDS_SHORT));
    house_refuses(house, ANN, "chain.Transfer", "{'to_user_id': '" ANN "', 'amount': '1'}",
                  IS(INVALID_FIELD));
    assert_string_equal(house->err.field, "to_user_id");
    house_refuses(house, ANN, "chain.Transfer",
                  "{'to_user_id': '" BOB "', 'to_username': 'bob', 'amount': '1'}", IS(INVALID_FIELD));
    house_refuses(house, ANN, "chain.Transfer", "{'amount': '1'}", IS(INVALID_FIELD));
    house_refuses(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '0'}",
                  IS(INVALID_FIELD));
    house_refuses(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '9007199254740992'}",
                  IS(INVALID_FIELD));
    assert_int_equal(house_balance(house, ANN), 1000);
}

// Nobody knows whether who is not known yet exists: then nothing is lost to an account that nobody has.
static void money_goes_to_nobody_unknown(void **state)
{
    struct house *house = *state;
    house_must(house, DEV, "chain.Grant", GRANT_ANN);
    assert_null(house_ask(house, ANN, "chain.Transfer", "{'to_user_id': '" STRANGER "', 'amount': '1'}"));
    assert_true(err_is(&house->err, SERVICE_AWAY) || err_is(&house->err, NOT_FOUND));
    assert_int_equal(house_balance(house, ANN), 1000);
}

static void a_day_has_its_limit(void **state)
{
    struct house *house = *state;
    house->chain.settings.transfer_limit = 500;
    house_must(house, DEV, "chain.Grant", GRANT_ANN);
    house_must(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '400'}");
    house_refuses(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '101'}",
                  IS(TRANSFER_LIMIT));
    house_restart(house);
    house->chain.settings.transfer_limit = 500;
    house_refuses(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '101'}",
                  IS(TRANSFER_LIMIT));
    house->now_ms += 24 * 3600 * 1000;
    house_must(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '101'}");
    assert_int_equal(house_balance(house, BOB), 501);
}

static void a_repetition_moves_nothing(void **state)
{
    struct house *house = *state;
    house_must(house, DEV, "chain.Grant", GRANT_ANN);
    house->key = "once";
    uint64_t first = ((const Chain__TransactionReply *)house_must(
                          house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '300'}"))
                         ->transaction->id;
    house_restart(house);
    const Chain__TransactionReply *again =
        house_must(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '300'}");
    assert_int_equal(again->transaction->id, first);
    house_refuses(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '301'}",
                  IS(IDEMPOTENCY_MISMATCH));
    house->key = NULL;
    assert_int_equal(house_balance(house, ANN), 700);
}

static void the_history_goes_back_to_the_first(void **state)
{
    struct house *house = *state;
    house_must(house, DEV, "chain.Grant", GRANT_ANN);
    for (int i = 0; i < 5; i++)
        house_must(house, ANN, "chain.Transfer",
                   "{'to_user_id': '" BOB "', 'amount': '10', 'memo': 'a coin'}");
    char next[64] = "", request[256];
    size_t count = 0;
    int64_t sum = 0;
    do {
        snprintf(request, sizeof request, "{'user_id': '" ANN "', 'page_size': 4, 'page_token': '%s'}", next);
        const Chain__ListTransactionsReply *page = house_must(house, ANN, "chain.ListTransactions", request);
        for (size_t i = 0; i < page->n_transactions; i++)
            for (size_t k = 0; k < page->transactions[i]->n_movements; k++)
                if (strcmp(page->transactions[i]->movements[k]->user_id, ANN) == 0)
                    sum += page->transactions[i]->movements[k]->amount;
        assert_string_equal(page->transactions[page->n_transactions - 1]->memo, *next ? "welcome" : "a coin");
        count += page->n_transactions;
        snprintf(next, sizeof next, "%s", page->next_page_token);
    } while (*next);
    assert_int_equal(count, 6);
    assert_int_equal(sum, 950);
    house_refuses(house, ANN, "chain.ListTransactions", "{'user_id': '" ANN "', 'page_token': '1'}",
                  IS(BAD_PAGE_TOKEN));
    house_refuses(house, ANN, "chain.ListTransactions", "{'user_id': '" ANN "', 'page_token': '-1'}",
                  IS(BAD_PAGE_TOKEN));
    house_refuses(house, EVE, "chain.ListTransactions", "{'user_id': '" ANN "'}", IS(NOT_OWNER));
    house_must(house, DEV, "chain.ListTransactions", "{'user_id': '" ANN "'}");
    house_must(house, EVE, "chain.ListTransactions", "{'user_id': '" EVE "'}");
}

// A reader finds the line that is opened in the record, and the record in its block.
static void a_transaction_is_proven(void **state)
{
    struct house *house = *state;
    struct merkle_hash leaf, root;
    struct merkle_proof proof = {.count = 0};
    char request[96];
    house_must(house, DEV, "chain.Grant", GRANT_ANN);
    house_must(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '5'}");
    house_seal(house);
    const Chain__ListTransactionsReply *list =
        house_must(house, BOB, "chain.ListTransactions", "{'user_id': '" BOB "'}");
    const Chain__Transaction *shown = list->transactions[0];
    uint64_t id = shown->id;
    leaf = merkle_leaf(shown->record.data, shown->record.len);
    for (size_t i = 0; i < shown->n_opened; i++) {
        struct merkle_hash blind, line;
        struct ledger_account account;
        memcpy(blind.bytes, shown->opened[i]->blind.data, sizeof blind.bytes);
        assert_true(base58_decode(account.bytes, sizeof account.bytes, shown->movements[i]->account));
        line = ledger_line(&blind, &account, shown->opened[i]->asset, shown->movements[i]->amount);
        const uint8_t *stored = shown->record.data + 1 + 1 + 8 + 8 + 32 + 2 + 32 * shown->opened[i]->place;
        assert_memory_equal(line.bytes, stored, sizeof line.bytes);
    }
    snprintf(request, sizeof request, "{'index': '0', 'transaction': '%llu'}", (unsigned long long)id);
    const Chain__LedgerProofReply *proven = house_must(house, EVE, "chain.GetLedgerProof", request);
    memcpy(root.bytes, proven->block->root.data, sizeof root.bytes);
    for (; proof.count < proven->n_siblings; proof.count++)
        memcpy(proof.siblings[proof.count].bytes, proven->siblings[proof.count].data, sizeof root.bytes);
    assert_true(merkle_check(&root, proven->block->count, proven->place, &leaf, &proof));

    struct ledger_block block;
    struct ledger_account authority;
    assert_true(ledger_block_decode(&block, proven->block->header.data, proven->block->header.len));
    uint8_t signature[LEDGER_SIGNATURE_BYTES];
    memcpy(signature, proven->block->signature.data, sizeof signature);
    const Chain__Ledger *ledger = house_must(house, EVE, "chain.GetLedger", "{}");
    memcpy(authority.bytes, ledger->authority.data, sizeof authority.bytes);
    assert_true(ledger_block_verify(&block, &authority, signature));
    const Chain__ListLedgerBlocksReply *blocks = house_must(house, EVE, "chain.ListLedgerBlocks", "{}");
    assert_int_equal(blocks->n_blocks, 1);
    const Chain__LedgerBlockReply *got = house_must(house, EVE, "chain.GetLedgerBlock", "{'index': '0'}");
    assert_int_equal(got->n_leaves, block.count);
}

static void what_is_not_there_is_not_found(void **state)
{
    struct house *house = *state;
    house_seal(house);
    house_refuses(house, EVE, "chain.GetLedgerBlock", "{'index': '7'}", IS(NOT_FOUND));
    house_refuses(house, EVE, "chain.GetLedgerBlock", "{'index': '-1'}", IS(NOT_FOUND));
    house_refuses(house, EVE, "chain.GetLedgerProof", "{'index': '0', 'transaction': '99'}", IS(NOT_FOUND));
    house_refuses(house, EVE, "chain.GetLedgerProof", "{'index': '0', 'transaction': 'x'}", IS(NOT_FOUND));
}

static void a_grant_needs_a_dev(void **state)
{
    struct house *house = *state;
    house_refuses(house, ANN, "chain.Grant", GRANT_ANN, IS(LEVEL_TOO_LOW));
    house_refuses(house, DEV, "chain.Grant", "{'to_user_id': '" ANN "', 'amount': '1'}", IS(INVALID_FIELD));
}

static void devs_see_what_was_issued(void **state)
{
    struct house *house = *state;
    char request[64];
    house_must(house, DEV, "chain.Grant", GRANT_ANN);
    house_must(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '10'}");
    house->operates = true;
    house_must(house, "", "chain.MakeCard",
               "{'user_id': '" ANN "', 'role_id': '" BOB "', 'event_id': '" EVE "'}");
    house->operates = false;
    house_must(house, DEV, "chain.Grant", "{'to_user_id': '" BOB "', 'amount': '7', 'memo': 'a prize'}");
    const Chain__ListGrantsReply *page = house_must(house, DEV, "chain.ListGrants", "{'page_size': 1}");
    assert_int_equal(page->n_grants, 1);
    assert_string_equal(page->grants[0]->transaction->memo, "a prize");
    assert_string_equal(page->grants[0]->by_id, DEV);
    snprintf(request, sizeof request, "{'page_token': '%s'}", page->next_page_token);
    page = house_must(house, DEV, "chain.ListGrants", request);
    assert_int_equal(page->n_grants, 1);
    assert_string_equal(page->grants[0]->transaction->memo, "welcome");
    assert_string_equal(page->next_page_token, "");
    house_refuses(house, ANN, "chain.ListGrants", "{}", IS(LEVEL_TOO_LOW));
    house_refuses(house, DEV, "chain.ListGrants", "{'page_token': 'x'}", IS(BAD_PAGE_TOKEN));
    assert_string_equal(house->err.field, "page_token");
}

// What moves something is in people's histories, and has a name there.
static void every_kind_that_moves_has_a_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ledger__entry__descriptor.n_fields; i++) {
        unsigned kind = ledger__entry__descriptor.fields[i].id;
        bool moves = kind >= LEDGER__ENTRY__BODY_TRANSFERRED && kind != LEDGER__ENTRY__BODY_CANCEL_SET &&
                     kind != LEDGER__ENTRY__BODY_ROLE_STOPPED && kind != LEDGER__ENTRY__BODY_FOLLOWED_TO &&
                     kind != LEDGER__ENTRY__BODY_JOB_CHANGED &&
                     (kind < LEDGER__ENTRY__BODY_GAME_JUDGED || kind == LEDGER__ENTRY__BODY_COINS_GIVEN);
        const ProtobufCEnumValue *value =
            protobuf_c_enum_descriptor_get_value(&chain__transaction__kind__descriptor, (int)kind);
        assert_true(moves == (value != NULL));
    }
}

// ---- Who leaves

// Whether the store's ledger has the bytes anywhere.
static bool is_stored(struct house *house, const void *bytes, size_t len)
{
    struct store_entries page = {.more = true};
    struct arena arena;
    struct err err = {0};
    bool found = false;
    arena_init(&arena, 32 << 20);
    for (uint64_t next = 1; page.more; next = page.first_seq + page.count) {
        assert_true(store_read(house->chain.store, BOOK_STREAM, next, 500, &arena, &page, &err));
        for (size_t i = 0; i < page.count; i++)
            found |= memmem(page.entries[i].data, page.entries[i].len, bytes, len) != NULL;
    }
    arena_finish(&arena);
    return found;
}

static void who_leaves_is_named_no_more(void **state)
{
    struct house *house = *state;
    const struct ledger_owner ann = book_user(ANN);
    house_must(house, DEV, "chain.Grant", GRANT_ANN);
    house_must(house, ANN, "chain.Transfer", "{'to_username': 'bob', 'amount': '5', 'memo': 'my secret'}");
    house_must(house, BOB, "chain.Transfer", "{'to_username': 'ann', 'amount': '1', 'memo': 'thanks'}");
    house_seal(house);
    assert_true(is_stored(house, ann.id, 16) && is_stored(house, "my secret", 9));
    house_teach(house, (struct name_news){.user_id = ANN, .name = "deleted-a1", .deleted = true});

    assert_false(is_stored(house, ann.id, 16));
    assert_false(is_stored(house, "my secret", 9));
    assert_true(is_stored(house, "thanks", 6)); // it is Bob's
    house_restart(house);
    const Chain__ListTransactionsReply *list =
        house_must(house, BOB, "chain.ListTransactions", "{'user_id': '" BOB "'}");
    assert_int_equal(list->n_transactions, 2);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < list->transactions[i]->n_movements; k++)
            assert_string_not_equal(list->transactions[i]->movements[k]->user_id, ANN);
    assert_string_equal(list->transactions[1]->memo, "");
    assert_null(house_ask(house, BOB, "chain.Transfer", "{'to_user_id': '" ANN "', 'amount': '1'}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dev_grants_and_people_transfer),
        TEST(what_cannot_be_given_is_refused),
        TEST(money_goes_to_nobody_unknown),
        TEST(a_day_has_its_limit),
        TEST(a_repetition_moves_nothing),
        TEST(the_history_goes_back_to_the_first),
        TEST(a_transaction_is_proven),
        TEST(what_is_not_there_is_not_found),
        TEST(a_grant_needs_a_dev),
        TEST(devs_see_what_was_issued),
        TEST(every_kind_that_moves_has_a_name),
        TEST(who_leaves_is_named_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
