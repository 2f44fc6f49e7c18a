// prepare FOLDER PEOPLE CARDS: a ledger in which so many people have coins, to buy with, and as many others
// have so many cards of one role each, to sell.
#include <stdlib.h>

#include "services/chain/book/orders.h"
#include "tests/matching/traders.h"
#include "tools/bench/money_ledger.h"

enum { AT_ONCE = 200 };

static const int64_t COINS = INT64_C(1) << 40;

static void enrich_person(struct book_call *b, uint32_t number)
{
    char id[40];
    Ledger__Granted granted = LEDGER__GRANTED__INIT;
    const struct ledger_owner owner = book_user(money_person(number, id));
    const uint32_t account = book_account(b, &owner);
    const struct ledger_posting issued[] = {{0, BOOK_CONSE, -COINS}, {account, BOOK_CONSE, COINS}};
    granted.by = id;
    book_add(b, LEDGER__ENTRY__BODY_GRANTED, &granted.base, issued, 2);
}

static void give_cards(struct money_ledger *ledger, uint32_t number, uint32_t cards)
{
    char id[40];
    money_person(number, id);
    for (uint32_t made = 0; made < cards;) {
        struct book_call *b = money_begin(ledger);
        for (int i = 0; i < AT_ONCE && made < cards; i++, made++)
            if (!book_make_card(b, id, TRADERS_ROLE, TRADERS_ROLE)) money_fail("a card is not made");
        money_commit(ledger);
    }
}

int main(int argc, char **argv)
{
    static struct money_ledger ledger;
    const uint32_t people = argc == 4 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    const uint32_t cards = argc == 4 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    if (!people || !cards) money_fail("prepare FOLDER PEOPLE CARDS");
    money_open(&ledger, argv[1]);
    for (uint32_t number = 0; number < 2 * people; number++) {
        enrich_person(money_begin(&ledger), number);
        money_commit(&ledger);
    }
    for (uint32_t number = people; number < 2 * people; number++) give_cards(&ledger, number, cards);
    money_close(&ledger);
    return 0;
}
