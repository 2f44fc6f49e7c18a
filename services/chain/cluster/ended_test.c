// What a ticket that is gone was paid, and gave back, is what came to its event's vault and left it.
#include "services/chain/testing/tickets.h"

#include "services/chain/cluster/ended.h"
#include "services/chain/solana/transaction.h"
#include "services/chain/wishes/compose.h"

enum { KEYS = 64, RENT = 1000000 };

static struct lamports lamports;
static struct watched watched;
static struct ended_search search;
static struct permit_bytes bytes;
static uint64_t before[KEYS], after[KEYS];
static uint8_t ticket_at, vault_at;
static struct ticket_story story;

static void find_both(void)
{
    struct solana_transaction tx;
    struct err err = {0};
    assert_true(solana_transaction_parse(&tx, bytes.bytes, bytes.len, &err));
    assert_true(solana_transaction_find(&tx, &search.ticket, &ticket_at));
    assert_true(solana_transaction_find(&tx, &search.vault, &vault_at));
    memset(before, 0, sizeof before);
    memset(after, 0, sizeof after);
    before[vault_at] = after[vault_at] = RENT;
}

// A transaction that names both.
static int set_up(void **state)
{
    struct book_call b;
    struct err err = {0};
    uint8_t id[TILL_ID_BYTES];
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    lamports_begin(&lamports);
    const struct solana_key account = solana_signer_key(&lamports.wallet);
    uuid_bytes(hold_id(1).text, id);
    tickets_begin(&lamports, &b);
    assert_true(seats_ask_permit(&b, till_find_payment(&b.book->till, id), &account, &bytes, &err));
    tickets_end(&lamports, &b);
    assert_true(tickets_watched(&lamports, 1, &watched));
    search = ended_search_of(NULL, &lamports.cluster.now.programs, &watched);
    find_both();
    story = (struct ticket_story){.made = false};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lamports_close(&lamports);
    return 0;
}

static void note(const char *error)
{
    const struct solana_signature signature = {{7}};
    struct solana_landed landed = {.found = true,
                                   .slot = 5,
                                   .time_s = 6,
                                   .bytes = bytes.bytes,
                                   .len = bytes.len,
                                   .before = before,
                                   .after = after,
                                   .balance_count = KEYS};
    snprintf(landed.error.name, sizeof landed.error.name, "%s", error);
    ended_note(&story, &search, &landed, &signature);
}

// From the state before to the one behind it, which is the next one's.
static void moves(uint64_t ticket, int64_t vault)
{
    after[ticket_at] = ticket;
    after[vault_at] = before[vault_at] + (uint64_t)vault;
    note("");
    before[ticket_at] = ticket;
    before[vault_at] = after[vault_at];
}

static void it_has_who_paid_and_what_came_back(void **state)
{
    const struct solana_key wallet = solana_signer_key(&lamports.wallet);
    (void)state;
    moves(RENT, EVENING_PRICE);
    assert_true(story.made && !story.ended);
    assert_int_equal(story.paid, EVENING_PRICE);
    assert_true(solana_key_equal(&story.payer, &wallet));
    assert_int_equal(story.signature.bytes[0], 7);
    moves(0, -EVENING_PRICE);
    assert_true(story.made && story.ended);
    assert_int_equal(story.back, EVENING_PRICE);
}

static void who_lost_got_nothing(void **state)
{
    (void)state;
    moves(RENT, EVENING_PRICE);
    moves(0, 0);
    assert_true(story.ended);
    assert_int_equal(story.back, 0);
}

static void what_strangers_send_there_makes_no_ticket(void **state)
{
    (void)state;
    moves(1, 0);
    assert_false(story.made);
    moves(RENT, EVENING_PRICE);
    assert_true(story.made);
    moves(RENT + 1, 0);
    moves(0, -EVENING_PRICE);
    moves(2, 0);
    assert_true(story.made && story.ended);
    assert_int_equal(story.paid, EVENING_PRICE);
    assert_int_equal(story.back, EVENING_PRICE);
}

// Of an authority that pays, or gives back.
static void end_by(enum outbox_kind kind, enum solana_event_state in)
{
    const struct sight sight = {.has_event = true, .has_ticket = true, .event.state = in};
    struct wish wish = {.aim = {.kind = (uint8_t)kind}, .amount = EVENING_PRICE};
    struct composed composed;
    struct err err = {0};
    memcpy(wish.event, watched.event, sizeof wish.event);
    wish.aim.reference = watched.reference;
    assert_true(
        compose_wish(&wish, &sight, &lamports.cluster.now, &lamports.cluster.signer, &composed, &err));
    memcpy(bytes.bytes, composed.bytes, composed.len);
    bytes.len = composed.len;
    find_both();
    before[ticket_at] = RENT;
    before[vault_at] = RENT + EVENING_PRICE;
    moves(0, -EVENING_PRICE);
}

static void who_won_is_told_from_who_got_it_back(void **state)
{
    (void)state;
    moves(RENT, EVENING_PRICE);
    end_by(OUTBOX_PAY_TICKET, SOLANA_EVENT_SETTLING);
    assert_true(story.ended && story.won);
    end_by(OUTBOX_REFUND, SOLANA_EVENT_OPEN);
    assert_true(story.ended && !story.won);
    assert_int_equal(story.back, EVENING_PRICE);
}

// Of a stranger's, to both at once.
static void give_to_both(void)
{
    struct solana_instruction all[2];
    const struct solana_key stranger = solana_signer_key(&lamports.other);
    struct err err = {0};
    solana_transfer(&all[0], &stranger, &search.ticket, RENT);
    solana_transfer(&all[1], &stranger, &search.vault, 1);
    const struct solana_draft draft = {.payer = stranger,
                                       .blockhash = lamports.cluster.now.blockhash,
                                       .instructions = all,
                                       .instruction_count = 2};
    assert_true(solana_message_compile(&draft, bytes.bytes, &bytes.len, &err));
    find_both();
    moves(RENT, 1);
}

static void what_goes_to_both_makes_none_and_hides_none(void **state)
{
    const struct solana_key wallet = solana_signer_key(&lamports.wallet);
    const struct permit_bytes made = bytes;
    (void)state;
    give_to_both();
    assert_false(story.made || story.unclear);
    bytes = made;
    find_both();
    before[ticket_at] = RENT; // what it needs is there already
    moves(RENT, EVENING_PRICE);
    assert_true(story.made);
    assert_int_equal(story.paid, EVENING_PRICE);
    assert_true(solana_key_equal(&story.payer, &wallet));
}

static void what_ends_and_was_never_made_is_not_known(void **state)
{
    (void)state;
    before[ticket_at] = RENT;
    moves(0, -EVENING_PRICE);
    assert_true(story.unclear);
    assert_false(story.made);
}

static void what_failed_did_nothing(void **state)
{
    (void)state;
    after[ticket_at] = RENT;
    after[vault_at] = RENT + EVENING_PRICE;
    note("Custom");
    assert_false(story.made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_has_who_paid_and_what_came_back),
        TEST(who_lost_got_nothing),
        TEST(who_won_is_told_from_who_got_it_back),
        TEST(what_strangers_send_there_makes_no_ticket),
        TEST(what_goes_to_both_makes_none_and_hides_none),
        TEST(what_ends_and_was_never_made_is_not_known),
        TEST(what_failed_did_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
