// consectl: the operator's tool. Works through a running service's socket, or on its files while it does not
// run.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/version.h"
#include "tools/consectl/consectl.h"

enum { ARENA_BYTES = 256 << 20, MAX_JSON = 64 << 20 };

static const struct command *const groups[] = {user_commands, topic_commands, content_commands,
                                               verify_commands, log_commands};

static void print_help(FILE *out)
{
    fprintf(out, "usage: consectl [--json] [--data DIR] COMMAND ...\n\n");
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
        for (const struct command *c = groups[g]; c->name; c++) {
            char line[96];
            snprintf(line, sizeof line, "%s %s", c->name, c->usage);
            fprintf(out, "  %-40s %s\n", line, c->help);
        }
    fprintf(out, "\n  --json         answers as JSON\n"
                 "  --data DIR     folder of the embedded stores (CONSE_DATA, default ./data)\n"
                 "  --url URL      the gateway (CONSE_URL, default http://127.0.0.1:7438)\n"
                 "  --version\n\n"
                 "CONSE_RUN is the folder of the services' sockets (default DATA/run).\n"
                 "Exit status: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 the store is held by a "
                 "running service.\n");
}

int ctl_usage(const char *command, const char *what)
{
    fprintf(stderr, "consectl %s: %s (see consectl --help)\n", command, what);
    return STATUS_USAGE;
}

int ctl_fail(const struct ctl *ctl, const struct err *err)
{
    if (ctl->json)
        fprintf(stderr, "{\"code\":\"%s\",\"detail\":\"%s\"}\n", err_name(err), err->message);
    else
        fprintf(stderr, "consectl: %s\n", err->message);
    if (err_is(err, NOT_FOUND)) return STATUS_ABSENT;
    return err_is(err, SERVICE_BUSY) ? STATUS_HELD : STATUS_FAILED;
}

void ctl_print_json(const ProtobufCMessage *message)
{
    struct buf text;
    buf_init(&text, MAX_JSON);
    json_write(&text, message);
    puts(text.bytes);
    buf_finish(&text);
}

// How many of argv's words a command's name takes; 0 when it is another command.
static int words_matched(const struct command *command, int argc, char **argv)
{
    const char *rest = command->name;
    for (int i = 0; i < argc; i++) {
        size_t len = strlen(argv[i]);
        if (strncmp(rest, argv[i], len) != 0 || (rest[len] != ' ' && rest[len] != 0)) return 0;
        if (rest[len] == 0) return i + 1;
        rest += len + 1;
    }
    return 0;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
        for (const struct command *c = groups[g]; c->name; c++) {
            int words = words_matched(c, argc, argv);
            if (!words) continue;
            if (argc - words < c->least || argc - words > c->most) return ctl_usage(c->name, c->usage);
            return c->run(ctl, argc - words, argv + words);
        }
    return ctl_usage(argc ? argv[0] : "", "there is no such command");
}

static const char *env_or(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value && *value ? value : fallback;
}

// Takes the options before the command; returns how many words they were, or -1.
static int take_options(struct ctl *ctl, int argc, char **argv)
{
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--json") == 0)
            ctl->json = true;
        else if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
            ctl->data_dir = argv[++i];
        else if (strcmp(argv[i], "--url") == 0 && i + 1 < argc)
            ctl->url = argv[++i];
        else
            return -1;
    }
    return i;
}

static int run_with_arena(struct ctl *ctl, int argc, char **argv)
{
    arena_init(&ctl->arena, ARENA_BYTES);
    int status = run(ctl, argc, argv);
    arena_finish(&ctl->arena);
    return fflush(stdout) == 0 ? status : STATUS_FAILED;
}

int main(int argc, char **argv)
{
    struct ctl ctl = {.data_dir = env_or("CONSE_DATA", "data"),
                      .url = env_or("CONSE_URL", "http://127.0.0.1:7438")};
    char run_dir[1024];
    log_init("consectl", LOG_WARN, false);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? STATUS_USAGE : STATUS_OK;
    }
    if (strcmp(argv[1], "--version") == 0)
        return printf("consectl %s (%s)\n", CONSE_VERSION, CONSE_COMMIT), STATUS_OK;
    int options = take_options(&ctl, argc, argv);
    if (options < 0) return ctl_usage(argv[1], "unknown option");
    if (sodium_init() < 0) return STATUS_FAILED;
    snprintf(run_dir, sizeof run_dir, "%s/run", ctl.data_dir);
    ctl.run_dir = env_or("CONSE_RUN", run_dir);
    return run_with_arena(&ctl, argc - options, argv + options);
}
