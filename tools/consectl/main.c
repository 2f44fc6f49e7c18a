// consectl: the operator's tool. It works through a running service's socket, or on the files of a stopped
// one.
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/service/env_file.h"
#include "lib/net/http.h"
#include "lib/json/json.h"
#include "lib/rpc/bus_keys.h"
#include "lib/rpc/tls/identity.h"
#include "lib/base/log.h"
#include "lib/base/version.h"
#include "tools/consectl/audit.h"
#include "tools/consectl/consectl.h"
#include "tools/consectl/settings.h"

enum { ARENA_BYTES = 256 << 20, MAX_JSON = 64 << 20 };

static const struct ctl_command *const groups[] = {
    user_commands,    topic_commands,  content_commands, verify_commands, log_commands,    ledger_commands,
    list_commands,    market_commands, service_commands, key_commands,    rating_commands, discord_commands,
    release_commands, drill_commands,  doctor_commands,  audit_commands};

enum { GROUPS = sizeof groups / sizeof *groups };

static const char OPTIONS[] =
    "  --json         answers as JSON\n"
    "  --data DIR     folder of the embedded stores (CONSE_DATA, default ./data)\n"
    "  --url URL      the gateway (CONSE_URL, else from CONSE_LISTEN, else http://127.0.0.1:7438)\n"
    "  --help         also after a command\n"
    "  --version\n";

static bool is_in(const struct ctl_command *command, const char *group)
{
    size_t len = strlen(group);
    return strncmp(command->name, group, len) == 0 && (command->name[len] == ' ' || command->name[len] == 0);
}

// The commands of a group ("user"), or all of them; how many.
static int print_commands(FILE *out, const char *group)
{
    int count = 0;
    for (size_t g = 0; g < GROUPS; g++)
        for (const struct ctl_command *c = groups[g]; c->name; c++) {
            char line[96];
            if (group && !is_in(c, group)) continue;
            snprintf(line, sizeof line, "%s %s", c->name, c->usage);
            fprintf(out, "  %-36s %s\n", line, c->help);
            count++;
        }
    return count;
}

static void print_help(FILE *out)
{
    fprintf(out, "usage: consectl [OPTIONS] COMMAND ...\n\n"
                 "Works through a running service's socket, or on the files of one that is not running.\n\n");
    print_commands(out, NULL);
    fprintf(out,
            "\n%s\n"
            "Settings are those of the services, from the environment and from ./.env, so it is best run "
            "where they are.\n"
            "Exit status: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 the store is held by a running "
            "service. Its own settings:\n",
            OPTIONS);
    config_help(consectl_vars, out);
}

static int print_command_help(const struct ctl_command *command)
{
    printf("usage: consectl [OPTIONS] %s %s\n\n%s: %s.\n%s\n\n%s", command->name, command->usage,
           command->name, command->help, command->more, OPTIONS);
    return STATUS_OK;
}

int ctl_usage(const char *command, const char *what)
{
    fprintf(stderr, "consectl %s%s%s (see consectl %s --help)\n", command, *command ? ": " : "", what,
            command);
    return STATUS_USAGE;
}

static void print_json_error(const struct err *err)
{
    json_t *error = json_pack("{s:s, s:s}", "code", err_name(err), "detail", err->message);
    json_dumpf(error, stderr, JSON_COMPACT);
    fputc('\n', stderr);
    json_decref(error);
}

int ctl_fail(const struct ctl *ctl, const struct err *err)
{
    if (ctl->json)
        print_json_error(err);
    else
        fprintf(stderr, "consectl: %s\n", err->message);
    if (ctl->held) return STATUS_HELD;
    return err_is(err, NOT_FOUND) ? STATUS_ABSENT : STATUS_FAILED;
}

void ctl_print_json(const ProtobufCMessage *message)
{
    struct buf text;
    buf_init(&text, MAX_JSON);
    json_write(&text, message, NULL);
    puts(text.bytes);
    buf_finish(&text);
}

// The number of argv's words in a command's name; 0 when it is another command.
static int words_matched(const struct ctl_command *command, int argc, char **argv)
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

static const struct ctl_command *find_command(int argc, char **argv, int *words)
{
    for (size_t g = 0; g < GROUPS; g++)
        for (const struct ctl_command *c = groups[g]; c->name; c++)
            if ((*words = words_matched(c, argc, argv)) > 0) return c;
    return NULL;
}

// A group's name alone ("user") lists its commands.
static int miss_command(const struct ctl *ctl, int argc, char **argv)
{
    const char *first = argc ? argv[0] : "";
    FILE *out = ctl->help ? stdout : stderr;
    if (argc == 1 && print_commands(out, first)) return ctl->help ? STATUS_OK : STATUS_USAGE;
    fprintf(stderr, "consectl: there is no command %s (see consectl --help)\n", first);
    return STATUS_USAGE;
}

static int check_arguments(const struct ctl *ctl, const struct ctl_command *command, int count, char **argv)
{
    char usage[160];
    for (int i = 0; i < count; i++)
        if (strncmp(argv[i], "--", 2) == 0) return ctl_usage(command->name, "there is no such option");
    if (ctl->option && (!command->option || strcmp(ctl->option, command->option) != 0))
        return ctl_usage(command->name, "there is no such option");
    if (count >= command->least && count <= command->most) return STATUS_OK;
    snprintf(usage, sizeof usage, "it takes %s", *command->usage ? command->usage : "nothing");
    return ctl_usage(command->name, usage);
}

static int consectl_run(struct ctl *ctl, int argc, char **argv)
{
    int words = 0;
    if (argc && strcmp(argv[0], "help") == 0) ctl->help = true, argc--, argv++;
    const struct ctl_command *command = find_command(argc, argv, &words);
    if (!argc) return print_help(ctl->help ? stdout : stderr), ctl->help ? STATUS_OK : STATUS_USAGE;
    if (!command) return miss_command(ctl, argc, argv);
    if (ctl->help) return print_command_help(command);
    int wrong = check_arguments(ctl, command, argc - words, argv + words);
    return wrong ? wrong : command->run(ctl, argc - words, argv + words);
}

static bool is_option(const char *word)
{
    for (size_t g = 0; g < GROUPS; g++)
        for (const struct ctl_command *c = groups[g]; c->name; c++)
            if (c->option && strcmp(c->option, word) == 0) return true;
    return false;
}

// Takes an option of ours; returns its number of words, 0 when it is none.
static int take_option(struct ctl *ctl, char **argv)
{
    if (strcmp(argv[0], "--json") == 0) return ctl->json = true, 1;
    if (strcmp(argv[0], "--help") == 0) return ctl->help = true, 1;
    if (is_option(argv[0])) return ctl->option = argv[0], 1;
    if (strcmp(argv[0], "--data") == 0 && argv[1]) return ctl->data_dir = argv[1], 2;
    if (strcmp(argv[0], "--url") == 0 && argv[1]) return ctl->url = argv[1], 2;
    return 0;
}

// Options may stand anywhere; the remaining words are moved together. Returns their number.
static int take_options(struct ctl *ctl, int argc, char **argv)
{
    int left = 0;
    for (int i = 1, words; i < argc; i += words ? words : 1) {
        words = take_option(ctl, argv + i);
        if (!words) argv[left++] = argv[i];
    }
    return left;
}

static const char *env_or(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value && *value ? value : fallback;
}

// The values of options that were not given.
static void consectl_settle(struct ctl *ctl, char run_dir[PLACE], char url[PLACE])
{
    if (!ctl->data_dir) ctl->data_dir = env_or("CONSE_DATA", "./data");
    snprintf(run_dir, PLACE, "%s/run", ctl->data_dir);
    ctl->run_dir = env_or("CONSE_RUN", run_dir);
    http_listener_url(url, PLACE, env_or("CONSE_LISTEN", "127.0.0.1:7438"), *env_or("CONSE_TLS_CERT", ""));
    if (!ctl->url) ctl->url = env_or("CONSE_URL", url);
    ctl->url_follows = ctl->url == url;
}

static int run_with_arena(struct ctl *ctl, int argc, char **argv)
{
    char run_dir[PLACE], url[PLACE];
    consectl_settle(ctl, run_dir, url);
    arena_init(&ctl->arena, ARENA_BYTES);
    int status = consectl_run(ctl, argc, argv);
    arena_finish(&ctl->arena);
    bus_keys_destroy(ctl->bus_keys);
    rpc_identity_unload();
    return fflush(stdout) == 0 ? status : STATUS_FAILED;
}

int main(int argc, char **argv)
{
    struct ctl ctl = {0};
    struct err err;
    log_init("consectl", LOG_WARN, false);
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return printf("consectl %s (%s)\n", CONSE_VERSION, CONSE_COMMIT), STATUS_OK;
    int words = take_options(&ctl, argc, argv);
    if (!env_file_load(".env", &err)) return ctl_fail(&ctl, &err);
    if (sodium_init() < 0) return STATUS_FAILED;
    return run_with_arena(&ctl, words, argv);
}
