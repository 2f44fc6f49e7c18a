// money_client URL ROLE SECONDS, and on standard input people's tokens, one a line: people place ORDERS_PER_S
// orders that rest, in an open loop, and withdraw all of theirs by turns, OPEN each. Prints as JSON how long
// it took from when an order was due to be placed until its owner's stream had it as ACCEPTED. Every order
// has to be taken and heard of.
#include <curl/curl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "tools/bench/realtime_tally.h"

enum {
    ORDERS_PER_S = 1000,
    OPEN = 180, // of whose orders so many rest before all are withdrawn, one person's after another's
    PEOPLE = 10,
    REQUESTS = 64, // at once
    WAIT_MS = 10000,
    ID_SIZE = 40,
    TEXT_SIZE = 64 << 10
};

struct text {
    char bytes[TEXT_SIZE];
    size_t len;
};

struct request {
    CURL *easy;
    int64_t due_ns; // 0: it withdraws
    struct text reply;
    struct request *next; // that is free
};

struct person {
    struct curl_slist *headers;
    CURL *stream;
    struct text line;
    bool follows;
    struct load *load;
};

struct order {
    char id[ID_SIZE];
    int64_t at_ns; // due, or heard
};

struct orders {
    struct order *all;
    size_t count;
};

struct load {
    CURLM *multi;
    const char *url, *role;
    int timer;
    struct person people[PEOPLE];
    size_t count, following, open;
    struct request requests[REQUESTS], *free;
    struct orders placed, heard;
    size_t most;
};

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "money_client: %s: %s\n", what, why);
    exit(1);
}

static void note_order(struct load *load, struct orders *orders, const json_t *order, int64_t at_ns)
{
    const char *id = json_string_value(json_object_get(order, "id"));
    if (!id || strlen(id) >= ID_SIZE || orders->count == load->most) fail("an order", id ? id : "has no id");
    struct order *noted = &orders->all[orders->count++];
    strcpy(noted->id, id);
    noted->at_ns = at_ns;
}

// ---- Streams

static void take_data(struct person *person, const char *text, size_t len, int64_t now_ns)
{
    if (!memmem(text, len, "ACCEPTED", 8)) return;
    json_t *data = json_loadb(text, len, 0, NULL);
    const json_t *entry = json_object_get(data, "entry");
    const char *kind = json_string_value(json_object_get(entry, "kind"));
    if (kind && strcmp(kind, "ACCEPTED") == 0)
        note_order(person->load, &person->load->heard, json_object_get(entry, "order"), now_ns);
    json_decref(data);
}

static void take_line(struct person *person, const char *line, size_t len, int64_t now_ns)
{
    static const char data[] = "data:", snapshot[] = "event: snapshot";
    if (len >= sizeof data - 1 && memcmp(line, data, sizeof data - 1) == 0)
        take_data(person, line + sizeof data - 1, len - (sizeof data - 1), now_ns);
    if (person->follows || len != sizeof snapshot - 1 || memcmp(line, snapshot, len) != 0) return;
    person->follows = true;
    person->load->following++;
}

static size_t on_stream(char *bytes, size_t one, size_t count, void *arg)
{
    struct person *person = arg;
    struct text *line = &person->line;
    const int64_t now_ns = clock_mono_ns();
    (void)one;
    if (line->len + count > TEXT_SIZE) fail("a stream", "a line is too long");
    memcpy(line->bytes + line->len, bytes, count);
    line->len += count;
    char *begin = line->bytes, *end;
    for (size_t left; left = line->len - (size_t)(begin - line->bytes), (end = memchr(begin, '\n', left));
         begin = end + 1)
        take_line(person, begin, (size_t)(end - begin), now_ns);
    line->len -= (size_t)(begin - line->bytes);
    memmove(line->bytes, begin, line->len);
    return count;
}

// ---- Requests

static CURL *make_easy(const struct load *load, const char *path)
{
    char url[256];
    CURL *easy = curl_easy_init();
    if (!easy) abort();
    snprintf(url, sizeof url, "%s%s", load->url, path);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    return easy;
}

static void follow_orders(struct load *load, struct person *person)
{
    person->load = load;
    person->stream = make_easy(load, "/stream?topics=orders");
    curl_easy_setopt(person->stream, CURLOPT_HTTPHEADER, person->headers);
    curl_easy_setopt(person->stream, CURLOPT_WRITEFUNCTION, on_stream);
    curl_easy_setopt(person->stream, CURLOPT_WRITEDATA, person);
    curl_multi_add_handle(load->multi, person->stream);
}

static size_t on_reply(char *bytes, size_t one, size_t count, void *arg)
{
    struct text *reply = arg;
    (void)one;
    if (reply->len + count > TEXT_SIZE) return 0;
    memcpy(reply->bytes + reply->len, bytes, count);
    reply->len += count;
    return count;
}

static void free_request(struct load *load, struct request *request)
{
    request->next = load->free;
    load->free = request;
    load->open--;
}

static void make_request(struct load *load, struct request *request)
{
    request->easy = make_easy(load, "/market/orders");
    curl_easy_setopt(request->easy, CURLOPT_WRITEFUNCTION, on_reply);
    curl_easy_setopt(request->easy, CURLOPT_WRITEDATA, &request->reply);
    curl_easy_setopt(request->easy, CURLOPT_PRIVATE, request);
    load->open++;
    free_request(load, request);
}

static void take_reply(struct load *load, struct request *request, CURLcode code)
{
    long status = 0;
    curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    request->reply.bytes[request->reply.len < TEXT_SIZE ? request->reply.len : TEXT_SIZE - 1] = 0;
    if (code != CURLE_OK) fail("a request", curl_easy_strerror(code));
    if (status != (request->due_ns ? 201 : 200)) fail("a request is refused", request->reply.bytes);
    if (request->due_ns) {
        json_t *reply = json_loadb(request->reply.bytes, request->reply.len, 0, NULL);
        note_order(load, &load->placed, json_object_get(reply, "order"), request->due_ns);
        json_decref(reply);
    }
    curl_multi_remove_handle(load->multi, request->easy);
    free_request(load, request);
}

static void load_turn(struct load *load)
{
    int running, left;
    curl_multi_perform(load->multi, &running);
    for (CURLMsg *told; (told = curl_multi_info_read(load->multi, &left));) {
        struct request *request = NULL;
        curl_easy_getinfo(told->easy_handle, CURLINFO_PRIVATE, (char **)&request);
        if (!request) fail("a stream", "it ended");
        take_reply(load, request, told->data.result);
    }
}

static void wait_until_ns(struct load *load, int64_t until_ns)
{
    const struct itimerspec at = {.it_value = {until_ns / 1000000000, until_ns % 1000000000}};
    struct curl_waitfd timer = {.fd = load->timer, .events = CURL_WAIT_POLLIN};
    timerfd_settime(load->timer, TFD_TIMER_ABSTIME, &at, NULL);
    curl_multi_poll(load->multi, &timer, 1, 1000, NULL);
    load_turn(load);
}

static void send_request(struct load *load, const struct person *person, const char *body, int64_t due_ns)
{
    while (!load->free) wait_until_ns(load, clock_mono_ns() + 1000000);
    struct request *request = load->free;
    load->free = request->next;
    load->open++;
    request->due_ns = due_ns;
    request->reply.len = 0;
    curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, person->headers);
    curl_easy_setopt(request->easy, CURLOPT_CUSTOMREQUEST, body ? "POST" : "DELETE");
    curl_easy_setopt(request->easy, CURLOPT_COPYPOSTFIELDS, body);
    if (!body) curl_easy_setopt(request->easy, CURLOPT_HTTPGET, 1L);
    curl_multi_add_handle(load->multi, request->easy);
}

// ---- The load

static void place_order(struct load *load, size_t i, int64_t due_ns)
{
    char body[256];
    const size_t which = i % load->count;
    const size_t turn = i / load->count + which * OPEN / load->count;
    if (turn % OPEN == 0) send_request(load, &load->people[which], NULL, 0);
    snprintf(body, sizeof body, "{\"role_id\":\"%s\",\"side\":\"BUY\",\"price\":%zu,\"quantity\":1}",
             load->role, 1 + turn % OPEN);
    send_request(load, &load->people[which], body, due_ns);
}

static void place_orders(struct load *load)
{
    const int64_t begin_ns = clock_mono_ns();
    for (size_t i = 0; i < load->most; i++) {
        const int64_t due_ns = begin_ns + (int64_t)i * (1000000000 / ORDERS_PER_S);
        while (clock_mono_ns() < due_ns) wait_until_ns(load, due_ns);
        place_order(load, i, due_ns);
        load_turn(load);
    }
}

static void wait_for_all(struct load *load, const size_t *count, size_t all)
{
    const int64_t until_ms = clock_mono_ms() + WAIT_MS;
    while ((*count < all || load->open) && clock_mono_ms() < until_ms)
        wait_until_ns(load, clock_mono_ns() + 1000000);
    if (*count < all || load->open) fail("a stream or a reply", "it did not come");
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct order *)a)->id, ((const struct order *)b)->id);
}

static void print_times(struct load *load)
{
    static struct latencies times;
    qsort(load->placed.all, load->most, sizeof(struct order), by_id);
    qsort(load->heard.all, load->most, sizeof(struct order), by_id);
    for (size_t i = 0; i < load->most; i++) {
        const struct order *placed = &load->placed.all[i], *heard = &load->heard.all[i];
        if (strcmp(placed->id, heard->id) != 0) fail("an order was not heard of", placed->id);
        latencies_add(&times, heard->at_ns - placed->at_ns);
    }
    printf("{\"rate\":%d,\"p50_us\":%.0f,\"p99_us\":%.0f,\"most_us\":%" PRIu64 "}\n", ORDERS_PER_S,
           1000 * latencies_ms(&times, 0.5), 1000 * latencies_ms(&times, 0.99), times.most);
}

// ---- Beginning

static void read_people(struct load *load)
{
    char token[2048], header[2100];
    while (load->count < PEOPLE && fgets(token, sizeof token, stdin)) {
        struct person *person = &load->people[load->count++];
        token[strcspn(token, "\n")] = 0;
        snprintf(header, sizeof header, "Authorization: Bearer %s", token);
        person->headers = curl_slist_append(NULL, header);
        person->headers = curl_slist_append(person->headers, "Content-Type: application/json");
    }
    if (!load->count) fail("standard input", "no tokens");
}

int main(int argc, char **argv)
{
    static struct load load;
    if (argc != 4 || atoi(argv[3]) < 1) {
        fprintf(stderr, "usage: money_client URL ROLE SECONDS < TOKENS\n");
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    load.url = argv[1];
    load.role = argv[2];
    load.most = (size_t)atoi(argv[3]) * ORDERS_PER_S;
    load.placed.all = calloc(load.most, sizeof(struct order));
    load.heard.all = calloc(load.most, sizeof(struct order));
    load.multi = curl_multi_init();
    load.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    curl_multi_setopt(load.multi, CURLMOPT_MAXCONNECTS, (long)REQUESTS + PEOPLE);
    read_people(&load);
    for (size_t i = 0; i < REQUESTS; i++) make_request(&load, &load.requests[i]);
    for (size_t i = 0; i < load.count; i++) follow_orders(&load, &load.people[i]);
    wait_for_all(&load, &load.following, load.count);
    place_orders(&load);
    wait_for_all(&load, &load.heard.count, load.most);
    print_times(&load);
    return 0;
}
