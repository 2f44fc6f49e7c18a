// What the history of an event says: that it was closed, and whether its pot was divided.
#include "services/chain/cluster/closed.h"

#include "services/chain/cluster/parts.h"
#include "services/chain/cluster/tickets.h"
#include "services/chain/testing/lamports.h"
#include "services/chain/wishes/compose.h"

enum { PART = 810 };

static struct lamports lamports;
static struct wish wish;
static struct solana_key event;

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    wish = (struct wish){.event = {7}, .amount = PART, .aim.reference = {{9}}};
    const struct cluster_now *now = &lamports.cluster.now;
    struct watched watched = {.reference = {{9}}, .event = {7}};
    memcpy(watched.authority.bytes, now->authority.bytes, sizeof watched.authority.bytes);
    event = tickets_event(&now->programs, &watched.authority, wish.event);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lamports_close(&lamports);
    return 0;
}

// What a landed transaction of this kind says of the event.
static struct closed_event note(enum outbox_kind kind, enum solana_event_state in, const char *error)
{
    const struct sight sight = {.has_event = true, .has_ticket = true, .event.state = in};
    struct composed composed;
    struct closed_event past = {.closed = false};
    struct err err = {0};
    wish.aim.kind = (uint8_t)kind;
    assert_true(
        compose_wish(&wish, &sight, &lamports.cluster.now, &lamports.cluster.signer, &composed, &err));
    struct solana_landed landed = {.found = true, .bytes = composed.bytes, .len = composed.len};
    snprintf(landed.error.name, sizeof landed.error.name, "%s", error);
    closed_note(&past, &landed, &lamports.cluster.now.programs, &event);
    return past;
}

static void what_was_done_to_it_is_found(void **state)
{
    (void)state;
    struct closed_event past = note(OUTBOX_SETTLE, SOLANA_EVENT_OPEN, "");
    assert_true(past.settled && !past.closed);
    past = note(OUTBOX_CLOSE, SOLANA_EVENT_OPEN, "");
    assert_true(past.closed && !past.settled);
    past = note(OUTBOX_PAY_TICKET, SOLANA_EVENT_SETTLING, "");
    assert_false(past.closed || past.settled);
    past = note(OUTBOX_REFUND, SOLANA_EVENT_OPEN, "");
    assert_false(past.closed || past.settled);
}

static void what_failed_or_is_of_others_says_nothing(void **state)
{
    (void)state;
    assert_false(note(OUTBOX_CLOSE, SOLANA_EVENT_OPEN, "Custom").closed);
    event = (struct solana_key){{1}};
    assert_false(note(OUTBOX_CLOSE, SOLANA_EVENT_OPEN, "").closed);
    assert_false(note(OUTBOX_SETTLE, SOLANA_EVENT_OPEN, "").settled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_done_to_it_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_failed_or_is_of_others_says_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
