// History is asked for what a wish waits for: one question of a turn, an address every few minutes, each wish
// in its turn.
#include "services/chain/testing/node.h"
#include "services/chain/testing/tickets.h"

#include <sodium.h>

#include "services/chain/cluster/ended.h"
#include "services/chain/cluster/past.h"
#include "services/chain/solana/transaction.h"
#include "services/chain/wishes/compose.h"

enum { WISHES = 100, NOW = 1000000, TURN_MS = 1000, RENT = 1000000, JUNK = 40, PAGE = 1 << 14 };

static struct lamports lamports;
static struct node node;
static struct past past;
static struct wish wishes[WISHES];
static struct sight sights[WISHES];
static struct arena arena;
static int64_t now_ms;

// ---- What the node says

static char page[PAGE];

static const char *page_of(unsigned first, unsigned count)
{
    size_t len = (size_t)snprintf(page, sizeof page, "[");
    for (unsigned i = first; i < first + count; i++) {
        const struct solana_signature signature = {{1, (uint8_t)i}};
        char text[SOLANA_SIGNATURE_TEXT];
        solana_signature_format(&signature, text);
        len += (size_t)snprintf(page + len, sizeof page - len,
                                "%s{\"signature\":\"%s\",\"slot\":5,\"blockTime\":6,\"err\":null}",
                                i > first ? "," : "", text);
    }
    snprintf(page + len, sizeof page - len, "]");
    return page;
}

static bool names(const char *request, const struct solana_key *key)
{
    char text[SOLANA_KEY_TEXT];
    solana_key_format(key, text);
    return strstr(request, text);
}

static bool is_of(const char *request, unsigned number)
{
    const struct solana_signature signature = {{1, (uint8_t)number}};
    char text[SOLANA_SIGNATURE_TEXT];
    solana_signature_format(&signature, text);
    return strstr(request, text);
}

static struct ended_search search_of(const struct wish *wish)
{
    struct watched watched = {.authority = wish->cluster.authority, .reference = wish->aim.reference};
    memcpy(watched.event, wish->event, sizeof watched.event);
    return ended_search_of(NULL, &lamports.cluster.now.programs, &watched);
}

// The events are there, of the tickets it has nothing.
static const char *knows_no_ticket(const char *method, const char *request)
{
    const struct ended_search search = search_of(&wishes[0]);
    (void)method;
    return names(request, &search.event) ? page_of(0, 1) : "[]";
}

static const char *refuses(const char *method, const char *request)
{
    (void)method;
    (void)request;
    return NULL;
}

static const char *is_behind(const char *method, const char *request)
{
    (void)method;
    (void)request;
    return "{\"code\":-32005,\"message\":\"behind\"}";
}

// ---- Questions

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    arena_init(&arena, 128 << 20);
    past = (struct past){.next = 0};
    now_ms = NOW;
    for (unsigned i = 0; i < WISHES; i++) {
        wishes[i] = (struct wish){.aim = {.kind = OUTBOX_REFUND, .reference = {{(uint8_t)(i + 1)}}},
                                  .event = {7},
                                  .wanted = true,
                                  .amount = EVENING_PRICE,
                                  .cluster.state = TILL_PAYABLE};
        memcpy(wishes[i].cluster.authority.bytes, lamports.cluster.now.authority.bytes, PAYMENT_KEY_BYTES);
        sights[i] = (struct sight){.slot = 1};
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    node_stop(&node);
    arena_finish(&arena);
    lamports_close(&lamports);
    return 0;
}

static bool ask(unsigned number)
{
    const struct past_question question = {.rpc = node.rpc,
                                           .programs = &lamports.cluster.now.programs,
                                           .wish = &wishes[number],
                                           .number = number,
                                           .now_ms = now_ms};
    assert_true(step_asks_history(&wishes[number], &sights[number]));
    return past_look(&past, &question, &arena, &sights[number]);
}

// The number of the wish that was asked about, or count.
static unsigned turn(unsigned count)
{
    unsigned i = 0;
    while (i < count && !ask(i)) i++;
    if (i == count) past_begin_anew(&past);
    return i;
}

static void an_address_is_asked_for_again_after_a_pause(void **state)
{
    (void)state;
    node_start(&node, knows_no_ticket);
    assert_int_equal(turn(1), 0);
    assert_int_equal(node.calls, 2);
    assert_false(sights[0].has_ended);
    for (; now_ms < NOW + PAST_AGAIN_MS; now_ms += TURN_MS) assert_int_equal(turn(1), 1);
    assert_int_equal(node.calls, 2);
    assert_int_equal(turn(1), 0);
    assert_int_equal(node.calls, 4);
}

static void each_has_a_pause_of_its_own(void **state)
{
    (void)state;
    node_start(&node, knows_no_ticket);
    assert_int_equal(turn(2), 0);
    now_ms += TURN_MS;
    assert_int_equal(turn(2), 1);
    now_ms = NOW + PAST_AGAIN_MS;
    turn(2);
    assert_int_equal(turn(2), 0);
    assert_int_equal(turn(2), 2);
    now_ms += TURN_MS;
    assert_int_equal(turn(2), 1);
}

static void who_did_not_answer_is_asked_soon(void **state)
{
    (void)state;
    node_start(&node, is_behind);
    assert_int_equal(turn(1), 0);
    turn(1);
    now_ms = NOW + PAST_SOON_MS - 1;
    assert_int_equal(turn(1), 1);
    now_ms++;
    node.says = refuses; // and will again
    assert_int_equal(turn(1), 0);
    turn(1);
    now_ms += PAST_SOON_MS;
    assert_int_equal(turn(1), 1);
}

// More than were kept once; and what is asked soon again leaves the others their turn.
static void nobody_waits_for_ever(void **state)
{
    static node_says *const says[] = {knows_no_ticket, is_behind};
    node_start(&node, says[0]);
    for (size_t kind = 0; kind < 2; kind++) {
        unsigned asked[WISHES + 1] = {0};
        past = (struct past){.next = 0};
        node.says = says[kind];
        for (unsigned i = 0; i < WISHES; i++, now_ms += TURN_MS) asked[turn(WISHES)]++;
        for (unsigned i = 0; i < WISHES; i++) assert_int_equal(asked[i], 1);
    }
    (void)state;
}

static void what_waits_takes_no_memory(void **state)
{
    (void)state;
    node_start(&node, knows_no_ticket);
    ask(0);
    past_begin_anew(&past);
    const size_t page_bytes = SOLANA_HISTORY_MAX * sizeof(struct solana_history_entry);
    for (size_t i = 0; i < (128u << 20) / page_bytes; i++) assert_false(ask(0));
    assert_false(arena.failed);
}

// ---- What a ticket gave

static struct permit_bytes permit;
static char paid[PAGE], gave[PAGE];

// The permit's bytes stand for whatever names both.
static void write_landed(char *out, int64_t from, int64_t to, int64_t vault_from, int64_t vault_to)
{
    char encoded[2 * SOLANA_PACKET_MAX], before[PAGE / 4], after[PAGE / 4];
    const struct ended_search search = search_of(&wishes[0]);
    struct solana_transaction tx;
    struct err err = {0};
    size_t at = 0, behind = 0;
    sodium_bin2base64(encoded, sizeof encoded, permit.bytes, permit.len, sodium_base64_VARIANT_ORIGINAL);
    assert_true(solana_transaction_parse(&tx, permit.bytes, permit.len, &err));
    for (size_t i = 0; i < tx.key_count; i++) {
        bool ticket = solana_key_equal(&tx.keys[i], &search.ticket),
             vault = solana_key_equal(&tx.keys[i], &search.vault);
        const char *gap = i ? "," : "";
        at += (size_t)snprintf(before + at, sizeof before - at, "%s%lld", gap,
                               (long long)(ticket  ? from
                                           : vault ? vault_from
                                                   : 1));
        behind += (size_t)snprintf(after + behind, sizeof after - behind, "%s%lld", gap,
                                   (long long)(ticket  ? to
                                               : vault ? vault_to
                                                       : 1));
    }
    snprintf(
        out, PAGE,
        "{\"slot\":5,\"blockTime\":6,\"transaction\":[\"%s\",\"base64\"],\"meta\":{\"fee\":5000,\"err\":null,"
        "\"preBalances\":[%s],\"postBalances\":[%s]}}",
        encoded, before, after);
}

// Newest first: how it ended, how it was made.
static const char *knows_ticket(const char *method, const char *request)
{
    const struct ended_search search = search_of(&wishes[0]);
    if (strcmp(method, "getTransaction") == 0) return is_of(request, 1) ? gave : paid;
    return page_of(1, names(request, &search.event) ? 1 : 2);
}

static void begin_ticket(int64_t back)
{
    struct book_call b;
    struct watched watched = {.event = {0}};
    struct err err = {0};
    uint8_t id[TILL_ID_BYTES];
    const struct solana_key account = solana_signer_key(&lamports.wallet);
    lamports_begin(&lamports);
    uuid_bytes(hold_id(1).text, id);
    tickets_begin(&lamports, &b);
    assert_true(seats_ask_permit(&b, till_find_payment(&b.book->till, id), &account, &permit, &err));
    tickets_end(&lamports, &b);
    assert_true(tickets_watched(&lamports, 1, &watched));
    wishes[0].aim.reference = watched.reference;
    memcpy(wishes[0].event, watched.event, sizeof wishes[0].event);
    write_landed(paid, 0, RENT, RENT, RENT + EVENING_PRICE);
    write_landed(gave, RENT, 0, RENT + EVENING_PRICE, RENT + EVENING_PRICE - back);
    node_start(&node, knows_ticket);
}

// What is stored of it may be lost: then it is told again.
static void what_it_gave_is_told_until_it_is_stored(void **state)
{
    (void)state;
    begin_ticket(EVENING_PRICE);
    for (int i = 0; i < 2; i++, now_ms += PAST_SOON_MS) {
        sights[0] = (struct sight){.slot = 1};
        past_begin_anew(&past);
        assert_true(ask(0));
        assert_int_equal(step_of(&wishes[0], &sights[0], now_ms), STEP_LANDED);
    }
}

static void what_lost_waits(void **state)
{
    (void)state;
    begin_ticket(0);
    assert_true(ask(0));
    assert_true(sights[0].has_ended);
    assert_int_equal(step_of(&wishes[0], &sights[0], now_ms), STEP_WAIT);
    past_begin_anew(&past);
    now_ms += PAST_SOON_MS;
    assert_false(ask(0));
}

// ---- What became of an event

static char done[2][PAGE]; // settled, then closed

static void write_done(size_t which, enum outbox_kind kind)
{
    const struct sight sight = {.has_event = true, .event.state = SOLANA_EVENT_OPEN};
    char encoded[2 * SOLANA_PACKET_MAX];
    struct wish wish = wishes[0];
    struct composed composed;
    struct err err = {0};
    wish.aim.kind = (uint8_t)kind;
    assert_true(
        compose_wish(&wish, &sight, &lamports.cluster.now, &lamports.cluster.signer, &composed, &err));
    sodium_bin2base64(encoded, sizeof encoded, composed.bytes, composed.len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(
        done[which], PAGE,
        "{\"slot\":5,\"blockTime\":6,\"transaction\":[\"%s\",\"base64\"],\"meta\":{\"fee\":5000,\"err\":null,"
        "\"preBalances\":[],\"postBalances\":[]}}",
        encoded);
}

// Behind what strangers have named it in.
static const char *knows_event(const char *method, const char *request)
{
    const bool next = strstr(request, "\"before\"");
    if (strcmp(method, "getTransaction") != 0)
        return next ? page_of(CLOSED_AT_ONCE, JUNK + 2 - CLOSED_AT_ONCE) : page_of(0, CLOSED_AT_ONCE);
    return is_of(request, JUNK) ? done[1] : is_of(request, JUNK + 1) ? done[0] : "null";
}

static void a_long_history_is_looked_into_by_and_by(void **state)
{
    (void)state;
    wishes[0].aim.kind = OUTBOX_SETTLE;
    write_done(0, OUTBOX_SETTLE);
    write_done(1, OUTBOX_CLOSE);
    node_start(&node, knows_event);
    assert_int_equal(turn(1), 0);
    assert_int_equal(node.calls, 1 + CLOSED_AT_ONCE);
    assert_false(sights[0].was_settled);
    turn(1);
    assert_int_equal(turn(1), 0);
    assert_int_equal(node.calls, 2 + JUNK + 2);
    assert_int_equal(step_of(&wishes[0], &sights[0], now_ms), STEP_LANDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_address_is_asked_for_again_after_a_pause),
        TEST(each_has_a_pause_of_its_own),
        TEST(who_did_not_answer_is_asked_soon),
        TEST(nobody_waits_for_ever),
        TEST(what_waits_takes_no_memory),
        TEST(what_it_gave_is_told_until_it_is_stored),
        TEST(what_lost_waits),
        TEST(a_long_history_is_looked_into_by_and_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
