// The load of `make bench-realtime`, the same for every peer: opens many connections that follow one stream,
// publishes to it at a held rate, and counts what each connection is told. Arguments are name=value: speech,
// port, topic, document, tokens (a file, one a line), tls=1, narrow=1 (as over a network: small segments and
// windows), and to publish port_to, method, path, headers, body, size. Then each line of standard input is a
// command, answered by a line of JSON:
//     open COUNT MS          opens connections, spread over so long, until all follow
//     publish COUNT PER_S MS publishes, until all that read have all, or so long after the last
//     expect MS              waits until all connections have all of the last run
//     stall COUNT, resume    the first so many read nothing; read again
//     leave                  closes all, as lost connections are
//     return MS              opens those that are closed, spread over so long, each with its cursor
//     tell                   what has come to light
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tools/bench/realtime_line.h"
#include "tools/bench/realtime_publisher.h"
#include "tools/bench/realtime_speech.h"

enum {
    EVENTS_AT_ONCE = 512,
    OPENING_MOST = 512,
    OPENING_TLS = 48,
    COMMAND_SIZE = 256,
    WAIT_MS = 60000,
    TOKENS_MOST = 20000
};

struct client {
    struct lines lines;
    struct publisher publisher;
    struct tally tally;
    bool publishes;
    bool over;
    char command[COMMAND_SIZE];
    size_t command_len;
};

// ---- Turns

static void wait_for(struct client *client, int64_t until_ns, struct epoll_event *events, int *count)
{
    int64_t left_ns = until_ns - tally_now();
    if (left_ns < 0) left_ns = 0;
    struct timespec most = {left_ns / 1000000000, left_ns % 1000000000};
    *count = epoll_pwait2(client->lines.epoll_fd, events, EVENTS_AT_ONCE, &most, NULL);
    if (*count < 0 && errno != EINTR) abort();
}

// True: standard input has something.
static bool client_turn(struct client *client, int64_t until_ns)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int count;
    bool said = false;
    int64_t due_ns = client->publishes ? publisher_turn(&client->publisher) : INT64_MAX;
    wait_for(client, due_ns < until_ns ? due_ns : until_ns, events, &count);
    for (int i = 0; i < count; i++) {
        void *of = events[i].data.ptr;
        if (!of)
            said = true;
        else if (!client->publishes || !publisher_take(&client->publisher, of))
            line_turn(&client->lines, of, events[i].events);
    }
    return said;
}

// ---- What is told

static double processor_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static size_t counted_lines(const struct client *client)
{
    size_t counted = 0;
    for (size_t i = 0; i < client->lines.count; i++) counted += client->lines.all[i].counted;
    return counted;
}

// What the lines that are counted have had of the run, without what stalled ones had.
static uint64_t counted_got(const struct client *client)
{
    const struct tally *tally = &client->tally;
    uint64_t got = 0;
    for (size_t i = 0; i < client->lines.count; i++)
        for (size_t w = 0; client->lines.all[i].counted && w < tally->words; w++)
            got += (uint64_t)__builtin_popcountll(tally->seen[i * tally->words + w]);
    return got;
}

static void print_latencies(const char *name, const struct latencies *latencies)
{
    printf(",\"%s\":{\"p50\":%.3f,\"p99\":%.3f,\"most\":%.3f}", name, latencies_ms(latencies, 0.5),
           latencies_ms(latencies, 0.99), (double)latencies->most / 1000);
}

static void print_lines(const struct lines *lines)
{
    printf("\"ready\":%zu,\"refused\":%zu,\"refusal\":%d,\"broken\":%zu,\"closed\":%d,\"resets\":%zu,"
           "\"snapshots\":%zu",
           lines->ready, lines->refused, lines->refusal, lines->broken, lines->closes[0], lines->resets,
           lines->snapshots);
}

static void print_run(struct client *client, double processor)
{
    const struct tally *tally = &client->tally;
    const struct publisher *publisher = &client->publisher;
    struct latencies last;
    uint64_t told = tally->got + tally->twice + tally->strange;
    double seconds = (double)(tally->got_ns - publisher->begin_ns) / 1e9;
    tally_last(tally, &last);
    printf(",\"sent\":%zu,\"answered\":%zu,\"refusals\":%zu,\"expected\":%" PRIu64 ",\"got\":%" PRIu64
           ",\"twice\":%" PRIu64 ",\"strange\":%" PRIu64
           ",\"seconds\":%.3f,\"rate\":%.0f,\"bytes\":%.1f,\"client\":%.3f",
           publisher->sent, publisher->answered, publisher->refused,
           (uint64_t)counted_lines(client) * tally->count, counted_got(client), tally->twice, tally->strange,
           seconds, tally->got ? (double)tally->got / seconds : 0,
           told ? (double)tally->bytes / (double)told : 0, processor_s() - processor);
    print_latencies("told", &tally->told);
    print_latencies("last", &last);
    print_latencies("answers", &publisher->answers);
}

// ---- Commands

static void open_lines(struct client *client, int64_t spread_ms)
{
    struct lines *lines = &client->lines;
    size_t at_once = lines->tls ? OPENING_TLS : OPENING_MOST, begun = 0;
    int64_t begin_ns = tally_now(), end_ns = begin_ns + (spread_ms + WAIT_MS) * 1000000;
    lines->refused = lines->broken = lines->resets = lines->snapshots = 0;
    lines->rounds++;
    while (tally_now() < end_ns && (begun < lines->count || lines->opening)) {
        int64_t due_ns = begin_ns;
        while (begun < lines->count && lines->opening < at_once) {
            due_ns = begin_ns + spread_ms * 1000000 * (int64_t)begun / (int64_t)lines->count;
            if (due_ns > tally_now()) break;
            if (lines->all[begun].state == LINE_AWAY) line_open(lines, &lines->all[begun]);
            begun++;
        }
        client_turn(client, due_ns > tally_now() ? due_ns : tally_now() + 10000000);
    }
    printf("{\"ms\":%.0f,", (double)(tally_now() - begin_ns) / 1e6);
    print_lines(lines);
}

static void command_open(struct client *client, size_t count, int64_t spread_ms)
{
    struct lines *lines = &client->lines;
    lines_finish(lines);
    lines_init(lines, count);
    open_lines(client, spread_ms);
    printf("}\n");
}

static bool run_is_over(const struct client *client, uint64_t expected)
{
    const struct publisher *publisher = &client->publisher;
    return publisher->answered == publisher->count && client->tally.got >= expected &&
           counted_got(client) >= expected;
}

static void publish_run(struct client *client, int64_t most_ms)
{
    uint64_t expected = (uint64_t)counted_lines(client) * client->tally.count;
    const struct publisher *publisher = &client->publisher;
    int64_t end_ns =
        publisher->begin_ns + (int64_t)publisher->count * publisher->between_ns + most_ms * 1000000;
    while (tally_now() < end_ns && !run_is_over(client, expected)) client_turn(client, tally_now() + 5000000);
}

static void command_publish(struct client *client, size_t count, double per_s, int64_t most_ms)
{
    struct lines *lines = &client->lines;
    double processor = processor_s();
    lines->broken = lines->refused = lines->resets = 0;
    tally_begin(&client->tally, lines->count, count);
    for (size_t i = 0; i < lines->count; i++)
        lines->all[i].counted = lines->all[i].state == LINE_READY && !lines->all[i].stalled;
    publisher_begin(&client->publisher, count, (int64_t)(1e9 / per_s));
    publish_run(client, most_ms);
    printf("{");
    print_lines(lines);
    print_run(client, processor);
    printf("}\n");
}

static void command_expect(struct client *client, int64_t most_ms)
{
    uint64_t expected = (uint64_t)client->lines.count * client->tally.count;
    int64_t end_ns = tally_now() + most_ms * 1000000;
    for (size_t i = 0; i < client->lines.count; i++) client->lines.all[i].counted = true;
    while (tally_now() < end_ns && client->tally.got < expected) client_turn(client, tally_now() + 5000000);
    printf("{");
    print_lines(&client->lines);
    print_run(client, processor_s());
    printf("}\n");
}

static void command_stall(struct client *client, size_t count, bool stalled)
{
    for (size_t i = 0; i < client->lines.count && i < count; i++)
        line_stall(&client->lines, &client->lines.all[i], stalled);
    printf("{}\n");
}

static void command_leave(struct client *client)
{
    for (size_t i = 0; i < client->lines.count; i++) line_close(&client->lines, &client->lines.all[i]);
    printf("{}\n");
}

static void command_return(struct client *client, int64_t spread_ms)
{
    open_lines(client, spread_ms);
    printf("}\n");
}

static void command_tell(struct client *client)
{
    printf("{");
    print_lines(&client->lines);
    printf("}\n");
}

static void run_command(struct client *client, const char *text)
{
    size_t count = 0;
    long ms = 0;
    double per_s = 0;
    if (sscanf(text, "open %zu %ld", &count, &ms) == 2)
        command_open(client, count, ms);
    else if (sscanf(text, "publish %zu %lf %ld", &count, &per_s, &ms) == 3)
        command_publish(client, count, per_s, ms);
    else if (sscanf(text, "expect %ld", &ms) == 1)
        command_expect(client, ms);
    else if (sscanf(text, "stall %zu", &count) == 1)
        command_stall(client, count, true);
    else if (strcmp(text, "resume") == 0)
        command_stall(client, client->lines.count, false);
    else if (strcmp(text, "leave") == 0)
        command_leave(client);
    else if (sscanf(text, "return %ld", &ms) == 1)
        command_return(client, ms);
    else if (strcmp(text, "tell") == 0)
        command_tell(client);
    else
        printf("{\"unknown\":true}\n");
    fflush(stdout);
}

// One command is sent at a time.
static void read_command(struct client *client)
{
    ssize_t got =
        read(STDIN_FILENO, client->command + client->command_len, COMMAND_SIZE - 1 - client->command_len);
    client->over = got <= 0;
    if (client->over) return;
    client->command_len += (size_t)got;
    client->command[client->command_len] = 0;
    char *end = strchr(client->command, '\n');
    if (!end) return;
    *end = 0;
    client->command_len = 0;
    run_command(client, client->command);
}

// ---- Arguments

static const char *argument_of(char **argv, const char *name, const char *otherwise)
{
    for (size_t len = strlen(name); *argv; argv++)
        if (strncmp(*argv, name, len) == 0 && (*argv)[len] == '=') return *argv + len + 1;
    return otherwise;
}

static void read_tokens(struct lines *lines, const char *path)
{
    char line[2048];
    FILE *file = *path ? fopen(path, "r") : NULL;
    lines->tokens = calloc(TOKENS_MOST, sizeof *lines->tokens);
    while (file && lines->tokens_count < TOKENS_MOST && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        lines->tokens[lines->tokens_count++] = strdup(line);
    }
    if (file) fclose(file);
}

static bool client_init(struct client *client, char **argv)
{
    struct lines *lines = &client->lines;
    struct publisher *publisher = &client->publisher;
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
    lines->speech = speech_find(argument_of(argv, "speech", ""));
    lines->port = (uint16_t)atoi(argument_of(argv, "port", "0"));
    lines->topic = argument_of(argv, "topic", "");
    lines->document = argument_of(argv, "document", "");
    lines->tally = &client->tally;
    lines->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    read_tokens(lines, argument_of(argv, "tokens", ""));
    if (*argument_of(argv, "tls", "") && gnutls_certificate_allocate_credentials(&lines->tls) != 0) abort();
    lines->narrow = *argument_of(argv, "narrow", "");
    client->publishes = *argument_of(argv, "path", "");
    *publisher = (struct publisher){
        .port = (uint16_t)atoi(argument_of(argv, "port_to", argument_of(argv, "port", "0"))),
        .method = argument_of(argv, "method", "POST"),
        .path = argument_of(argv, "path", ""),
        .headers = argument_of(argv, "headers", ""),
        .body = argument_of(argv, "body", ""),
        .epoll_fd = lines->epoll_fd,
        .tally = &client->tally,
        .size = (size_t)atoi(argument_of(argv, "size", "0"))};
    if (publisher->size >= POST_TEXT) return false;
    epoll_ctl(lines->epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input);
    lines_init(lines, 0);
    if (client->publishes) publisher_open(publisher);
    return lines->speech && lines->port;
}

int main(int argc, char **argv)
{
    static struct client client;
    struct rlimit files;
    (void)argc;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (!client_init(&client, argv + 1)) {
        fprintf(stderr, "realtime_client: speech=, port= or size= is not right\n");
        return 2;
    }
    while (!client.over)
        if (client_turn(&client, tally_now() + 1000000000)) read_command(&client);
    return 0;
}
