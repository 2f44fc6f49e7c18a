// consectl dump: a service's whole data as lines of JSON.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/new_file.h"
#include "lib/replica/replica.h"
#include "tools/consectl/content.h"
#include "tools/consectl/dump_sum.h"
#include "tools/consectl/moment.h"
#include "tools/consectl/sealed.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL };

struct dump {
    FILE *out;
    struct dump_sum sum;
    struct moment moment;
};

static bool cannot_write(struct err *err) { return err_fail(err, INTERNAL_ERROR, "cannot write the dump"); }

// Takes the line.
static bool print_line(struct dump *dump, json_t *line, struct err *err)
{
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    json_decref(line);
    if (!text) return err_fail(err, INTERNAL_ERROR, "out of memory");
    bool ok = fputs(text, dump->out) != EOF && fputc('\n', dump->out) != EOF;
    dump_sum_line(&dump->sum, text, strlen(text));
    dump_sum_line(&dump->sum, "\n", 1);
    free(text);
    return ok || cannot_write(err);
}

// The caller frees it; NULL without memory.
static char *base64_of(ProtobufCBinaryData bytes)
{
    size_t room = sodium_base64_ENCODED_LEN(bytes.len, BASE64);
    char *text = malloc(room);
    if (text) sodium_bin2base64(text, room, bytes.data, bytes.len, BASE64);
    return text;
}

static bool add_attached(json_t *line, ProtobufCBinaryData attached)
{
    char *text = base64_of(attached);
    bool ok = text && json_object_set_new(line, "attached", json_string(text)) == 0;
    free(text);
    return ok;
}

static bool add_source(json_t *line, const struct store_source *source)
{
    char print[17];
    snprintf(print, sizeof print, "%016llx", (unsigned long long)source->print);
    return json_object_update_new(line, json_pack("{s:s, s:I}", "source", source->stream, "source_seq",
                                                  (json_int_t)source->seq)) == 0 &&
           (!source->print || json_object_set_new(line, "source_print", json_string(print)) == 0);
}

// {"table", "id", "bytes"}, or {"stream", "seq", "bytes"} with what the entry was made from {"source",
// "source_seq", "source_print"} and what its append carries beside it {"attached"}, or {"stream", "seq",
// "ended"} of a deleted one, which ended behind seq; bytes and attached are base64.
static json_t *item_line(const struct store_item *item, const char *bytes)
{
    if (item->table)
        return json_pack("{s:s, s:s, s:s}", "table", item->table->name, "id", item->id, "bytes", bytes);
    if (item->ended)
        return json_pack("{s:s, s:I, s:b}", "stream", item->id, "seq", (json_int_t)item->version, "ended", 1);
    json_t *line =
        json_pack("{s:s, s:I, s:s}", "stream", item->id, "seq", (json_int_t)item->version, "bytes", bytes);
    if (line && (!item->source.stream || add_source(line, &item->source)) &&
        (!item->attached.len || add_attached(line, item->attached)))
        return line;
    json_decref(line);
    return NULL;
}

static bool print_item(void *arg, const struct store_item *item, struct err *err)
{
    struct dump *dump = arg;
    if (item->table && (replica_is_of_processes(item->table) || item->table == dump->sum.office->passing))
        return true;
    if (!item->table && !moment_note(&dump->moment, err)) return false;
    if (!item->table && !moment_has(&dump->moment, item)) return true;
    char *bytes = base64_of(item->bytes);
    if (!bytes) return err_fail(err, INTERNAL_ERROR, "out of memory");
    json_t *line = item_line(item, bytes);
    free(bytes);
    if (!line) return err_fail(err, STORE_CORRUPT, "%.80s is no name, or memory is out", item->id);
    if (item->table)
        dump_sum_row(&dump->sum, item->table);
    else if (!item->ended)
        dump_sum_entry(&dump->sum, item->id);
    return print_line(dump, line, err);
}

// *sum: of what was printed.
static bool print_all(FILE *out, const struct office *office, struct store *store, struct dump_sum *sum,
                      struct err *err)
{
    struct dump dump = {.moment = {.store = store}};
    if (!sealed_begin(&dump.out, out, err)) return false;
    dump_sum_begin(&dump.sum, office);
    bool ok = print_line(&dump, dump_header(office), err) && store_each(store, print_item, &dump, err) &&
              print_line(&dump, dump_sum_end(&dump.sum), err) && (fflush(dump.out) == 0 || cannot_write(err));
    if (dump.out != out && fclose(dump.out) != 0 && ok) ok = cannot_write(err);
    moment_finish(&dump.moment);
    *sum = dump.sum;
    return ok;
}

static bool print_to_file(const char *path, const struct office *office, struct store *store,
                          struct dump_sum *sum, struct err *err)
{
    struct new_file file;
    if (!new_file_begin(&file, path, err)) return false;
    int fd = dup(file.fd);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    bool ok = out ? print_all(out, office, store, sum, err) : cannot_write(err);
    if (out && fclose(out) != 0 && ok) ok = cannot_write(err);
    if (ok) return new_file_keep(&file, err);
    new_file_drop(&file);
    return false;
}

bool content_dump_file(struct ctl *ctl, const struct office *office, const char *path, struct dump_sum *sum,
                       struct err *err)
{
    struct store *store;
    if (!place_has_store(ctl, office->name, err) || !ctl_open_store(ctl, office, &store, err)) return false;
    bool ok = print_to_file(path, office, store, sum, err);
    store_close(store);
    return ok;
}

int content_dump(struct ctl *ctl, int argc, char **argv)
{
    const struct office *office = office_find(argv[0]);
    struct store *store;
    struct dump_sum sum;
    struct err err;
    if (!office) return ctl_usage("dump", "the services are auth, events, chain and ai");
    if (!place_has_store(ctl, office->name, &err) || !ctl_open_store(ctl, office, &store, &err))
        return ctl_fail(ctl, &err);
    bool ok = argc > 1 ? print_to_file(argv[1], office, store, &sum, &err)
                       : print_all(stdout, office, store, &sum, &err);
    store_close(store);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}
