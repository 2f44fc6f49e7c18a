#include "services/events/names/groups.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "services/events/tables.h"

enum { SLOTS = 4096 };

struct kept {
    struct uuid id; // "" when free
    char *name;
    bool has_image;
};

// A group has one slot, which it takes from another.
struct group_names {
    struct store *store;
    pthread_rwlock_t lock; // guards slots
    struct kept slots[SLOTS];
    atomic_uint_fast64_t version;
};

struct group_edit {
    struct group_names *groups;
    struct uuid id;
};

bool group_names_open(struct group_names **out, struct store *store, struct err *err)
{
    struct group_names *groups = *out = calloc(1, sizeof *groups);
    if (!groups) return err_fail(err, INTERNAL_ERROR, "out of memory");
    groups->store = store;
    atomic_init(&groups->version, 1);
    pthread_rwlock_init(&groups->lock, NULL);
    return true;
}

void group_names_close(struct group_names *groups)
{
    if (!groups) return;
    for (size_t i = 0; i < SLOTS; i++) free(groups->slots[i].name);
    pthread_rwlock_destroy(&groups->lock);
    free(groups);
}

uint64_t group_names_version(const struct group_names *groups) { return atomic_load(&groups->version); }

// FNV-1a.
static struct kept *slot_of(struct group_names *groups, const char *id)
{
    uint32_t hash = 0x811C9DC5;
    for (; *id; id++) hash = (hash ^ (uint8_t)*id) * 0x01000193;
    return &groups->slots[(hash ^ hash >> 16) % SLOTS];
}

static void fill_name(Events__GroupName *group, const char *name, bool has_image, struct arena *arena)
{
    group->name = arena_str(arena, name);
    if (has_image) group->image_url = arena_printf(arena, "/groups/%s/image", group->id);
}

static bool find_kept(struct group_names *groups, Events__GroupName *group, struct arena *arena)
{
    pthread_rwlock_rdlock(&groups->lock);
    const struct kept *kept = slot_of(groups, group->id);
    bool found = kept->id.text[0] && strcmp(kept->id.text, group->id) == 0;
    if (found) fill_name(group, kept->name, kept->has_image, arena);
    pthread_rwlock_unlock(&groups->lock);
    return found;
}

// Unless a group was edited since the row was read. Without memory it is read again.
static void keep_row(struct group_names *groups, const Game__GroupRow *row, uint64_t version)
{
    char *name = strdup(row->group->name);
    if (!name) return;
    pthread_rwlock_wrlock(&groups->lock);
    if (atomic_load(&groups->version) == version) {
        struct kept *kept = slot_of(groups, row->id);
        char *before = kept->name;
        *kept = (struct kept){.name = name, .has_image = row->image_id[0]};
        memcpy(kept->id.text, row->id, sizeof kept->id.text);
        name = before;
    }
    pthread_rwlock_unlock(&groups->lock);
    free(name);
}

bool group_names_fill(struct group_names *groups, Events__GroupName *group, struct arena *arena)
{
    Game__GroupRow *row;
    struct err err;
    uint64_t row_version, version = group_names_version(groups);
    if (find_kept(groups, group, arena)) return true;
    bool found = store_get(groups->store, &events_tables[EVENTS_GROUPS], group->id, arena,
                           (ProtobufCMessage **)&row, &row_version, &err) &&
                 row && row->group && uuid_check(row->id);
    if (!found) return false;
    fill_name(group, row->group->name, row->image_id[0], arena);
    keep_row(groups, row, version);
    return true;
}

struct group_edit *group_edit_begin(struct group_names *groups, const char *group_id)
{
    struct group_edit *edit = calloc(1, sizeof *edit);
    if (!edit || !uuid_check(group_id)) return free(edit), NULL;
    edit->groups = groups;
    memcpy(edit->id.text, group_id, sizeof edit->id.text);
    return edit;
}

static void clear_slot(struct kept *kept)
{
    free(kept->name);
    *kept = (struct kept){.name = NULL};
}

void group_names_forget(struct group_names *groups, const char *id)
{
    pthread_rwlock_wrlock(&groups->lock);
    if (id) clear_slot(slot_of(groups, id));
    for (size_t i = 0; !id && i < SLOTS; i++) clear_slot(&groups->slots[i]);
    atomic_fetch_add(&groups->version, 1);
    pthread_rwlock_unlock(&groups->lock);
}

void group_edit_done(void *arg, bool durable)
{
    struct group_edit *edit = arg;
    if (durable) group_names_forget(edit->groups, edit->id.text);
    free(edit);
}
