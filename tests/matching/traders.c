#include "tests/matching/traders.h"

#include <stdlib.h>

#include "services/chain/exchange/exchange.h"

void traders_begin(struct traders *traders, uint32_t people, uint32_t cards)
{
    *traders = (struct traders){matching_array(2 * (size_t)people, sizeof *traders->all), people};
    for (uint32_t person = people; person < 2 * people; person++) traders->all[person].cards = cards;
}

void traders_finish(struct traders *traders) { free(traders->all); }

bool traders_pick(const struct traders *traders, unsigned side, uint32_t quantity, uint32_t *person)
{
    const uint32_t from = side == MARKET_SELL ? traders->people : 0;
    for (*person = from; *person < from + traders->people; ++*person) {
        const struct trader *trader = &traders->all[*person];
        if (trader->open < EXCHANGE_OPEN_MAX && (side == MARKET_BUY || trader->cards >= quantity))
            return true;
    }
    return false;
}

static bool is_seller(const struct traders *traders, uint32_t person) { return person >= traders->people; }

void traders_place(struct traders *traders, uint32_t person, uint32_t quantity)
{
    traders->all[person].open++;
    if (is_seller(traders, person)) traders->all[person].cards -= quantity;
}

void traders_return(struct traders *traders, uint32_t person, uint32_t left)
{
    if (is_seller(traders, person)) traders->all[person].cards += left;
}

void traders_end(struct traders *traders, uint32_t person, uint32_t left)
{
    if (traders->all[person].open) traders->all[person].open--;
    traders_return(traders, person, left);
}
