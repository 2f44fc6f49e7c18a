#include "services/chain/exchange/cards.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16 };

static struct exchange_card *card_at(const struct exchange_cards *cards, uint32_t card)
{
    return &cards->cards[card - 1];
}

void cards_finish(struct exchange_cards *cards)
{
    free(cards->cards);
    *cards = (struct exchange_cards){.count = 0};
}

bool cards_reserve(struct exchange_cards *cards)
{
    if (cards->count < cards->room) return true;
    if (cards->room > UINT32_MAX / 4) return false;
    uint32_t room = cards->room ? cards->room * 2 : FIRST_ROOM;
    struct exchange_card *grown = realloc(cards->cards, room * sizeof *grown);
    if (!grown) return false;
    cards->cards = grown;
    cards->room = room;
    return true;
}

uint32_t cards_make(struct exchange_cards *cards, const uint8_t event[16], uint32_t winner, uint64_t made)
{
    struct exchange_card *card = &cards->cards[cards->count++];
    memcpy(card->event, event, sizeof card->event);
    card->next = 0;
    card->winner = winner;
    card->made = made;
    return cards->count;
}

const uint8_t *cards_event(const struct exchange_cards *cards, uint32_t card)
{
    return card_at(cards, card)->event;
}

uint64_t cards_made(const struct exchange_cards *cards, uint32_t card) { return card_at(cards, card)->made; }

uint32_t cards_winner(const struct exchange_cards *cards, uint32_t card)
{
    return card_at(cards, card)->winner;
}

uint32_t cards_next(const struct exchange_cards *cards, uint32_t card) { return card_at(cards, card)->next; }

void cards_push(struct exchange_cards *cards, struct card_queue *queue, uint32_t card)
{
    card_at(cards, card)->next = 0;
    if (queue->last)
        card_at(cards, queue->last)->next = card;
    else
        queue->first = card;
    queue->last = card;
    queue->count++;
}

uint32_t cards_pop(struct exchange_cards *cards, struct card_queue *queue)
{
    uint32_t card = queue->first;
    queue->first = card_at(cards, card)->next;
    if (!queue->first) queue->last = 0;
    queue->count--;
    return card;
}

// The one before it; 0: it is the first, or not there.
static uint32_t card_before(const struct exchange_cards *cards, const struct card_queue *queue, uint32_t card)
{
    uint32_t before = queue->first;
    while (before && cards_next(cards, before) != card) before = cards_next(cards, before);
    return before;
}

bool cards_has(const struct exchange_cards *cards, const struct card_queue *queue, uint32_t card)
{
    return card && (queue->first == card || card_before(cards, queue, card));
}

void cards_take(struct exchange_cards *cards, struct card_queue *queue, uint32_t card)
{
    if (queue->first == card) {
        cards_pop(cards, queue);
        return;
    }
    uint32_t before = card_before(cards, queue, card);
    card_at(cards, before)->next = cards_next(cards, card);
    if (queue->last == card) queue->last = before;
    queue->count--;
}

void cards_move(struct exchange_cards *cards, struct card_queue *from, struct card_queue *to, uint32_t count)
{
    while (count--) cards_push(cards, to, cards_pop(cards, from));
}

void cards_front(const struct exchange_cards *cards, const struct card_queue *queue, uint32_t count,
                 uint32_t *numbers)
{
    uint32_t card = queue->first;
    for (uint32_t i = 0; i < count; i++, card = card_at(cards, card)->next) numbers[i] = card;
}
