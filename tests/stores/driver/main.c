// driver URL [SELF [newer]]: opens the store at URL and does what each line of its input asks, until the
// input ends. A line is {"id": "w1", "do": "append", ...}; each gets one line with its id, reads at once,
// writes when they are decided, in any order. The first line of the output is {"id": "", "open": true}.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.pb-c.h"
#include "tests/stores/driver/driver.h"

enum { ARENA_BYTES = 64 << 20 };

static const struct store_table TABLES[] = {
    {.name = "user",
     .type = &auth__user__descriptor,
     .key = "id",
     .indexes = {{"by_username", true, {"username"}, CONSE__REASON__VALUE__USERNAME_TAKEN}},
     .version = 1},
    {0},
};
// Of a newer program.
static const struct store_table NEWER_TABLES[] = {
    {.name = "user",
     .type = &auth__user__descriptor,
     .key = "id",
     .indexes = {{"by_username", true, {"username"}, CONSE__REASON__VALUE__USERNAME_TAKEN},
                 {"by_name", false, {"username"}, 0}},
     .version = 2},
    {0},
};
const struct store_table *driver_users = TABLES;

static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

static void driver_give_up(const char *what, const char *detail)
{
    fprintf(stderr, "driver: %s%s\n", what, detail);
    exit(1);
}

const char *asked_text(const struct asked *asked, const char *field)
{
    const char *text = json_string_value(json_object_get(asked->json, field));
    if (!text) driver_give_up("no text in field ", field);
    return text;
}

uint64_t asked_number(const struct asked *asked, const char *field)
{
    const json_t *number = json_object_get(asked->json, field);
    if (!json_is_integer(number)) driver_give_up("no number in field ", field);
    return (uint64_t)json_integer_value(number);
}

void answer_print(const char *id, json_t *answer)
{
    if (json_object_set_new(answer, "id", json_string(id)) != 0) driver_give_up("no memory", "");
    pthread_mutex_lock(&output);
    json_dumpf(answer, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    pthread_mutex_unlock(&output);
    json_decref(answer);
}

static void driver_obey(struct store *store, struct arena *arena, const char *line)
{
    json_error_t error;
    json_t *json = json_loads(line, 0, &error);
    if (!json) driver_give_up("no JSON: ", line);
    const struct asked asked = {store, arena, json};
    const char *verb = asked_text(&asked, "do");
    if (!driver_write(&asked, verb) && !driver_read(&asked, verb)) driver_give_up("what is to ", verb);
    json_decref(json);
    arena_reset(arena);
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct store *store;
    struct err err;
    char *line = NULL;
    size_t room = 0;
    if (argc < 2) driver_give_up("usage: driver URL [SELF [newer]]", "");
    if (argc > 3) driver_users = NEWER_TABLES;
    const struct store_options options = {
        .url = argv[1], .tables = driver_users, .self = argv[2], .on_commit = driver_committed};
    if (!store_open(&store, &options, &err)) driver_give_up(err_name(&err), err.message);
    answer_print("", json_pack("{s:b}", "open", true));
    arena_init(&arena, ARENA_BYTES);
    while (getline(&line, &room, stdin) > 0) driver_obey(store, &arena, line);
    store_close(store);
    arena_finish(&arena);
    free(line);
    return 0;
}
