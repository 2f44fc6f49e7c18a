#include "tools/schema/stream.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void each_stream(void *arg, const char *package, const Conse__Stream *stream);

static void walk_streams(const FileSet *set, each_stream *visit, void *arg)
{
    for (size_t f = 0; f < set->n_file; f++)
        for (size_t s = 0; s < set->file[f]->n_service; s++) {
            const Conse__Stream *stream;
            for (size_t i = 0; (stream = option_stream(set->file[f]->service[s], i)) != NULL; i++)
                visit(arg, set->file[f]->package, stream);
        }
}

unsigned stream_bits(const Conse__Asker__Value *programs, size_t count)
{
    unsigned bits = 0;
    for (size_t i = 0; i < count; i++) bits |= 1U << programs[i];
    return bits;
}

static unsigned whole_of(const Conse__Stream *stream) { return stream_bits(stream->whole, stream->n_whole); }

static unsigned numbers_of(const Conse__Stream *stream)
{
    return stream_bits(stream->numbers, stream->n_numbers);
}

static void add_readers(void *arg, const char *package, const Conse__Stream *stream)
{
    (void)package;
    *(unsigned *)arg |= whole_of(stream) | numbers_of(stream);
}

unsigned stream_readers(const FileSet *set)
{
    unsigned bits = 0;
    walk_streams(set, add_readers, &bits);
    return bits;
}

struct wanted {
    const char *name;
    const Conse__Stream *found;
};

static void find_named(void *arg, const char *package, const Conse__Stream *stream)
{
    (void)package;
    struct wanted *wanted = arg;
    size_t len = strlen(wanted->name);
    bool named = strncmp(stream->name, wanted->name, len) == 0;
    if (named && (!stream->name[len] || stream->name[len] == '.')) wanted->found = stream;
}

const Conse__Stream *stream_find(const FileSet *set, const char *name)
{
    struct wanted wanted = {name, NULL};
    walk_streams(set, find_named, &wanted);
    return wanted.found;
}

static _Noreturn void refuse_stream(const char *package, const Conse__Stream *stream, const char *fault)
{
    fprintf(stderr, "schema: %s: stream \"%s\": %s\n", package, stream->name, fault);
    exit(1);
}

struct twins {
    const char *name;
    size_t count;
};

static void count_twins(void *arg, const char *package, const Conse__Stream *stream)
{
    (void)package;
    struct twins *twins = arg;
    twins->count += strcmp(stream->name, twins->name) == 0;
}

static void check_stream(const FileSet *set, const char *package, const Conse__Stream *stream)
{
    const char *star = strchr(stream->name, '*');
    struct twins twins = {stream->name, 0};
    walk_streams(set, count_twins, &twins);
    if (!*stream->name) refuse_stream(package, stream, "name is not said");
    const char *second = star ? strchr(star + 1, '*') : NULL;
    if (second && strchr(second + 1, '*')) refuse_stream(package, stream, "two * at most");
    if (twins.count > 1) refuse_stream(package, stream, "declared twice");
    bool read = whole_of(stream) | numbers_of(stream);
    if (!read && !stream->peers) refuse_stream(package, stream, "nobody reads it");
    if (stream->peers && (read || stream->level || stream->pushed || stream->announced))
        refuse_stream(package, stream, "peers: nobody reads it, and the bus has its numbers");
    if ((whole_of(stream) | numbers_of(stream)) & 1) refuse_stream(package, stream, "a reader names nobody");
    if (stream->level == CONSE__METHOD__LEVEL__OPTIONAL)
        refuse_stream(package, stream, "level: PUBLIC, USER, GOD or DEV");
    if (stream->announced && star) refuse_stream(package, stream, "announced: one stream, not many");
    if (stream->pushed && stream->n_numbers)
        refuse_stream(package, stream, "numbers: who listens to the bus has it whole");
    if (whole_of(stream) & numbers_of(stream))
        refuse_stream(package, stream, "a program reads it whole, or its numbers");
}

static void print_stream(void *arg, const char *package, const Conse__Stream *stream)
{
    check_stream(arg, package, stream);
    printf("    {\"%s\", \"%s\", %u, %u, %d, %d, %d, %d},\n", package, stream->name, whole_of(stream),
           numbers_of(stream), (int)stream->level, stream->pushed, stream->announced, stream->peers);
}

void stream_print(const FileSet *set)
{
    printf("const struct schema_stream schema_streams[] = {\n");
    walk_streams(set, print_stream, (void *)set);
    printf("    {NULL, NULL, 0, 0, 0, 0, 0, 0},\n};\n");
}
