// Cards for as many people as a table has, and for some who are going.
#include "services/chain/book/erase.h"
#include "services/chain/testing/played.h"

enum { PEOPLE = 6 };

static struct played *open_house(unsigned people)
{
    struct played *played = malloc(sizeof *played);
    played_init(played, house_at(NULL), people);
    return played;
}

static void close_house(struct played *played)
{
    house_close(played->house);
    free(played);
}

// Each with an account of their own, which is opened by it.
static void a_full_table_gets_its_cards(void **state)
{
    (void)state;
    struct played *played = open_house(PLAYED_MOST);
    for (int game = 0; game < 3; game++) played_game(played, PLAYED_MOST, 0);
    house_restart(played->house);
    for (unsigned i = 0; i < PLAYED_MOST; i++) assert_int_equal(played_cards(played, i), 3);
    close_house(played);
}

// One whose account is going, which auth has not told yet, and one whose account is gone.
static void who_deletes_their_account_gets_none(void **state)
{
    (void)state;
    struct played *played = open_house(PEOPLE);
    struct err err = {0};
    played_game(played, PEOPLE, 0);
    assert_true(erase_user(&played->house->chain, played_person(0).text, &err));
    house_teach(played->house, (struct name_news){.user_id = played_person(1).text,
                                                  .name = "deleted-1",
                                                  .verified = true,
                                                  .deleted = true});
    played_game(played, PEOPLE, 0);
    for (unsigned i = 0; i < PEOPLE; i++) assert_int_equal(played_cards(played, i), i < 2 ? 0 : 2);
    close_house(played);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_table_gets_its_cards),
        cmocka_unit_test(who_deletes_their_account_gets_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
