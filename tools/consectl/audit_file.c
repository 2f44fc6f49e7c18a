#include "tools/consectl/audit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/json/json.h"

enum { LINE_ARENA = 1 << 20, MOST_TEXT = 64 << 10 };

static bool json_is_same(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
    struct buf one, two;
    buf_init(&one, MOST_TEXT), buf_init(&two, MOST_TEXT);
    json_write(&one, a, NULL), json_write(&two, b, NULL);
    bool same = one.bytes && two.bytes && strcmp(one.bytes, two.bytes) == 0;
    buf_finish(&one), buf_finish(&two);
    return same;
}

// The readable part of a line says what its bytes say.
static bool says_what_it_has(const Audit__Exported *line, struct arena *arena)
{
    const Audit__Entry *entry = audit__entry__unpack(&arena->allocator, line->packed.len, line->packed.data);
    return entry && line->entry && json_is_same(&entry->base, &line->entry->base);
}

static bool follow_line(struct audit_file *file, const Audit__Exported *line, struct arena *arena,
                        struct err *err)
{
    int keeper = audit_keeper(line->service);
    if (keeper < 0) return err_fail(err, STORE_CORRUPT, "\"%.40s\" keeps no audit", line->service);
    struct hash_chain *chain = &file->chains[keeper];
    uint8_t leaf[HASH_CHAIN_HASH];
    if (line->number != chain->seq + 1)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of %s is missing", chain->seq + 1,
                        line->service);
    if (line->salt.len != HASH_CHAIN_SALT || line->hash.len != HASH_CHAIN_HASH ||
        !says_what_it_has(line, arena))
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of %s was changed", line->number,
                        line->service);
    hash_chain_leaf(leaf, line->salt.data, line->packed.data, line->packed.len);
    hash_chain_advance(chain, leaf);
    return memcmp(chain->head, line->hash.data, HASH_CHAIN_HASH) == 0 ||
           err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of %s does not follow from those before",
                    line->number, line->service);
}

static bool take_line(struct audit_file *file, const char *text, size_t len, struct arena *arena,
                      struct err *err)
{
    ProtobufCMessage *line = json_message_new(&audit__exported__descriptor, arena);
    return line && json_parse(text, len, line, NULL, arena, err) &&
           follow_line(file, (const Audit__Exported *)line, arena, err);
}

static bool read_lines(FILE *in, struct audit_file *file, struct err *err)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t len;
    struct arena arena;
    bool ok = true;
    arena_init(&arena, LINE_ARENA);
    for (int number = 1; ok && (len = getline(&text, &room, in)) > 0 && text[len - 1] == '\n'; number++) {
        char where[32];
        snprintf(where, sizeof where, "line %d", number);
        ok = take_line(file, text, (size_t)len - 1, &arena, err) || err_wrap(err, where);
        file->whole += len;
        arena_reset(&arena);
    }
    arena_finish(&arena);
    free(text);
    return ok && (!ferror(in) || err_errno(err, errno, "the file"));
}

bool audit_file_read(const char *path, struct audit_file *file, struct err *err)
{
    *file = (struct audit_file){.whole = 0};
    FILE *in = fopen(path, "re");
    if (!in) return errno == ENOENT || err_errno(err, errno, path);
    bool ok = read_lines(in, file, err) || err_wrap(err, path);
    fclose(in);
    return ok;
}
