// A game whose end is taken back: cards of it that their winners still have.
#include <string.h>

#include "services/chain/book/orders.h"
#include "services/chain/rewards/rewards.h"

// The winner's open order that would sell the card; 0: there is none.
static uint64_t order_with(const struct exchange *exchange, uint32_t winner, uint32_t asset, uint32_t card)
{
    const struct exchange_person *person = exchange_person(exchange, winner);
    const struct exchange_cards *cards = &exchange_role(exchange, asset)->cards;
    for (uint64_t next = person ? person->oldest : 0; next;) {
        const struct exchange_order *order = exchange_order(exchange, next);
        if (order->asset == asset && cards_has(cards, &order->cards, card)) return next;
        next = order->newer;
    }
    return 0;
}

static void take_card(struct book_call *b, uint32_t asset, uint32_t card)
{
    const struct exchange *exchange = &b->book->exchange;
    const struct exchange_cards *cards = &exchange_role(exchange, asset)->cards;
    uint32_t winner = cards_winner(cards, card);
    uint64_t order = order_with(exchange, winner, asset, card);
    if (order) book_withdraw_one(b, order, LEDGER__ORDER__REASON__ADMIN);
    if (b->failed) return;
    const struct card_queue *own = exchange_holder(exchange, winner, asset);
    if (own && cards_has(cards, own, card)) book_take_card_back(b, winner, asset, card);
}

static void take_cards(struct book_call *b, uint32_t asset, const uint8_t event[MERIT_ID_BYTES])
{
    const struct exchange_cards *cards = &exchange_role(&b->book->exchange, asset)->cards;
    for (uint32_t card = 1; card <= cards->count && !b->failed; card++)
        if (memcmp(cards_event(cards, card), event, MERIT_ID_BYTES) == 0) take_card(b, asset, card);
}

void rewards_take_back(struct book_call *b, const uint8_t event[MERIT_ID_BYTES])
{
    Ledger__GameTakenBack taken = LEDGER__GAME_TAKEN_BACK__INIT;
    taken.event = (ProtobufCBinaryData){MERIT_ID_BYTES, (uint8_t *)event};
    book_add(b, LEDGER__ENTRY__BODY_GAME_TAKEN_BACK, &taken.base, NULL, 0);
    for (uint32_t i = BOOK_FIRST_CARD; i < b->book->assets_count && !b->failed; i++) take_cards(b, i, event);
}
