#include "tools/consectl/moment.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 1000, ARENA = 512 << 20 };

static bool moment_add(struct moment *moment, const struct store_head *heads, size_t count, struct err *err)
{
    if (moment->count + count > moment->room) {
        size_t room = 2 * (moment->room + count);
        struct store_head *grown = realloc(moment->heads, room * sizeof *grown);
        if (!grown) return err_fail(err, INTERNAL_ERROR, "out of memory");
        moment->heads = grown;
        moment->room = room;
    }
    if (count) memcpy(moment->heads + moment->count, heads, count * sizeof *heads);
    moment->count += count;
    return true;
}

bool moment_note(struct moment *moment, struct err *err)
{
    struct store_head *heads;
    const char *after = "";
    size_t count = PAGE;
    if (moment->noted || !store_is_shared(moment->store)) return true;
    moment->noted = true;
    arena_init(&moment->arena, ARENA);
    while (count == PAGE) {
        if (!store_heads(moment->store, "", after, PAGE, &moment->arena, &heads, &count, err) ||
            !moment_add(moment, heads, count, err))
            return false;
        if (count) after = heads[count - 1].stream;
    }
    return true;
}

static int by_stream(const void *name, const void *head)
{
    return strcmp(name, ((const struct store_head *)head)->stream);
}

// Of a stream that began after it: 0.
static uint64_t moment_head(const struct moment *moment, const char *stream)
{
    const struct store_head *head =
        moment->count ? bsearch(stream, moment->heads, moment->count, sizeof *moment->heads, by_stream)
                      : NULL;
    return head ? head->seq : 0;
}

// A row's name has no dot; what a source of another store is made from has a print.
static bool is_own_stream(const struct store_source *source)
{
    return source->stream && strchr(source->stream, '.') && !source->print;
}

static bool source_is_later(const struct moment *moment, const struct store_source *source)
{
    return is_own_stream(source) && source->seq > moment_head(moment, source->stream);
}

bool moment_has(struct moment *moment, const struct store_item *item)
{
    if (!moment->noted || item->ended) return true;
    if (moment->cut && strcmp(moment->cut, item->id) == 0) return false;
    if (item->version <= moment_head(moment, item->id) && !source_is_later(moment, &item->source))
        return true;
    moment->cut = arena_str(&moment->arena, item->id);
    return false;
}

void moment_finish(struct moment *moment)
{
    if (!moment->noted) return;
    free(moment->heads);
    arena_finish(&moment->arena);
}
