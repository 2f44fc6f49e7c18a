// Calls between two processes: the client's batches against one NNG context per call, same server, same work,
// rounds interleaved.
//   rpc_bench [SECONDS] [IN_FLIGHT]
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events.pb-c.h"
#include "lib/base/clock.h"
#include "lib/rpc/client.h"
#include "lib/rpc/address.h"
#include "lib/rpc/frame.h"
#include "lib/rpc/nng/secure.h"
#include "lib/rpc/tls/identity.h"
#include "lib/rpc/session.h"
#include "lib/rpc/server.h"

enum { ROUNDS = 3, MAX_IN_FLIGHT = 1024, MAX_SAMPLES = 4 * 1024 * 1024, CONTENT = 1024 };

static const char ID[] = "01890000-0000-7000-8000-000000000001";

static struct bus_keys *keys_of(const char *address)
{
    static const struct bus_key_list list = {1, {{7}}};
    static struct bus_keys *keys;
    if (!keys) keys = bus_keys_create(&list);
    return rpc_address_is_tcp(address) ? keys : NULL;
}

// ---- The server

HANDLER(get_event, Events__EventRequest, Events__EventReply)
{
    static char content[CONTENT + 1];
    if (!content[0]) memset(content, 'x', CONTENT);
    reply->event = arena_new(call->arena, Events__Event);
    events__event__init(reply->event);
    reply->event->id = request->event_id;
    reply->event->content = content;
    return true;
}

static int rpc_serve(const char *address)
{
    static const struct rpc_method table[] = {RPC_METHOD("events.GetEvent", get_event), {0}};
    static const struct rpc_method *const methods[] = {table, NULL};
    struct rpc_server *server;
    struct err err;
    struct rpc_server_options options = {.name = "events",
                                         .methods = methods,
                                         .address = address,
                                         .workers = 2,
                                         .slow_workers = 1,
                                         .queue = 1024,
                                         .bus_keys = keys_of(address)};
    if (!rpc_server_start(&server, &options, &err)) return fprintf(stderr, "%s\n", err.message), 1;
    for (;;) pause();
}

static pid_t spawn_server(const char *address)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "rpc_bench", "serve", address, (char *)NULL);
        _exit(127);
    }
    return pid;
}

// ---- What a round gives

struct round {
    const char *address;
    int64_t end_ns;
    uint32_t in_flight;
    uint32_t *samples_us10; // tenths of a microsecond
    size_t count, failed;
    int running; // calls not ended
};

struct result {
    double per_second, p50_us, p99_us;
};

static void rpc_record(struct round *round, int64_t began_ns, int64_t now_ns)
{
    if (round->count < MAX_SAMPLES) round->samples_us10[round->count] = (uint32_t)((now_ns - began_ns) / 100);
    round->count++;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double quantile_us(const struct round *round, size_t kept, size_t percent)
{
    size_t at = kept * percent / 100;
    return round->samples_us10[at] / 10.0;
}

static struct result result_of(struct round *round, double seconds)
{
    size_t kept = round->count < MAX_SAMPLES ? round->count : MAX_SAMPLES;
    if (round->failed || !kept) {
        fprintf(stderr, "%zu calls failed\n", round->failed);
        exit(1);
    }
    qsort(round->samples_us10, kept, sizeof *round->samples_us10, by_value);
    return (struct result){(double)round->count / seconds, quantile_us(round, kept, 50),
                           quantile_us(round, kept, 99)};
}

// ---- Batched: one loop, as the gateway has it

struct batched_call {
    struct batched *batched;
    int64_t began_ns;
};

struct batched {
    struct round *round;
    struct rpc_client *client;
    uint8_t payload[128];
    size_t payload_len;
    struct batched_call calls[MAX_IN_FLIGHT];
};

static void on_reply(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err);

static void start_call(struct batched *batched, struct batched_call *call)
{
    struct rpc_request request = {.method = schema_method("events.GetEvent"),
                                  .payload = {batched->payload_len, batched->payload},
                                  .timeout_ms = 10000};
    call->batched = batched;
    call->began_ns = clock_mono_ns();
    batched->round->running++;
    rpc_client_call(batched->client, &request, on_reply, call);
}

static void on_reply(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    (void)payload, (void)err;
    struct batched_call *call = arg;
    struct round *round = call->batched->round;
    int64_t now_ns = clock_mono_ns();
    round->running--;
    if (!ok || len < CONTENT) round->failed++;
    rpc_record(round, call->began_ns, now_ns);
    if (now_ns < round->end_ns) start_call(call->batched, call);
}

static void run_batched(struct round *round)
{
    static struct batched batched;
    struct err err;
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    request.event_id = ID;
    batched.round = round;
    batched.payload_len = events__event_request__pack(&request, batched.payload);
    struct rpc_client_options to = {.service = "events",
                                    .self = CONSE__ASKER__VALUE__GATEWAY,
                                    .address = round->address,
                                    .bus_keys = keys_of(round->address)};
    if (!rpc_client_create(&batched.client, &to, &err) || !rpc_client_wait(batched.client, 5000)) exit(1);
    for (uint32_t i = 0; i < round->in_flight; i++) start_call(&batched, &batched.calls[i]);
    while (round->running > 0) {
        struct pollfd fd = {.fd = rpc_client_fd(batched.client), .events = POLLIN};
        rpc_client_flush(batched.client);
        poll(&fd, 1, 1000);
        rpc_client_process(batched.client, clock_mono_ms());
    }
    rpc_client_destroy(batched.client);
}

// ---- The baseline: a context per call, one frame per message

struct context {
    struct baseline *baseline;
    nng_ctx ctx;
    nng_aio *aio;
    bool receiving;
    uint64_t counter; // of its message
    int64_t began_ns;
};

struct baseline {
    struct round *round;
    nng_socket socket;
    pthread_mutex_t mutex; // NNG's threads come at once
    struct rpc_seals seals;
    struct rpc_session session;
    pthread_cond_t idle;
    struct context contexts[MAX_IN_FLIGHT];
};

static bool close_call(struct context *context, nng_msg *message)
{
    struct baseline *baseline = context->baseline;
    pthread_mutex_lock(&baseline->mutex);
    bool ok = rpc_session_close(&baseline->session, message, clock_unix_ms(), &context->counter);
    pthread_mutex_unlock(&baseline->mutex);
    return ok;
}

static bool open_reply(struct context *context, nng_msg *message)
{
    struct baseline *baseline = context->baseline;
    pthread_mutex_lock(&baseline->mutex);
    enum seal_fault fault = rpc_session_open(&baseline->session, message, clock_unix_ms(), context->counter);
    pthread_mutex_unlock(&baseline->mutex);
    return fault == SEAL_FINE;
}

static void baseline_greet(struct baseline *baseline)
{
    rpc_session_init(&baseline->session, &baseline->seals);
    nng_msg *message = rpc_session_greet(&baseline->session, clock_unix_ms());
    if (!message) return; // nothing is sealed
    if (nng_sendmsg(baseline->socket, message, 0) != 0 || nng_recvmsg(baseline->socket, &message, 0) != 0 ||
        rpc_session_open(&baseline->session, message, clock_unix_ms(), baseline->session.greeting) !=
            SEAL_FINE)
        exit(1);
    nng_msg_free(message);
}

static void send_call(struct context *context)
{
    uint8_t payload[128];
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    Rpc__Request envelope = RPC__REQUEST__INIT;
    nng_msg *message;
    request.event_id = ID;
    envelope.id = 1;
    envelope.method = "events.GetEvent";
    envelope.timeout_ms = 10000;
    envelope.asker = CONSE__ASKER__VALUE__GATEWAY;
    envelope.payload = (ProtobufCBinaryData){events__event_request__pack(&request, payload), payload};
    if (nng_msg_alloc(&message, 0) != 0 ||
        !rpc_frame_append(message, &envelope.base, protobuf_c_message_get_packed_size(&envelope.base)) ||
        !close_call(context, message))
        exit(1);
    context->began_ns = clock_mono_ns();
    context->receiving = false;
    nng_aio_set_msg(context->aio, message);
    nng_ctx_send(context->ctx, context->aio);
}

static bool reply_is_good(struct context *context)
{
    nng_msg *message = nng_aio_get_msg(context->aio);
    struct rpc_frames frames;
    ProtobufCBinaryData envelope;
    bool ok = open_reply(context, message) &&
              rpc_frames_open(&frames, nng_msg_body(message), nng_msg_len(message)) &&
              rpc_frames_next(&frames, &envelope);
    Rpc__Reply *reply = ok ? rpc__reply__unpack(NULL, envelope.len, envelope.data) : NULL;
    ok = reply && reply->payload.len >= CONTENT;
    rpc__reply__free_unpacked(reply, NULL);
    nng_msg_free(message);
    return ok;
}

static void end_call(struct context *context, bool ok)
{
    struct baseline *baseline = context->baseline;
    int64_t now_ns = clock_mono_ns();
    pthread_mutex_lock(&baseline->mutex);
    struct round *round = baseline->round;
    if (!ok) round->failed++;
    rpc_record(round, context->began_ns, now_ns);
    bool again = now_ns < round->end_ns;
    if (!again && --round->running == 0) pthread_cond_signal(&baseline->idle);
    pthread_mutex_unlock(&baseline->mutex);
    if (again) send_call(context);
}

static void on_aio(void *arg)
{
    struct context *context = arg;
    if (nng_aio_result(context->aio) != 0) {
        if (!context->receiving) nng_msg_free(nng_aio_get_msg(context->aio));
        end_call(context, false);
    } else if (context->receiving) {
        end_call(context, reply_is_good(context));
    } else {
        context->receiving = true;
        nng_ctx_recv(context->ctx, context->aio);
    }
}

static void run_baseline(struct round *round)
{
    static struct baseline baseline;
    baseline.round = round;
    pthread_mutex_init(&baseline.mutex, NULL);
    pthread_cond_init(&baseline.idle, NULL);
    nng_dialer dialer;
    if (nng_req0_open(&baseline.socket) != 0 ||
        rpc_secure_dialer(&dialer, baseline.socket, round->address, "conse-events") != 0 ||
        nng_dialer_start(dialer, 0) != 0)
        exit(1);
    rpc_seals_init(&baseline.seals, keys_of(round->address), "events");
    baseline_greet(&baseline);
    round->running = (int)round->in_flight;
    for (uint32_t i = 0; i < round->in_flight; i++) {
        struct context *context = &baseline.contexts[i];
        context->baseline = &baseline;
        if (nng_ctx_open(&context->ctx, baseline.socket) != 0 ||
            nng_aio_alloc(&context->aio, on_aio, context) != 0)
            exit(1);
    }
    for (uint32_t i = 0; i < round->in_flight; i++) send_call(&baseline.contexts[i]);
    pthread_mutex_lock(&baseline.mutex);
    while (round->running > 0) pthread_cond_wait(&baseline.idle, &baseline.mutex);
    pthread_mutex_unlock(&baseline.mutex);
    for (uint32_t i = 0; i < round->in_flight; i++) {
        nng_aio_free(baseline.contexts[i].aio);
        nng_ctx_close(baseline.contexts[i].ctx);
    }
    nng_close(baseline.socket);
    rpc_seals_finish(&baseline.seals);
}

// ---- Rounds

static struct result rpc_measure(void (*run)(struct round *round), const char *address, double seconds,
                                 uint32_t in_flight)
{
    static uint32_t samples[MAX_SAMPLES];
    int64_t began_ns = clock_mono_ns();
    struct round round = {address, began_ns + (int64_t)(seconds * 1e9), in_flight, samples, 0, 0, 0};
    run(&round);
    return result_of(&round, (double)(clock_mono_ns() - began_ns) / 1e9);
}

static int by_rate(const void *a, const void *b)
{
    double x = ((const struct result *)a)->per_second, y = ((const struct result *)b)->per_second;
    return (x > y) - (x < y);
}

static void print_row(const char *transport, const char *name, uint32_t in_flight, struct result *results)
{
    qsort(results, ROUNDS, sizeof *results, by_rate);
    struct result median = results[ROUNDS / 2];
    printf("| %s | %s | %u | %.0f | %.0f | %.0f |\n", transport, name, in_flight, median.per_second,
           median.p50_us, median.p99_us);
}

static void rpc_compare(const char *transport, const char *address, double seconds, uint32_t in_flight)
{
    struct result batched[ROUNDS], baseline[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        batched[i] = rpc_measure(run_batched, address, seconds, in_flight);
        baseline[i] = rpc_measure(run_baseline, address, seconds, in_flight);
    }
    print_row(transport, "batches", in_flight, batched);
    print_row(transport, "a context per call", in_flight, baseline);
    fflush(stdout);
}

static void wait_for(const char *address)
{
    struct rpc_client *client;
    struct err err;
    struct rpc_client_options to = {.service = "events",
                                    .self = CONSE__ASKER__VALUE__GATEWAY,
                                    .address = address,
                                    .bus_keys = keys_of(address)};
    if (!rpc_client_create(&client, &to, &err) || !rpc_client_wait(client, 5000)) exit(1);
    rpc_client_destroy(client);
}

static void rpc_bench_run(const char *transport, const char *address, double seconds, uint32_t in_flight)
{
    pid_t pid = spawn_server(address);
    wait_for(address);
    rpc_compare(transport, address, seconds, 1);
    rpc_compare(transport, address, seconds, in_flight);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
    const char *certificates = getenv("RPC_BENCH_CERTIFICATES"); // of the one that serves
    struct err err;
    if (certificates && !rpc_identity_load(certificates, "conse-events", &err)) return 1;
    if (argc == 3 && strcmp(argv[1], "serve") == 0) return rpc_serve(argv[2]);
    double seconds = argc > 1 ? atof(argv[1]) : 2;
    uint32_t in_flight = argc > 2 ? (uint32_t)atoi(argv[2]) : 64;
    if (seconds <= 0 || in_flight < 1 || in_flight > MAX_IN_FLIGHT)
        return fprintf(stderr, "rpc_bench [SECONDS] [IN_FLIGHT]\n"), 2;
    char folder[] = "/tmp/rpc_bench.XXXXXX", address[64];
    if (!mkdtemp(folder)) return 1;
    snprintf(address, sizeof address, "ipc://%s/events.ipc", folder);
    printf("| transport | client | in flight | calls/s | p50 us | p99 us |\n|---|---|--:|--:|--:|--:|\n");
    rpc_bench_run("ipc", address, seconds, in_flight);
    snprintf(address, sizeof address, "tcp://127.0.0.1:%d", 20000 + (int)getpid() % 10000 * 2);
    rpc_bench_run("tcp, keyed", address, seconds, in_flight);
    char command[128];
    snprintf(command, sizeof command, "deploy/certificates.sh %s/ca %s conse-events", folder, folder);
    if (system(command) != 0 || !rpc_identity_load(folder, "conse-events", &err)) return 1;
    setenv("RPC_BENCH_CERTIFICATES", folder, 1);
    snprintf(address, sizeof address, "tls+tcp://127.0.0.1:%d", 20000 + (int)getpid() % 10000 * 2 + 1);
    rpc_bench_run("tls+tcp, keyed", address, seconds, in_flight);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}
