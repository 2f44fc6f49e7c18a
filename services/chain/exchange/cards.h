// Role cards, each a number of its role with the event that it was won in, and queues of them: what an
// account has, and what rests with an order, leaves in the order in which it came. Pure.
#ifndef CHAIN_EXCHANGE_CARDS_H
#define CHAIN_EXCHANGE_CARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange_card {
    uint8_t event[16];
    uint32_t next;   // in its queue; 0: the last
    uint32_t winner; // the account that it was made for
    uint64_t made;   // the entry that made it
};

// Of one role. Numbers begin at 1.
struct exchange_cards {
    struct exchange_card *cards;
    uint32_t count, room;
};

struct card_queue {
    uint32_t first, last; // 0: it is empty
    uint32_t count;
};

void cards_finish(struct exchange_cards *cards);
// Makes room for one more. False without memory.
bool cards_reserve(struct exchange_cards *cards);
// Reserved; its number.
uint32_t cards_make(struct exchange_cards *cards, const uint8_t event[16], uint32_t winner, uint64_t made);
uint64_t cards_made(const struct exchange_cards *cards, uint32_t card);
const uint8_t *cards_event(const struct exchange_cards *cards, uint32_t card);
uint32_t cards_winner(const struct exchange_cards *cards, uint32_t card);
uint32_t cards_next(const struct exchange_cards *cards, uint32_t card); // in its queue; 0: it is the last

void cards_push(struct exchange_cards *cards, struct card_queue *queue, uint32_t card);
uint32_t cards_pop(struct exchange_cards *cards, struct card_queue *queue); // that is not empty
bool cards_has(const struct exchange_cards *cards, const struct card_queue *queue, uint32_t card);
void cards_take(struct exchange_cards *cards, struct card_queue *queue, uint32_t card); // that it has
// Moves as many from the front of one to the end of the other.
void cards_move(struct exchange_cards *cards, struct card_queue *from, struct card_queue *to, uint32_t count);
// Writes the first ones' numbers; the queue has as many.
void cards_front(const struct exchange_cards *cards, const struct card_queue *queue, uint32_t count,
                 uint32_t *numbers);

#endif
