#include "tools/consectl/dump_sum.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/version.h"
#include "lib/replica/replica.h"

enum { FORMAT = 1 };

void dump_sum_begin(struct dump_sum *sum, const struct office *office)
{
    *sum = (struct dump_sum){.office = office};
    crypto_hash_sha256_init(&sum->hash);
}

void dump_sum_line(struct dump_sum *sum, const char *text, size_t len)
{
    crypto_hash_sha256_update(&sum->hash, (const unsigned char *)text, len);
}

void dump_sum_row(struct dump_sum *sum, const struct store_table *table)
{
    size_t at = (size_t)(table - sum->office->tables);
    assert(at < DUMP_TABLES);
    sum->rows[at]++;
}

void dump_sum_entry(struct dump_sum *sum, const char *stream)
{
    bool another = strncmp(sum->stream, stream, sizeof sum->stream - 1) != 0;
    sum->entries++;
    if (!another) return;
    sum->streams++;
    snprintf(sum->stream, sizeof sum->stream, "%s", stream);
}

static json_t *row_counts(const struct dump_sum *sum)
{
    json_t *rows = json_object();
    for (size_t i = 0; sum->office->tables[i].name; i++)
        if (!replica_is_of_processes(&sum->office->tables[i]))
            json_object_set_new(rows, sum->office->tables[i].name, json_integer((json_int_t)sum->rows[i]));
    return rows;
}

json_t *dump_sum_end(const struct dump_sum *sum)
{
    crypto_hash_sha256_state hash = sum->hash;
    uint8_t digest[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof digest + 1];
    crypto_hash_sha256_final(&hash, digest);
    hex_encode(hex, digest, sizeof digest);
    return json_pack("{s:b, s:o, s:I, s:I, s:s}", "end", 1, "rows", row_counts(sum), "streams",
                     (json_int_t)sum->streams, "entries", (json_int_t)sum->entries, "sha256", hex);
}

json_t *dump_header(const struct office *office)
{
    json_t *tables = json_object();
    for (const struct store_table *t = office->tables; t->name; t++)
        if (!replica_is_of_processes(t)) json_object_set_new(tables, t->name, json_integer(t->version));
    return json_pack("{s:s, s:i, s:s, s:s, s:o}", "conse", "dump", "format", FORMAT, "version", CONSE_VERSION,
                     "service", office->name, "tables", tables);
}

const struct store_table *dump_table(const struct office *office, const char *name)
{
    for (const struct store_table *t = office->tables; t->name; t++)
        if (strcmp(t->name, name) == 0 && !replica_is_of_processes(t)) return t;
    return NULL;
}

static bool check_tables(const json_t *tables, const struct office *office, const char *version,
                         struct err *err)
{
    const char *name;
    json_t *number;
    json_object_foreach((json_t *)tables, name, number)
    {
        const struct store_table *table = dump_table(office, name);
        json_int_t made = json_integer_value(number);
        if (!table)
            return err_fail(err, MALFORMED,
                            "the dump, made by version %.20s, has a table %.40s that this program "
                            "does not know",
                            version, name);
        if (!json_is_integer(number) || made < 0 || made > table->version)
            return err_fail(
                err, MALFORMED,
                "the dump, made by version %.20s, has table %.40s in version %lld; this program knows %u",
                version, name, (long long)made, table->version);
    }
    return true;
}

bool dump_header_check(const json_t *header, const struct office *office, struct err *err)
{
    const char *what = "", *version = "", *service = "";
    json_t *tables = NULL;
    int format = 0;
    bool is_header = json_unpack((json_t *)header, "{s:s, s:i}", "conse", &what, "format", &format) == 0 &&
                     strcmp(what, "dump") == 0;
    if (!is_header)
        return err_fail(err, MALFORMED,
                        "line 1 does not say what this is; a dump of an earlier version is restored with "
                        "--headerless");
    if (format != FORMAT)
        return err_fail(err, MALFORMED, "the dump has format %d, this program knows %d", format, FORMAT);
    if (json_unpack((json_t *)header, "{s:s, s:s, s:o}", "version", &version, "service", &service, "tables",
                    &tables) != 0 ||
        !json_is_object(tables))
        return err_fail(err, MALFORMED, "line 1 is not the first line of a dump");
    if (strcmp(service, office->name) != 0)
        return err_fail(err, MALFORMED, "this is a dump of %.40s, not of %s", service, office->name);
    return check_tables(tables, office, version, err);
}
