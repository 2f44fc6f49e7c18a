#include "lib/rpc/senders.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 1024, WORD = 64 };

struct sender {
    uint8_t id[SEAL_ID_BYTES], connection[SEAL_ID_BYTES];
    uint64_t newest;               // counter
    uint64_t taken[WINDOW / WORD]; // a bit for each counter of the window that ends with the newest
    int64_t newest_ms;             // the newest time among its messages
    uint64_t turn;                 // of its last message
};

bool senders_init(struct senders *senders, size_t most, struct err *err)
{
    *senders = (struct senders){.most = most};
    pthread_mutex_init(&senders->mutex, NULL);
    senders->all = calloc(most, sizeof *senders->all);
    return senders->all || err_fail(err, INTERNAL_ERROR, "out of memory");
}

void senders_finish(struct senders *senders)
{
    free(senders->all);
    pthread_mutex_destroy(&senders->mutex);
}

static struct sender *find_sender(struct senders *senders, const uint8_t id[SEAL_ID_BYTES])
{
    for (size_t i = 0; i < senders->count; i++)
        if (memcmp(senders->all[i].id, id, SEAL_ID_BYTES) == 0) return &senders->all[i];
    return NULL;
}

static void move_window(struct sender *sender, uint64_t newest)
{
    uint64_t by = newest - sender->newest;
    if (by >= WINDOW) memset(sender->taken, 0, sizeof sender->taken);
    for (uint64_t i = by < WINDOW ? by : 0; i > 0; i--) {
        uint64_t skipped = sender->newest + i;
        sender->taken[skipped % WINDOW / WORD] &= ~(UINT64_C(1) << skipped % WORD);
    }
    sender->newest = newest;
}

// False when it was taken, or is too old to tell.
static bool take_counter(struct sender *sender, uint64_t counter)
{
    if (counter == 0 || (counter <= sender->newest && sender->newest - counter >= WINDOW)) return false;
    if (counter > sender->newest) move_window(sender, counter);
    uint64_t *word = &sender->taken[counter % WINDOW / WORD], bit = UINT64_C(1) << counter % WORD;
    if (*word & bit) return false;
    *word |= bit;
    return true;
}

static enum seal_fault take_message(struct senders *senders, struct sender *sender,
                                    const struct seal_head *head)
{
    if (!take_counter(sender, head->counter)) return SEAL_REPEATED;
    if (head->time_ms > sender->newest_ms) sender->newest_ms = head->time_ms;
    sender->turn = ++senders->turns;
    return SEAL_FINE;
}

static struct sender *begin_sender(struct sender *place, const uint8_t id[SEAL_ID_BYTES])
{
    *place = (struct sender){0};
    memcpy(place->id, id, SEAL_ID_BYTES);
    return place;
}

// ---- A server's

static struct sender *place_of_oldest(struct senders *senders)
{
    if (senders->count < senders->most) return &senders->all[senders->count++];
    struct sender *oldest = senders->all;
    for (size_t i = 1; i < senders->count; i++)
        if (senders->all[i].turn < oldest->turn) oldest = &senders->all[i];
    return oldest;
}

static enum seal_fault take_greeting(struct senders *senders, const struct seal_head *greeting,
                                     uint8_t connection[SEAL_ID_BYTES])
{
    struct sender *sender = find_sender(senders, greeting->sender);
    if (sender && greeting->counter <= sender->newest) return SEAL_REPEATED;
    if (!sender) sender = begin_sender(place_of_oldest(senders), greeting->sender);
    randombytes_buf(sender->connection, SEAL_ID_BYTES);
    memcpy(connection, sender->connection, SEAL_ID_BYTES);
    return take_message(senders, sender, greeting);
}

enum seal_fault senders_greet(struct senders *senders, const struct seal_head *greeting,
                              uint8_t connection[SEAL_ID_BYTES])
{
    pthread_mutex_lock(&senders->mutex);
    enum seal_fault fault = take_greeting(senders, greeting, connection);
    pthread_mutex_unlock(&senders->mutex);
    return fault;
}

enum seal_fault senders_take(struct senders *senders, const struct seal_head *head)
{
    pthread_mutex_lock(&senders->mutex);
    struct sender *sender = find_sender(senders, head->sender);
    bool known = sender && memcmp(sender->connection, head->connection, SEAL_ID_BYTES) == 0;
    enum seal_fault fault = known ? take_message(senders, sender, head) : SEAL_UNKNOWN_CONNECTION;
    pthread_mutex_unlock(&senders->mutex);
    return fault;
}

// ---- A subscriber's

// One whose every message would be refused for its time may be forgotten.
static struct sender *place_of_gone(struct senders *senders, int64_t now_ms)
{
    if (senders->count < senders->most) return &senders->all[senders->count++];
    for (size_t i = 0; i < senders->count; i++)
        if (senders->all[i].newest_ms < now_ms - SEAL_SKEW_MS) return &senders->all[i];
    return NULL;
}

enum seal_fault senders_meet(struct senders *senders, const struct seal_head *head, int64_t now_ms)
{
    pthread_mutex_lock(&senders->mutex);
    struct sender *sender = find_sender(senders, head->sender);
    struct sender *place = sender ? NULL : place_of_gone(senders, now_ms);
    if (place) sender = begin_sender(place, head->sender);
    enum seal_fault fault = sender ? take_message(senders, sender, head) : SEAL_TOO_MANY;
    pthread_mutex_unlock(&senders->mutex);
    return fault;
}
