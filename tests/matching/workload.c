#include "tests/matching/workload.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MAGIC = UINT64_C(0x4D4542575F303031);

// A file is what a machine of this byte order has in its memory.
struct header {
    uint64_t magic;
    uint32_t version, count;
};
struct record {
    uint8_t kind, side, immediate, unused;
    uint32_t quantity;
    uint64_t sequence, order;
    int64_t price, reserved;
};
_Static_assert(sizeof(struct header) == 16 && sizeof(struct record) == 40, "as they are in the file");

void matching_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("matching: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void *matching_array(size_t count, size_t size)
{
    void *all = calloc(count ? count : 1, size);
    if (!all) matching_fail("no memory");
    return all;
}

static struct message message_of(const struct record *record, const char *path)
{
    if (record->kind > MESSAGE_MODIFY || record->side > 1) matching_fail("%s has a message of no kind", path);
    return (struct message){.sequence = record->sequence,
                            .order = record->order,
                            .price = record->price,
                            .quantity = record->quantity,
                            .kind = record->kind,
                            .side = record->side,
                            .immediate = record->immediate};
}

void workload_read(struct workload *workload, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct header header;
    struct record record;
    if (!file || fread(&header, sizeof header, 1, file) != 1 || header.magic != MAGIC)
        matching_fail("%s is no workload", path);
    *workload = (struct workload){matching_array(header.count, sizeof *workload->messages), header.count, 0};
    for (size_t i = 0; i < workload->count; i++) {
        if (fread(&record, sizeof record, 1, file) != 1) matching_fail("%s ends too early", path);
        workload->messages[i] = message_of(&record, path);
        if (record.order > workload->last_order) workload->last_order = record.order;
    }
    fclose(file);
}

void workload_finish(struct workload *workload) { free(workload->messages); }
