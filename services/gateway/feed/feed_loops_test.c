// Loops that follow one stream at the same time keep their viewers apart: nobody gets what another may see.
#include "services/gateway/feed/testing/house.h"

enum { ROUNDS = 400, AT_A_TIME = 250, SOMEBODY = 1 };

struct side {
    struct house house;
    pthread_t thread;
    int user;
    uint64_t head; // of what the user sees
    struct guest guests[AT_A_TIME];
};

static void come_and_go(struct side *side)
{
    for (size_t i = 0; i < AT_A_TIME; i++) come(&side->house, &side->guests[i], side->user, "");
    HOUSE_UNTIL(&side->house, all_know_all(side->guests, AT_A_TIME));
    for (size_t i = 0; i < AT_A_TIME; i++) {
        assert_int_equal(side->guests[i].seen, side->head);
        go(&side->guests[i]);
    }
}

static void *side_main(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) come_and_go(arg);
    return NULL;
}

static void nobody_and_somebody_at_once(void **state)
{
    static struct side sides[] = {{.user = -1, .head = 5}, {.user = SOMEBODY, .head = 6}};
    (void)state;
    open_house(&sides[0].house, "inproc://loop-0");
    open_house(&sides[1].house, "inproc://loop-1");
    become_somebody(&sides[0].house, SOMEBODY);
    for (int i = 0; i < 4; i++) happen(&sides[0].house, -1);
    happen(&sides[0].house, SOMEBODY);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&sides[i].thread, NULL, side_main, &sides[i]), 0);
    for (int i = 0; i < 2; i++) pthread_join(sides[i].thread, NULL);
    for (int i = 0; i < 2; i++) close_house(&sides[i].house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_and_somebody_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
