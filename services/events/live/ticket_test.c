// Tickets to guests' seats.
#include "services/events/live/ticket.h"

#include <sodium.h>
#include <string.h>

#include "tests/test.h"

#define EVENT_ID "01890000-0000-7000-8000-000000009999"
#define GUEST_ID "01890000-0000-7000-8000-00000000abcd"
enum { NOW_S = 1800000000 };
static const uint8_t key[TICKET_KEY] = {1, 2, 3};

static void a_ticket_names_its_guest_for_a_quarter_of_an_hour(void **state)
{
    (void)state;
    char text[TICKET_TEXT];
    struct uuid guest;
    const int64_t now_ms = NOW_S * INT64_C(1000);
    ticket_make(text, key, EVENT_ID, GUEST_ID, now_ms);
    assert_int_equal(strlen(text), TICKET_TEXT - 1);
    assert_true(ticket_read(&guest, key, EVENT_ID, text, now_ms));
    assert_string_equal(guest.text, GUEST_ID);
    assert_true(ticket_read(&guest, key, EVENT_ID, text, now_ms + TICKET_LIFE_MS - 1));
    assert_false(ticket_read(&guest, key, EVENT_ID, text, now_ms + TICKET_LIFE_MS));
}

static void nothing_else_is_a_ticket(void **state)
{
    (void)state;
    char text[TICKET_TEXT], longer[TICKET_TEXT + 4];
    struct uuid guest;
    const uint8_t another[TICKET_KEY] = {3, 2, 1};
    const int64_t now_ms = NOW_S * INT64_C(1000);
    ticket_make(text, key, EVENT_ID, GUEST_ID, now_ms);
    assert_false(ticket_read(&guest, another, EVENT_ID, text, now_ms));
    assert_false(ticket_read(&guest, key, GUEST_ID, text, now_ms));
    assert_false(ticket_read(&guest, key, EVENT_ID, "", now_ms));
    snprintf(longer, sizeof longer, "%sAAAA", text);
    assert_false(ticket_read(&guest, key, EVENT_ID, longer, now_ms));
    for (size_t i = 0; i < TICKET_TEXT - 1; i++) {
        char changed[TICKET_TEXT];
        memcpy(changed, text, sizeof changed);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_false(ticket_read(&guest, key, EVENT_ID, changed, now_ms));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_names_its_guest_for_a_quarter_of_an_hour),
        cmocka_unit_test(nothing_else_is_a_ticket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
