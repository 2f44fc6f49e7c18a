#include "services/ai/pool/kept.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"

enum { TOUCHED_MOST = 4096, ARENA = 128 << 20, SPENT_MOST = 4 << 20, ROOM = ROWS_MOST + TOUCHED_MOST };

struct touched {
    struct uuid user_id;
    uint64_t ticket; // of the write
};

struct kept {
    pthread_mutex_t mutex; // of these three
    struct touched touched[TOUCHED_MOST];
    size_t count;
    bool missed; // there was no room for one

    struct arena arena; // what `all` points to, and what it pointed to since all were read
    struct tickets tickets;
    bool loaded;
    size_t loaded_bytes;
    unsigned loads;
    struct touched due[TOUCHED_MOST]; // that are looked at, by user
    size_t due_count;
};

bool kept_create(struct kept **out, struct err *err)
{
    struct kept *kept = *out = calloc(1, sizeof *kept);
    if (!kept) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&kept->mutex, NULL);
    arena_init(&kept->arena, ARENA);
    kept->tickets.all = calloc(ROOM, sizeof *kept->tickets.all);
    if (kept->tickets.all) return true;
    kept_destroy(kept);
    *out = NULL;
    return err_fail(err, INTERNAL_ERROR, "out of memory");
}

void kept_destroy(struct kept *kept)
{
    if (!kept) return;
    arena_finish(&kept->arena);
    pthread_mutex_destroy(&kept->mutex);
    free(kept->tickets.all);
    free(kept);
}

unsigned kept_loads(const struct kept *kept) { return kept->loads; }

// ---- What was written

void kept_touch(struct kept *kept, const char *user_id, uint64_t ticket)
{
    if (!kept) return;
    pthread_mutex_lock(&kept->mutex);
    if (kept->count == TOUCHED_MOST) {
        kept->missed = true;
    } else {
        struct touched *touched = &kept->touched[kept->count++];
        snprintf(touched->user_id.text, sizeof touched->user_id.text, "%s", user_id);
        touched->ticket = ticket;
    }
    pthread_mutex_unlock(&kept->mutex);
}

static int by_user(const void *a, const void *b)
{
    const struct touched *left = a, *right = b;
    return strcmp(left->user_id.text, right->user_id.text);
}

// What is not decided yet is left for the next time. False when some were missed.
static bool take_due(struct kept *kept, uint64_t durable)
{
    size_t left = 0;
    kept->due_count = 0;
    pthread_mutex_lock(&kept->mutex);
    for (size_t i = 0; i < kept->count; i++) {
        if (kept->touched[i].ticket <= durable)
            kept->due[kept->due_count++] = kept->touched[i];
        else
            kept->touched[left++] = kept->touched[i];
    }
    const bool all = !kept->missed;
    kept->count = left;
    kept->missed = false;
    pthread_mutex_unlock(&kept->mutex);
    qsort(kept->due, kept->due_count, sizeof *kept->due, by_user);
    return all;
}

// ---- Those that wait

static bool load_all(struct kept *kept, struct store *store, struct err *err)
{
    struct tickets found;
    kept->tickets.count = 0;
    arena_reset(&kept->arena);
    if (!tickets_waiting(store, &kept->arena, &found, err)) return false;
    memcpy(kept->tickets.all, found.all, found.count * sizeof *found.all);
    kept->tickets.count = found.count;
    kept->loaded_bytes = kept->arena.used_bytes;
    kept->loads++;
    return true;
}

static int id_to_user(const void *user_id, const void *touched)
{
    return strcmp(user_id, ((const struct touched *)touched)->user_id.text);
}

static bool is_due(const struct kept *kept, const struct ticket *ticket)
{
    return bsearch(ticket->row->user_id, kept->due, kept->due_count, sizeof *kept->due, id_to_user);
}

static void drop_due(struct kept *kept)
{
    struct tickets *tickets = &kept->tickets;
    size_t count = 0;
    for (size_t i = 0; i < tickets->count; i++)
        if (!is_due(kept, &tickets->all[i])) tickets->all[count++] = tickets->all[i];
    tickets->count = count;
}

// As the store's index has them.
static bool comes_before(const struct ticket *one, const struct ticket *other)
{
    if (one->row->joined_ms != other->row->joined_ms) return one->row->joined_ms < other->row->joined_ms;
    return strcmp(one->row->user_id, other->row->user_id) < 0;
}

static void insert_one(struct tickets *tickets, const struct ticket *ticket)
{
    size_t low = 0, high = tickets->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (comes_before(&tickets->all[middle], ticket))
            low = middle + 1;
        else
            high = middle;
    }
    memmove(&tickets->all[low + 1], &tickets->all[low], (tickets->count - low) * sizeof *ticket);
    tickets->all[low] = *ticket;
    tickets->count++;
}

// Several writes of one ticket are one reading.
static bool read_due(struct kept *kept, struct store *store, struct err *err)
{
    for (size_t i = 0; i < kept->due_count; i++) {
        struct ticket ticket;
        if (i && by_user(&kept->due[i - 1], &kept->due[i]) == 0) continue;
        if (!ticket_find(store, kept->due[i].user_id.text, &kept->arena, &ticket, err)) return false;
        if (ticket.row && ticket.row->state == QUEUE__TICKET_ROW__STATE__WAITING)
            insert_one(&kept->tickets, &ticket);
    }
    return true;
}

static bool read_changed(struct kept *kept, struct store *store, struct err *err)
{
    if (!kept->due_count) return true;
    drop_due(kept);
    return read_due(kept, store, err);
}

// All are read again, too, when there may be more than are looked at, and when what was replaced takes more
// memory than it is worth.
static bool is_fit(const struct kept *kept)
{
    return kept->tickets.count < ROWS_MOST && kept->arena.used_bytes - kept->loaded_bytes < SPENT_MOST;
}

bool kept_read(struct kept *kept, struct store *store, const struct tickets **tickets, struct err *err)
{
    const bool all = take_due(kept, store_durable(store));
    const bool goes_on = all && kept->loaded && is_fit(kept) && !store_is_shared(store);
    *tickets = &kept->tickets;
    kept->loaded = goes_on ? read_changed(kept, store, err) : load_all(kept, store, err);
    return kept->loaded;
}
