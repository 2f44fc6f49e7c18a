#include "services/chain/exchange/told.h"

#include <stdlib.h>
#include <string.h>

#include "services/chain/exchange/parts.h"

struct exchange_messages {
    struct exchange_message *ring[EXCHANGE_MESSAGES]; // by index
    uint64_t oldest;                                  // that is kept
    uint64_t newest;
    size_t bytes;
};

// ---- Books

static size_t message_size(const struct exchange_message *message)
{
    return sizeof *message + message->level_count * sizeof *message->levels +
           message->deal_count * sizeof *message->deals;
}

static struct exchange_message *make_message(const struct exchange_role *role,
                                             const struct exchange_change *change)
{
    struct exchange_message head = {.index = role->told,
                                    .entry = change->entry,
                                    .time_ms = change->time_ms,
                                    .side = change->side,
                                    .level_count = (uint16_t)change->level_count,
                                    .deal_count = (uint16_t)change->fill_count};
    struct exchange_message *message = malloc(message_size(&head));
    if (!message) return NULL;
    head.levels = (struct exchange_level *)(message + 1);
    head.deals = (struct exchange_deal *)(head.levels + change->level_count);
    *message = head;
    for (size_t i = 0; i < change->level_count; i++) {
        const struct exchange_level *level = &change->levels[i];
        struct market_level now = {.price = level->price};
        market_level_at(role->market, (enum market_side)level->side, level->price, &now);
        message->levels[i] = (struct exchange_level){level->price, now.quantity, now.orders, level->side};
    }
    for (size_t i = 0; i < change->fill_count; i++)
        message->deals[i] = (struct exchange_deal){change->fills[i].price, change->fills[i].quantity};
    message->checksum = exchange_checksum(role);
    return message;
}

static void forget_oldest(struct exchange_messages *messages)
{
    struct exchange_message **place = &messages->ring[messages->oldest++ % EXCHANGE_MESSAGES];
    messages->bytes -= message_size(*place);
    free(*place);
    *place = NULL;
}

static bool is_over(const struct exchange_messages *messages)
{
    uint64_t count = messages->newest + 1 - messages->oldest;
    return count > EXCHANGE_MESSAGES || (count > 1 && messages->bytes > EXCHANGE_MESSAGES_BYTES);
}

static void keep_message(struct exchange_role *role, struct exchange_message *message)
{
    struct exchange_messages *messages = role->messages;
    if (!messages) messages = role->messages = calloc(1, sizeof *messages);
    if (!messages) {
        free(message);
        return;
    }
    if (!messages->newest) messages->oldest = message->index;
    messages->newest = message->index;
    if (message->index - messages->oldest == EXCHANGE_MESSAGES) forget_oldest(messages);
    messages->ring[message->index % EXCHANGE_MESSAGES] = message;
    messages->bytes += message_size(message);
    while (is_over(messages)) forget_oldest(messages);
}

void exchange_forget_messages(struct exchange_role *role)
{
    struct exchange_messages *messages = role->messages;
    if (!messages) return;
    while (messages->newest && messages->oldest <= messages->newest) forget_oldest(messages);
    free(messages);
    role->messages = NULL;
}

void exchange_tell_book(struct exchange_role *role, const struct exchange_change *change)
{
    role->told++;
    struct exchange_message *message = make_message(role, change);
    if (message)
        keep_message(role, message);
    else
        exchange_forget_messages(role);
}

const struct exchange_message *exchange_message(const struct exchange_role *role, uint64_t index)
{
    const struct exchange_messages *messages = role->messages;
    bool kept = messages && index >= messages->oldest && index <= messages->newest;
    return kept ? messages->ring[index % EXCHANGE_MESSAGES] : NULL;
}

uint64_t exchange_oldest_message(const struct exchange_role *role)
{
    return role->messages && role->messages->newest ? role->messages->oldest : role->told + 1;
}

// ---- Accounts

void exchange_tell(struct exchange *exchange, const struct exchange_news *news)
{
    struct exchange_person *person = exchange_person_get(exchange, news->order.account);
    person->told++;
    if (!exchange->news) exchange->news = calloc(EXCHANGE_NEWS, sizeof *exchange->news);
    if (!exchange->news) {
        person->news = 0;
        return;
    }
    struct exchange_news *place = &exchange->news[exchange->news_count++ % EXCHANGE_NEWS];
    *place = *news;
    place->index = person->told;
    place->before = person->news;
    person->news = exchange->news_count;
}

// NULL: it is not kept any more.
static const struct exchange_news *news_at(const struct exchange *exchange, uint64_t place)
{
    bool kept = place && place + EXCHANGE_NEWS > exchange->news_count;
    return kept ? &exchange->news[(place - 1) % EXCHANGE_NEWS] : NULL;
}

const struct exchange_news **exchange_news_since(const struct exchange *exchange, uint32_t account,
                                                 uint64_t index, size_t *count)
{
    const struct exchange_person *person = exchange_person(exchange, account);
    size_t missing = person ? person->told - index : 0;
    const struct exchange_news **found = malloc((missing + 1) * sizeof *found);
    const struct exchange_news *news = found && missing ? news_at(exchange, person->news) : NULL;
    *count = 0;
    for (; news && *count < missing; news = news_at(exchange, news->before)) found[(*count)++] = news;
    for (size_t i = 0; i < *count / 2; i++) {
        const struct exchange_news *later = found[i];
        found[i] = found[*count - 1 - i];
        found[*count - 1 - i] = later;
    }
    return found;
}
